// WriteQueue: bytes on their way to a socket that takes them when it likes.
// Small pieces are copied side by side into chunks, large ones are kept by reference; nothing is ever moved to the front, and a chunk's memory is
// returned as soon as it has been written.
// Not thread-safe; knows no socket: gather() says what to write next, consume() what has been written.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "parley/base/bytes.hpp"

namespace parley::net {

class WriteQueue {
public:
    WriteQueue();
    WriteQueue(const WriteQueue&) = delete;
    WriteQueue& operator=(const WriteQueue&) = delete;
    ~WriteQueue();

    void append(std::string_view bytes);                           // copied
    void append_shared(SharedBytes bytes);                         // referenced until written
    void append_shared(SharedBytes bytes, std::string_view part);  // of them

    bool empty() const { return bytes_ == 0; }
    std::size_t bytes() const { return bytes_; }

    // Fills `out` from its beginning with what is to be written next, and returns the part that was filled. Valid until the next change.
    std::span<iovec> gather(std::span<iovec> out) const;

    // Precondition: count <= bytes().
    void consume(std::size_t count);
    void clear();

private:
    struct Chunk;
    Chunk& add_chunk();
    void drop_first();

    std::unique_ptr<Chunk> first_;
    Chunk* last_ = nullptr;
    std::size_t offset_ = 0;  // of first_, written already
    std::size_t bytes_ = 0;
};

}  // namespace parley::net

// WriteQueue: bytes on their way to a socket that takes them when it likes.
// Small pieces are copied side by side into chunks, large ones are kept by reference; nothing is ever moved to the front, and a chunk's memory is
// returned as soon as it has been written: to the next queue of the same thread (128 KiB are kept for them), or to the heap. An empty queue owns nothing.
// Shared bytes that come into an empty queue cost nothing at all: the queue refers to them itself, until something else follows.
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
    WriteQueue() {}  // not defaulted: g++ 12 deletes that for the union below
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

    // Asks for what gather() will look at first.
    void prefetch_first() const;

    // Precondition: count <= bytes().
    void consume(std::size_t count);
    void clear();

private:
    struct Chunk;
    class SpareChunks;
    struct Chunks {
        Chunk* first = nullptr;  // owned, like all that follow it
        Chunk* last = nullptr;
    };
    static thread_local SpareChunks spare_chunks;
    Chunk& add_chunk(std::size_t least_bytes);
    static Chunk* make_chunk(std::size_t capacity);
    void drop_first();
    void hold_alone(SharedBytes bytes);
    SharedBytes let_go();
    void make_chunk_of_alone();

    // In the same memory, because thousands of queues are empty: chunks, or shared bytes that are all there is.
    union {
        Chunks chunks_{};
        SharedBytes alone_;
    };
    std::size_t offset_ = 0;  // of the first chunk or of alone_, written already
    std::size_t bytes_ : 63 = 0;
    std::size_t holds_alone_ : 1 = 0;
};

}  // namespace parley::net

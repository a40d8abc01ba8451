#include "write_queue.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace parley::net {
namespace {

// A chunk is not grown beyond this: growing copies, and a long chunk returns its memory late.
constexpr std::size_t kChunkBytes = 16 * 1024;

}  // namespace

struct WriteQueue::Chunk {
    std::unique_ptr<Chunk> next;
    SharedBytes shared;     // either this
    std::string_view part;  // of shared
    std::string copied;     // or that
    std::string_view view() const { return shared ? part : copied; }
};

WriteQueue::WriteQueue() = default;

WriteQueue::~WriteQueue() {
    clear();
}

void WriteQueue::append(std::string_view bytes) {
    if (bytes.empty()) return;
    const bool fits = last_ && !last_->shared && last_->copied.size() + bytes.size() <= kChunkBytes;
    (fits ? *last_ : add_chunk()).copied.append(bytes);
    bytes_ += bytes.size();
}

void WriteQueue::append_shared(SharedBytes bytes) {
    const std::string_view all = *bytes;
    append_shared(std::move(bytes), all);
}

void WriteQueue::append_shared(SharedBytes bytes, std::string_view part) {
    if (part.empty()) return;
    bytes_ += part.size();
    Chunk& chunk = add_chunk();
    chunk.shared = std::move(bytes);
    chunk.part = part;
}

WriteQueue::Chunk& WriteQueue::add_chunk() {
    auto& place = last_ ? last_->next : first_;
    place = std::make_unique<Chunk>();
    last_ = place.get();
    return *last_;
}

std::span<iovec> WriteQueue::gather(std::span<iovec> out) const {
    std::size_t count = 0;
    std::size_t skip = offset_;
    for (const Chunk* chunk = first_.get(); chunk && count < out.size(); chunk = chunk->next.get()) {
        const std::string_view view = chunk->view().substr(skip);
        out[count++] = {const_cast<char*>(view.data()), view.size()};
        skip = 0;
    }
    return out.first(count);
}

void WriteQueue::consume(std::size_t count) {
    assert(count <= bytes_);
    bytes_ -= count;
    while (count > 0) {
        const std::size_t left = first_->view().size() - offset_;
        if (count < left) {
            offset_ += count;
            return;
        }
        count -= left;
        drop_first();
    }
}

void WriteQueue::clear() {
    while (first_) drop_first();
    bytes_ = 0;
}

void WriteQueue::drop_first() {
    first_ = std::move(first_->next);
    offset_ = 0;
    if (!first_) last_ = nullptr;
}

}  // namespace parley::net

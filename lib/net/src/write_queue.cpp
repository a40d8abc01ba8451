#include "write_queue.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

#include "prefetch.hpp"

namespace parley::net {

// The head of an allocation; the bytes follow it.
struct WriteQueue::Chunk {
    explicit Chunk(std::size_t bytes) : capacity(bytes) {}
    char* bytes() { return reinterpret_cast<char*>(this + 1); }
    std::string_view view() { return shared ? part : std::string_view(bytes(), size); }
    std::size_t room() const { return shared ? 0 : capacity - size; }

    static void destroy(Chunk* chunk) {
        chunk->~Chunk();
        ::operator delete(chunk);
    }

    Chunk* next = nullptr;
    SharedBytes shared;     // instead of bytes of its own
    std::string_view part;  // of shared
    const std::size_t capacity;
    std::size_t size = 0;
};

// Chunks of the first size on their way from one queue of this thread to the next: a turn's frames cost the heap nothing.
class WriteQueue::SpareChunks {
public:
    Chunk* take() {
        if (!first_) return nullptr;
        --count_;
        return std::exchange(first_, std::exchange(first_->next, nullptr));
    }
    bool keep(Chunk* chunk) {
        if (count_ >= limit_ || chunk->capacity != kFirstCapacity) return false;
        ++count_;
        chunk->size = 0;
        chunk->next = std::exchange(first_, chunk);
        return true;
    }
    // The thread ends; queues that outlive it keep nothing here any more.
    void close() {
        limit_ = 0;
        while (Chunk* chunk = take()) Chunk::destroy(chunk);
    }

    static constexpr std::size_t kFirstCapacity = 512 - sizeof(Chunk);

private:
    Chunk* first_ = nullptr;
    std::size_t count_ = 0;
    std::size_t limit_ = 256;
};

constinit thread_local WriteQueue::SpareChunks WriteQueue::spare_chunks;

namespace {

// A new chunk has room for as much as is queued already, but for no more than this: a long chunk returns its memory late.
constexpr std::size_t kLongestCapacity = 16 * 1024;

// Shared bytes that lay in a queue alone are copied when something follows, unless there are more of them: one piece is written faster than two.
constexpr std::size_t kCopiedBytes = 2048;

constexpr std::size_t kPrefetchedBytes = 256;  // of a chunk: the usual small frame

}  // namespace

WriteQueue::~WriteQueue() {
    clear();
}

void WriteQueue::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (holds_alone_) make_chunk_of_alone();
    Chunk* const last = chunks_.last;
    Chunk& chunk = last && last->room() >= bytes.size() ? *last : add_chunk(bytes.size());
    std::memcpy(chunk.bytes() + chunk.size, bytes.data(), bytes.size());
    chunk.size += bytes.size();
    bytes_ += bytes.size();
}

void WriteQueue::append_shared(SharedBytes bytes) {
    if (empty()) return hold_alone(std::move(bytes));
    const std::string_view all = *bytes;
    append_shared(std::move(bytes), all);
}

void WriteQueue::append_shared(SharedBytes bytes, std::string_view part) {
    if (part.empty()) return;
    if (holds_alone_) make_chunk_of_alone();
    bytes_ += part.size();
    Chunk& chunk = add_chunk(0);
    chunk.shared = std::move(bytes);
    chunk.part = part;
}

void WriteQueue::hold_alone(SharedBytes bytes) {
    if (bytes->empty()) return;
    bytes_ = bytes->size();
    std::construct_at(&alone_, std::move(bytes));
    holds_alone_ = 1;
}

// Leaves a queue without chunks; offset_ and bytes_ are the caller's.
SharedBytes WriteQueue::let_go() {
    SharedBytes bytes = std::move(alone_);
    std::destroy_at(&alone_);
    std::construct_at(&chunks_);
    holds_alone_ = 0;
    return bytes;
}

void WriteQueue::make_chunk_of_alone() {
    SharedBytes bytes = let_go();
    const std::string_view left = std::string_view(*bytes).substr(std::exchange(offset_, 0));
    bytes_ = 0;
    if (left.size() <= kCopiedBytes) return append(left);
    append_shared(std::move(bytes), left);
}

WriteQueue::Chunk& WriteQueue::add_chunk(std::size_t least_bytes) {
    const std::size_t as_much_again = std::min<std::size_t>(bytes_, kLongestCapacity);
    Chunk* chunk = make_chunk(least_bytes == 0 ? 0 : std::max({least_bytes, as_much_again, SpareChunks::kFirstCapacity}));
    (chunks_.last ? chunks_.last->next : chunks_.first) = chunk;
    return *(chunks_.last = chunk);
}

WriteQueue::Chunk* WriteQueue::make_chunk(std::size_t capacity) {
    if (capacity == SpareChunks::kFirstCapacity) {
        if (Chunk* spare = spare_chunks.take()) return spare;
    }
    struct AtThreadEnd {
        ~AtThreadEnd() { spare_chunks.close(); }
    };
    static thread_local AtThreadEnd at_thread_end;
    return new (::operator new(sizeof(Chunk) + capacity)) Chunk(capacity);
}

std::span<iovec> WriteQueue::gather(std::span<iovec> out) const {
    std::size_t count = 0;
    std::size_t skip = offset_;
    const auto add = [&](std::string_view bytes) { out[count++] = {const_cast<char*>(bytes.data() + skip), bytes.size() - skip}; };
    if (holds_alone_) {
        if (!out.empty()) add(*alone_);
        return out.first(count);
    }
    for (Chunk* chunk = chunks_.first; chunk && count < out.size(); chunk = chunk->next) {
        add(chunk->view());
        skip = 0;
    }
    return out.first(count);
}

void WriteQueue::prefetch_first() const {
    if (!holds_alone_ && chunks_.first) prefetch(chunks_.first, kPrefetchedBytes);
}

void WriteQueue::consume(std::size_t count) {
    assert(count <= bytes_);
    if (holds_alone_ && count == bytes_) return clear();
    bytes_ -= count;
    if (holds_alone_) {
        offset_ += count;
        return;
    }
    while (count > 0) {
        const std::size_t left = chunks_.first->view().size() - offset_;
        if (count < left) {
            offset_ += count;
            return;
        }
        count -= left;
        drop_first();
    }
}

void WriteQueue::clear() {
    if (holds_alone_) let_go();
    while (chunks_.first) drop_first();
    offset_ = 0;
    bytes_ = 0;
}

void WriteQueue::drop_first() {
    Chunk* chunk = std::exchange(chunks_.first, chunks_.first->next);
    offset_ = 0;
    if (!chunks_.first) chunks_.last = nullptr;
    chunk->next = nullptr;
    if (!spare_chunks.keep(chunk)) Chunk::destroy(chunk);
}

}  // namespace parley::net

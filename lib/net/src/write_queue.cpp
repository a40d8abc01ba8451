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

constexpr std::size_t kPrefetchedBytes = 256;  // of a chunk: the usual small frame

}  // namespace

WriteQueue::~WriteQueue() {
    clear();
}

void WriteQueue::append(std::string_view bytes) {
    if (bytes.empty()) return;
    Chunk& chunk = last_ && last_->room() >= bytes.size() ? *last_ : add_chunk(bytes.size());
    std::memcpy(chunk.bytes() + chunk.size, bytes.data(), bytes.size());
    chunk.size += bytes.size();
    bytes_ += bytes.size();
}

void WriteQueue::append_shared(SharedBytes bytes) {
    const std::string_view all = *bytes;
    append_shared(std::move(bytes), all);
}

void WriteQueue::append_shared(SharedBytes bytes, std::string_view part) {
    if (part.empty()) return;
    bytes_ += part.size();
    Chunk& chunk = add_chunk(0);
    chunk.shared = std::move(bytes);
    chunk.part = part;
}

WriteQueue::Chunk& WriteQueue::add_chunk(std::size_t least_bytes) {
    const std::size_t as_much_again = std::min(bytes_, kLongestCapacity);
    Chunk* chunk = make_chunk(least_bytes == 0 ? 0 : std::max({least_bytes, as_much_again, SpareChunks::kFirstCapacity}));
    (last_ ? last_->next : first_) = chunk;
    return *(last_ = chunk);
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
    for (Chunk* chunk = first_; chunk && count < out.size(); chunk = chunk->next) {
        const std::string_view view = chunk->view().substr(skip);
        out[count++] = {const_cast<char*>(view.data()), view.size()};
        skip = 0;
    }
    return out.first(count);
}

void WriteQueue::prefetch_first() const {
    if (first_) prefetch(first_, kPrefetchedBytes);
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
    Chunk* chunk = std::exchange(first_, first_->next);
    offset_ = 0;
    if (!first_) last_ = nullptr;
    chunk->next = nullptr;
    if (!spare_chunks.keep(chunk)) Chunk::destroy(chunk);
}

}  // namespace parley::net

// RoomFilter: which rooms certainly nobody on a loop is in: counts rooms by their hash, for all namespaces. Asked before an event is encoded and posted.
// Memory: kSlots counters, of which the kernel provides those pages that have been used.
// Threading: changed on its loop; has_none_of() on any thread, and what happened before it there or here it sees.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace parley::socketio {

class RoomFilter {
public:
    static constexpr std::size_t kSlots = 32 * 1024;

    RoomFilter() : counts_(map()) {}

    void add(std::string_view room) { change(room, 1); }
    void remove(std::string_view room) { change(room, -1); }
    // False is no answer. Where there was no memory it never is true.
    bool has_none_of(std::string_view room) const { return counts_ && slot_of(room).load(std::memory_order_acquire) == 0; }

private:
    using Count = std::atomic<std::uint32_t>;
    struct Unmap {
        void operator()(Count* counts) const { ::munmap(counts, kSlots * sizeof(Count)); }
    };
    static std::unique_ptr<Count, Unmap> map() {
        void* const pages = ::mmap(nullptr, kSlots * sizeof(Count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return std::unique_ptr<Count, Unmap>(pages == MAP_FAILED ? nullptr : static_cast<Count*>(pages));
    }
    Count& slot_of(std::string_view room) const { return counts_.get()[std::hash<std::string_view>()(room) % kSlots]; }
    // One writer: no locked instruction.
    void change(std::string_view room, int by) {
        if (!counts_) return;
        Count& count = slot_of(room);
        count.store(count.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(by), std::memory_order_release);
    }

    const std::unique_ptr<Count, Unmap> counts_;
};

}  // namespace parley::socketio

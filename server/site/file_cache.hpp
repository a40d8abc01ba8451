// FileCache: what is known of the files of the static folder, and the contents of small ones, up to a number of bytes; those not asked for the longest
// go first. It does not know whether a file has changed: an entry carries its stamp and when that was last compared with the disk.
// Threading: any thread; one mutex, held for a look-up.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "parley/base/bytes.hpp"
#include "site/beneath.hpp"

namespace parley::site {

class FileCache {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t kEntryBytes = 256;  // what an entry counts beyond its content

    struct Entry {
        std::optional<Stamp> stamp;  // nullopt: there is no such file
        SharedBytes bytes;           // null: the content is not kept
        Clock::time_point checked;
    };

    explicit FileCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    std::optional<Entry> find(const std::string& name);
    // Replaces an entry of that name. What is larger than a quarter of the cache is not taken.
    void put(const std::string& name, Entry entry);
    // The disk has been looked at and has the entry's stamp.
    void confirm(const std::string& name, const Stamp& stamp, Clock::time_point now);
    void erase(const std::string& name);

    std::size_t bytes() const;

private:
    struct Slot {
        Entry entry;
        std::uint64_t used = 0;
    };
    void remove(std::map<std::string, Slot>::iterator slot);

    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::map<std::string, Slot> slots_;  // guarded by mutex_
    std::size_t bytes_ = 0;              // guarded by mutex_
    std::uint64_t uses_ = 0;             // guarded by mutex_
};

}  // namespace parley::site

// PowerCutDisk: a disk in memory that forgets what was not synced when its power is cut, as real ones do, and that can be full or broken.
//
// The model. A write is seen at once by everybody and becomes durable with the next sync of its file. At a cut each sector (512 bytes) of each unsynced
// write survives or not, by chance; so do truncations, new files and deletions. A sync that fails is the nasty kind: by chance part of the data reached
// the disk, and no later sync will write the rest (Linux marks such pages clean).
// After a cut everything that was open is dead: every operation fails. What is opened after restore_power() sees what survived.
// Names are apart from contents: what was made or removed is durable when the folder is synced.
//
// This is the disk; power_cut_vfs.hpp lets SQLite use it.
// Threading: any thread; one mutex, held by the caller through lock() for the operations on files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace parley::power_cut {

inline constexpr std::uint64_t kSectorBytes = 512;

struct VfsFile;

// One file, until the next cut.
struct StoredFile {
    struct Change {
        std::uint64_t offset = 0;
        std::string bytes;
        bool truncates = false;  // to `offset`
    };
    std::string path;              // "" for a temporary one
    std::string content;           // what everybody sees
    std::string durable;           // what a cut leaves in any case
    bool durable_name = false;     // whether a cut leaves the file at all
    std::vector<Change> unsynced;  // what content has and durable has not, in order

    std::vector<VfsFile*> open_handles;                  // whose locks count
    std::vector<std::unique_ptr<char[]>> shared_memory;  // the index of a write-ahead log
};

enum class Outcome : std::uint8_t { Done, Failed, Full };

class PowerCutDisk {
public:
    explicit PowerCutDisk(std::uint64_t seed) : random_(seed) {}

    // The power fails at the `operations`-th change of the disk from now, in the middle of it.
    void cut_after(std::uint64_t operations);
    void cut();
    void restore_power();
    bool powered();

    // Faults, until they are taken back.
    void set_capacity(std::optional<std::uint64_t> bytes);
    void fail_syncs(bool failing);

    std::uint64_t size_of(const std::string& path);
    std::uint64_t syncs();
    // Overwrites a part of a file, durably.
    void damage(const std::string& path, std::uint64_t offset, std::string_view bytes);

    // For the VFS, with the lock held.
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
    std::uint64_t power_cycle() const { return power_cycle_; }
    bool powered_now() const { return powered_; }
    std::shared_ptr<StoredFile> find(const std::string& path);
    std::shared_ptr<StoredFile> create(const std::string& path);
    Outcome write(StoredFile& file, std::uint64_t offset, std::string_view bytes);
    Outcome truncate(StoredFile& file, std::uint64_t size);
    Outcome sync(StoredFile& file);
    void sync_folder();
    Outcome remove(const std::string& path);

private:
    bool tick();
    void cut_now();
    bool chance() { return (random_() & 1) != 0; }
    void keep_some(std::string& durable, const StoredFile::Change& change);
    std::uint64_t used() const;

    std::mutex mutex_;  // guards everything below
    std::mt19937_64 random_;
    std::map<std::string, std::shared_ptr<StoredFile>> files_;
    std::map<std::string, std::shared_ptr<StoredFile>> removed_;  // since the folder was synced: they may come back
    bool powered_ = true;
    std::uint64_t power_cycle_ = 0;
    std::uint64_t countdown_ = 0;  // 0: no cut is planned
    std::uint64_t syncs_ = 0;
    bool failing_syncs_ = false;
    std::optional<std::uint64_t> capacity_;
};

}  // namespace parley::power_cut

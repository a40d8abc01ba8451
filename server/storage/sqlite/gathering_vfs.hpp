// GatheringVfs: files as another VFS keeps them, but what SQLite appends to its write-ahead log goes to the file in one write before each sync, instead
// of two for every page. A third of what writing the log costs the kernel is left.
//
// Only for connections with synchronous=FULL: they sync the log before they tell other connections of a commit (by the shared index of the log), so that
// nobody looks for what is still gathered. Whatever else is done to the log's file writes out first what is gathered, and a write that fails
// fails the sync or whatever it was, and is tried again by the next. What a transaction that is undone has gathered is forgotten. A crash loses what
// would have been lost without a sync.
// Threading: one connection's. Ownership: outlives the connection that was opened with it.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

namespace parley::storage::sqlite {

class GatheringVfs {
public:
    static constexpr int kMostGathered = 128 * 1024;  // bytes; more is written in several pieces

    // base: "" for the system's. nullptr: there is no VFS of that name.
    static std::unique_ptr<GatheringVfs> over(const std::string& base);
    ~GatheringVfs();
    GatheringVfs(const GatheringVfs&) = delete;
    GatheringVfs& operator=(const GatheringVfs&) = delete;

    // To open a connection by.
    const std::string& name() const { return name_; }
    // Once it is open, before it changes anything. Takes its rollback hook.
    static void attach(sqlite3* connection);

private:
    explicit GatheringVfs(sqlite3_vfs* base);
    static void forget_undone(void* connection);
    static int open(sqlite3_vfs* self, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags);

    struct Registered : sqlite3_vfs {
        sqlite3_vfs* base;
    };
    const std::string name_;
    Registered vfs_;
};

}  // namespace parley::storage::sqlite

#include "storage/sqlite/gathering_vfs.hpp"

#include <atomic>
#include <cstring>
#include <new>
#include <string_view>

namespace parley::storage::sqlite {
namespace {

// The log. SQLite allots szOsFile bytes for it: the base's file lies behind it.
struct LogFile : sqlite3_file {
    sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    sqlite3_int64 end() const { return begin + size; }
    bool holds_some_of(sqlite3_int64 offset, int count) const { return size > 0 && offset < end() && begin < offset + count; }

    std::unique_ptr<char[]> gathered;  // kMostGathered bytes, of which those never used take no memory
    int size = 0;                      // so many of them
    sqlite3_int64 begin = 0;           // where in the file
};
static_assert(sizeof(LogFile) % 8 == 0 && alignof(LogFile) <= 8);  // what SQLite keeps to

LogFile& log_of(sqlite3_file* file) {
    return *static_cast<LogFile*>(file);
}

// After a failure all is kept: SQLite may undo no more than the statement that met with it, and commit what it believes to be in the log.
int write_out(LogFile& log) {
    if (log.size == 0) return SQLITE_OK;
    const int code = log.inner()->pMethods->xWrite(log.inner(), log.gathered.get(), log.size, log.begin);
    if (code == SQLITE_OK) log.size = 0;
    return code;
}

bool has_room_for(const LogFile& log, int count) {
    return log.gathered && count <= GatheringVfs::kMostGathered - log.size;
}

int write_log(sqlite3_file* file, const void* data, int count, sqlite3_int64 offset) {
    LogFile& log = log_of(file);
    if (!log.gathered) log.gathered.reset(new (std::nothrow) char[GatheringVfs::kMostGathered]);
    if (log.size > 0 && (offset != log.end() || !has_room_for(log, count))) {
        if (const int code = write_out(log); code != SQLITE_OK) return code;
    }
    if (!has_room_for(log, count)) return log.inner()->pMethods->xWrite(log.inner(), data, count, offset);
    if (log.size == 0) log.begin = offset;
    std::memcpy(log.gathered.get() + log.size, data, static_cast<std::size_t>(count));
    log.size += count;
    return SQLITE_OK;
}

int read_log(sqlite3_file* file, void* data, int count, sqlite3_int64 offset) {
    LogFile& log = log_of(file);
    const int code = log.holds_some_of(offset, count) ? write_out(log) : SQLITE_OK;
    return code == SQLITE_OK ? log.inner()->pMethods->xRead(log.inner(), data, count, offset) : code;
}

// What has to see everything in the file.
template <auto Method, class... Arguments>
int after_writing(sqlite3_file* file, Arguments... arguments) {
    LogFile& log = log_of(file);
    const int code = write_out(log);
    return code == SQLITE_OK ? (log.inner()->pMethods->*Method)(log.inner(), arguments...) : code;
}

template <auto Method, class... Arguments>
int as_it_is(sqlite3_file* file, Arguments... arguments) {
    sqlite3_file* const inner = log_of(file).inner();
    return (inner->pMethods->*Method)(inner, arguments...);
}

// What is gathered now was never committed.
int close_log(sqlite3_file* file) {
    LogFile& log = log_of(file);
    const int closed = log.inner()->pMethods->xClose(log.inner());
    log.~LogFile();
    return closed;
}

constexpr sqlite3_io_methods make_methods() {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;
    methods.xClose = close_log;
    methods.xRead = read_log;
    methods.xWrite = write_log;
    methods.xTruncate = after_writing<&sqlite3_io_methods::xTruncate, sqlite3_int64>;
    methods.xSync = after_writing<&sqlite3_io_methods::xSync, int>;
    methods.xFileSize = after_writing<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
    methods.xLock = as_it_is<&sqlite3_io_methods::xLock, int>;
    methods.xUnlock = as_it_is<&sqlite3_io_methods::xUnlock, int>;
    methods.xCheckReservedLock = as_it_is<&sqlite3_io_methods::xCheckReservedLock, int*>;
    methods.xFileControl = after_writing<&sqlite3_io_methods::xFileControl, int, void*>;
    methods.xSectorSize = as_it_is<&sqlite3_io_methods::xSectorSize>;
    methods.xDeviceCharacteristics = as_it_is<&sqlite3_io_methods::xDeviceCharacteristics>;
    return methods;
}
constexpr sqlite3_io_methods kLogMethods = make_methods();

std::string next_name(std::string_view base) {
    static std::atomic<unsigned> count = 0;
    return "gathering-" + std::to_string(++count) + '-' + std::string(base);
}

}  // namespace

std::unique_ptr<GatheringVfs> GatheringVfs::over(const std::string& base) {
    sqlite3_vfs* const found = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
    return found ? std::unique_ptr<GatheringVfs>(new GatheringVfs(found)) : nullptr;
}

GatheringVfs::GatheringVfs(sqlite3_vfs* base) : name_(next_name(base->zName)), vfs_{*base, base} {
    vfs_.szOsFile += static_cast<int>(sizeof(LogFile));
    vfs_.pNext = nullptr;
    vfs_.zName = name_.c_str();
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 0);
}

GatheringVfs::~GatheringVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

void GatheringVfs::attach(sqlite3* connection) {
    sqlite3_rollback_hook(connection, forget_undone, connection);
}

// Others may commit, in the same place of the log, as soon as this connection has let go of it.
void GatheringVfs::forget_undone(void* connection) {
    sqlite3_file* log = nullptr;
    sqlite3_file_control(static_cast<sqlite3*>(connection), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log && log->pMethods == &kLogMethods) log_of(log).size = 0;
}

// Other files are the base's own.
int GatheringVfs::open(sqlite3_vfs* self, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    sqlite3_vfs* const base = static_cast<Registered*>(self)->base;
    if (!(flags & SQLITE_OPEN_WAL)) return base->xOpen(base, name, file, flags, out_flags);
    auto* const log = new (file) LogFile();
    const int code = base->xOpen(base, name, log->inner(), flags, out_flags);
    log->pMethods = code == SQLITE_OK ? &kLogMethods : nullptr;
    if (code == SQLITE_OK) return code;
    if (log->inner()->pMethods) log->inner()->pMethods->xClose(log->inner());
    log->~LogFile();
    file->pMethods = nullptr;
    return code;
}

}  // namespace parley::storage::sqlite

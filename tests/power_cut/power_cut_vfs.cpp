#include "power_cut/power_cut_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

namespace parley::power_cut {

// An open file, as SQLite holds it.
struct VfsFile {
    sqlite3_file base;  // first: SQLite sees only this
    PowerCutDisk* disk;
    std::shared_ptr<StoredFile> file;
    std::uint64_t power_cycle;
    bool delete_on_close;
    bool syncs_folder;  // at its first sync, as the system's VFS does for journals and write-ahead logs
    int lock_level = SQLITE_LOCK_NONE;
    unsigned shared_slots = 0;  // locks on the shared memory: one bit per slot
    unsigned exclusive_slots = 0;

    bool dead() const { return !disk->powered_now() || power_cycle != disk->power_cycle(); }
};

namespace {

VfsFile& handle_of(sqlite3_file* base) {
    return *reinterpret_cast<VfsFile*>(base);
}

PowerCutDisk& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<PowerCutDisk*>(vfs->pAppData);
}

sqlite3_vfs* system_vfs() {
    return sqlite3_vfs_find(nullptr);
}

int close_file(sqlite3_file* base) {
    VfsFile& handle = handle_of(base);
    {
        const auto held = handle.disk->lock();
        std::erase(handle.file->open_handles, &handle);
        if (handle.delete_on_close && !handle.dead()) handle.disk->remove(handle.file->path);
    }
    handle.~VfsFile();
    return SQLITE_OK;
}

int read_file(sqlite3_file* base, void* buffer, int count, sqlite3_int64 offset) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    if (handle.dead()) return SQLITE_IOERR_READ;
    const std::string& content = handle.file->content;
    const auto start = std::min(static_cast<std::size_t>(offset), content.size());
    const auto available = std::min(static_cast<std::size_t>(count), content.size() - start);
    std::memcpy(buffer, content.data() + start, available);
    std::memset(static_cast<char*>(buffer) + available, 0, static_cast<std::size_t>(count) - available);
    return available == static_cast<std::size_t>(count) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* base, const void* buffer, int count, sqlite3_int64 offset) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    if (handle.dead()) return SQLITE_IOERR_WRITE;
    const std::string_view bytes(static_cast<const char*>(buffer), static_cast<std::size_t>(count));
    switch (handle.disk->write(*handle.file, static_cast<std::uint64_t>(offset), bytes)) {
        case Outcome::Done: return SQLITE_OK;
        case Outcome::Full: return SQLITE_FULL;
        case Outcome::Failed: break;
    }
    return SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    if (handle.dead()) return SQLITE_IOERR_TRUNCATE;
    const Outcome outcome = handle.disk->truncate(*handle.file, static_cast<std::uint64_t>(size));
    return outcome == Outcome::Done ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int sync_file(sqlite3_file* base, int) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    if (handle.dead()) return SQLITE_IOERR_FSYNC;
    if (handle.disk->sync(*handle.file) != Outcome::Done) return SQLITE_IOERR_FSYNC;
    if (std::exchange(handle.syncs_folder, false)) handle.disk->sync_folder();
    return SQLITE_OK;
}

int size_of_file(sqlite3_file* base, sqlite3_int64* size) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    if (handle.dead()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle.file->content.size());
    return SQLITE_OK;
}

// Whether another connection holds the file at `level` or above.
bool others_hold(const VfsFile& handle, int level) {
    const auto& all = handle.file->open_handles;
    return std::any_of(all.begin(), all.end(), [&](const VfsFile* other) { return other != &handle && other->lock_level >= level; });
}

// https://www.sqlite.org/lockingv3.html: readers share; one may reserve beside them; pending lets no new reader in; exclusive waits for the last.
int lock_file(sqlite3_file* base, int level) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    if (handle.dead()) return SQLITE_IOERR_LOCK;
    if (handle.lock_level >= level) return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED && others_hold(handle, SQLITE_LOCK_PENDING)) return SQLITE_BUSY;
    if (level >= SQLITE_LOCK_RESERVED && others_hold(handle, SQLITE_LOCK_RESERVED)) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && others_hold(handle, SQLITE_LOCK_SHARED)) {
        handle.lock_level = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    handle.lock_level = level;
    return SQLITE_OK;
}

int unlock_file(sqlite3_file* base, int level) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    handle.lock_level = std::min(handle.lock_level, level);
    return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* base, int* reserved) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    *reserved = handle.lock_level >= SQLITE_LOCK_RESERVED || others_hold(handle, SQLITE_LOCK_RESERVED);
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
    return 4096;
}

// As the system's VFS says of ordinary files: a write leaves the bytes beside it alone, also at a power cut.
int device_characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_shared_memory(sqlite3_file* base, int region, int bytes, int extend, void volatile** memory) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    *memory = nullptr;
    if (handle.dead()) return SQLITE_IOERR_SHMMAP;
    auto& regions = handle.file->shared_memory;
    while (extend && regions.size() <= static_cast<std::size_t>(region)) {
        regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
    }
    if (static_cast<std::size_t>(region) < regions.size()) *memory = regions[static_cast<std::size_t>(region)].get();
    return SQLITE_OK;
}

int lock_shared_memory(sqlite3_file* base, int first, int count, int flags) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    const unsigned slots = ((1u << count) - 1) << first;
    if (flags & SQLITE_SHM_UNLOCK) {
        handle.shared_slots &= ~slots;
        handle.exclusive_slots &= ~slots;
        return SQLITE_OK;
    }
    if (handle.dead()) return SQLITE_IOERR_SHMLOCK;
    for (const VfsFile* other : handle.file->open_handles) {
        if (other == &handle) continue;
        const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
        if ((other->exclusive_slots & slots) || (exclusive && (other->shared_slots & slots))) return SQLITE_BUSY;
    }
    (flags & SQLITE_SHM_EXCLUSIVE ? handle.exclusive_slots : handle.shared_slots) |= slots;
    return SQLITE_OK;
}

void shared_memory_barrier(sqlite3_file* base) {
    const auto held = handle_of(base).disk->lock();
}

int unmap_shared_memory(sqlite3_file* base, int remove) {
    VfsFile& handle = handle_of(base);
    const auto held = handle.disk->lock();
    handle.shared_slots = handle.exclusive_slots = 0;
    if (remove) handle.file->shared_memory.clear();
    return SQLITE_OK;
}

const sqlite3_io_methods kFileMethods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = map_shared_memory,
    .xShmLock = lock_shared_memory,
    .xShmBarrier = shared_memory_barrier,
    .xShmUnmap = unmap_shared_memory,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* base, int flags, int* out_flags) {
    PowerCutDisk& disk = disk_of(vfs);
    base->pMethods = nullptr;
    const auto held = disk.lock();
    if (!disk.powered_now()) return SQLITE_CANTOPEN;
    auto file = name ? disk.find(name) : nullptr;
    if (!file && name && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    if (!file) file = disk.create(name ? name : "");

    VfsFile* handle = new (base) VfsFile{.base = {&kFileMethods},
                                         .disk = &disk,
                                         .file = file,
                                         .power_cycle = disk.power_cycle(),
                                         .delete_on_close = name && (flags & SQLITE_OPEN_DELETEONCLOSE),
                                         .syncs_folder = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0};
    file->open_handles.push_back(handle);
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    PowerCutDisk& disk = disk_of(vfs);
    const auto held = disk.lock();
    if (!disk.powered_now()) return SQLITE_IOERR_DELETE;
    if (!disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
    if (disk.remove(name) != Outcome::Done) return SQLITE_IOERR_DELETE;
    if (sync_folder) disk.sync_folder();
    return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* accessible) {
    PowerCutDisk& disk = disk_of(vfs);
    const auto held = disk.lock();
    if (!disk.powered_now()) return SQLITE_IOERR_ACCESS;
    *accessible = disk.find(name) != nullptr;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int capacity, char* out) {
    sqlite3_snprintf(capacity, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int count, char* out) {
    return system_vfs()->xRandomness(system_vfs(), count, out);
}

int sleep_for_microseconds(sqlite3_vfs*, int microseconds) {
    return system_vfs()->xSleep(system_vfs(), microseconds);
}

int current_time(sqlite3_vfs*, sqlite3_int64* now) {
    return system_vfs()->xCurrentTimeInt64(system_vfs(), now);
}

int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

std::string next_name() {
    static std::atomic<int> count = 0;
    return "power-cut-" + std::to_string(++count);
}

}  // namespace

PowerCutVfs::PowerCutVfs(PowerCutDisk& disk) : name_(next_name()), vfs_(std::make_unique<sqlite3_vfs>()) {
    vfs_->iVersion = 2;
    vfs_->szOsFile = sizeof(VfsFile);
    vfs_->mxPathname = 1024;
    vfs_->zName = name_.c_str();
    vfs_->pAppData = &disk;
    vfs_->xOpen = open_file;
    vfs_->xDelete = delete_file;
    vfs_->xAccess = access_file;
    vfs_->xFullPathname = full_path;
    vfs_->xRandomness = randomness;
    vfs_->xSleep = sleep_for_microseconds;
    vfs_->xGetLastError = last_error;
    vfs_->xCurrentTimeInt64 = current_time;
    sqlite3_vfs_register(vfs_.get(), 0);
}

PowerCutVfs::~PowerCutVfs() {
    sqlite3_vfs_unregister(vfs_.get());
}

}  // namespace parley::power_cut

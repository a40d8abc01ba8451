// PowerCutVfs: makes a PowerCutDisk a place where SQLite keeps files: pass its name to a connection. Locks and the shared memory of a write-ahead log work
// between the connections of this process.
// Ownership: the disk outlives it, and every connection is closed before it goes.
#pragma once

#include <string>

#include "power_cut/power_cut_disk.hpp"

struct sqlite3_vfs;

namespace parley::power_cut {

class PowerCutVfs {
public:
    explicit PowerCutVfs(PowerCutDisk& disk);
    ~PowerCutVfs();
    PowerCutVfs(const PowerCutVfs&) = delete;
    PowerCutVfs& operator=(const PowerCutVfs&) = delete;

    const std::string& name() const { return name_; }

private:
    const std::string name_;
    std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace parley::power_cut

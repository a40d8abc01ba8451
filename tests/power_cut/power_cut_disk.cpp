#include "power_cut/power_cut_disk.hpp"

#include <algorithm>

namespace parley::power_cut {
namespace {

void apply_change(std::string& content, const StoredFile::Change& change) {
    if (change.truncates) {
        content.resize(change.offset);
        return;
    }
    const std::uint64_t end = change.offset + change.bytes.size();
    if (content.size() < end) content.resize(end);
    std::copy(change.bytes.begin(), change.bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

}  // namespace

void PowerCutDisk::cut_after(std::uint64_t operations) {
    const auto held = lock();
    countdown_ = operations;
}

void PowerCutDisk::cut() {
    const auto held = lock();
    cut_now();
}

void PowerCutDisk::restore_power() {
    const auto held = lock();
    if (powered_) cut_now();
    powered_ = true;
}

bool PowerCutDisk::powered() {
    const auto held = lock();
    return powered_;
}

void PowerCutDisk::set_capacity(std::optional<std::uint64_t> bytes) {
    const auto held = lock();
    capacity_ = bytes;
}

void PowerCutDisk::fail_syncs(bool failing) {
    const auto held = lock();
    failing_syncs_ = failing;
}

std::uint64_t PowerCutDisk::size_of(const std::string& path) {
    const auto held = lock();
    const auto file = find(path);
    return file ? file->content.size() : 0;
}

std::uint64_t PowerCutDisk::syncs() {
    const auto held = lock();
    return syncs_;
}

void PowerCutDisk::damage(const std::string& path, std::uint64_t offset, std::string_view bytes) {
    const auto held = lock();
    const auto file = find(path);
    if (!file) return;
    const StoredFile::Change change{offset, std::string(bytes), false};
    apply_change(file->content, change);
    apply_change(file->durable, change);
}

std::shared_ptr<StoredFile> PowerCutDisk::find(const std::string& path) {
    const auto found = files_.find(path);
    return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<StoredFile> PowerCutDisk::create(const std::string& path) {
    auto file = std::make_shared<StoredFile>();
    file->path = path;
    if (!path.empty()) files_[path] = file;
    removed_.erase(path);
    return file;
}

Outcome PowerCutDisk::write(StoredFile& file, std::uint64_t offset, std::string_view bytes) {
    const std::uint64_t end = offset + bytes.size();
    const std::uint64_t growth = end > file.content.size() ? end - file.content.size() : 0;
    if (capacity_ && growth > 0 && used() + growth > *capacity_) return Outcome::Full;
    file.unsynced.push_back({offset, std::string(bytes), false});
    apply_change(file.content, file.unsynced.back());
    return tick() ? Outcome::Done : Outcome::Failed;
}

Outcome PowerCutDisk::truncate(StoredFile& file, std::uint64_t size) {
    file.unsynced.push_back({size, "", true});
    apply_change(file.content, file.unsynced.back());
    return tick() ? Outcome::Done : Outcome::Failed;
}

Outcome PowerCutDisk::sync(StoredFile& file) {
    ++syncs_;
    if (!tick()) return Outcome::Failed;
    for (const auto& change : file.unsynced) {
        if (failing_syncs_) {
            keep_some(file.durable, change);
        } else {
            apply_change(file.durable, change);
        }
    }
    file.unsynced.clear();
    return failing_syncs_ ? Outcome::Failed : Outcome::Done;
}

void PowerCutDisk::sync_folder() {
    removed_.clear();
    for (const auto& [path, file] : files_) file->durable_name = true;
}

Outcome PowerCutDisk::remove(const std::string& path) {
    const auto found = files_.find(path);
    if (found == files_.end()) return Outcome::Done;
    if (found->second->durable_name) removed_[path] = found->second;
    files_.erase(found);
    return tick() ? Outcome::Done : Outcome::Failed;
}

// One more change of the disk. False: the power failed in the middle of it.
bool PowerCutDisk::tick() {
    if (countdown_ == 0) return true;
    if (--countdown_ > 0) return true;
    cut_now();
    return false;
}

// What is open keeps the old files, which nobody else sees any more; the survivors are new ones.
void PowerCutDisk::cut_now() {
    std::map<std::string, std::shared_ptr<StoredFile>> before;
    before.swap(files_);
    for (const auto& [path, file] : removed_) {
        if (chance()) before.emplace(path, file);
    }
    removed_.clear();
    for (const auto& [path, file] : before) {
        if (!file->durable_name && chance()) continue;
        auto survivor = std::make_shared<StoredFile>();
        survivor->path = path;
        survivor->durable = file->durable;
        for (const auto& change : file->unsynced) keep_some(survivor->durable, change);
        survivor->content = survivor->durable;
        survivor->durable_name = true;
        files_[path] = survivor;
    }
    powered_ = false;
    countdown_ = 0;
    ++power_cycle_;
}

// Each sector of a write, by chance. A disk may also drop all of it, or lose only what came last: both are likely enough to be tried.
void PowerCutDisk::keep_some(std::string& durable, const StoredFile::Change& change) {
    if (change.truncates || chance()) {
        if (chance()) apply_change(durable, change);
        return;
    }
    for (std::uint64_t start = 0; start < change.bytes.size();) {
        const std::uint64_t next_sector = ((change.offset + start) / kSectorBytes + 1) * kSectorBytes;
        const std::uint64_t length = std::min(next_sector - change.offset - start, change.bytes.size() - start);
        if (chance()) apply_change(durable, {change.offset + start, change.bytes.substr(start, length), false});
        start += length;
    }
}

std::uint64_t PowerCutDisk::used() const {
    std::uint64_t bytes = 0;
    for (const auto& [path, file] : files_) bytes += file->content.size();
    return bytes;
}

}  // namespace parley::power_cut

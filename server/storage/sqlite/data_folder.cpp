#include "storage/sqlite/data_folder.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace parley::storage::sqlite {
namespace {

std::unexpected<Error> unusable(const std::filesystem::path& path, int error) {
    return fail(ErrorCode::InvalidArgument, fmt::format("cannot use {}: {}", path.string(), std::strerror(error)));
}

// A folder's name is durable when the folder that holds it is.
void sync_folder(const std::filesystem::path& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);
    ::close(folder);
}

Result<bool> make_folder(const std::filesystem::path& path) {
    std::error_code ignored;
    if (path.empty() || std::filesystem::is_directory(path, ignored)) return true;
    const auto parent = path.parent_path();
    TRY([[maybe_unused]] const bool made, make_folder(parent));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return unusable(path, errno);
    sync_folder(parent.empty() ? "." : parent);
    return true;
}

}  // namespace

Result<DataFolder> DataFolder::open(const std::filesystem::path& path) {
    TRY([[maybe_unused]] const bool made, make_folder(path));
    const auto lock_path = path / "lock";
    const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return unusable(lock_path, errno);
    DataFolder folder(path, lock);
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return folder;
    if (errno != EWOULDBLOCK) return unusable(lock_path, errno);
    return fail(ErrorCode::AlreadyExists, fmt::format("{} is in use by another server", path.string()));
}

DataFolder::~DataFolder() {
    if (lock_ >= 0) ::close(lock_);
}

DataFolder::DataFolder(DataFolder&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Result<std::string> DataFolder::private_file(const std::string& name) const {
    const auto path = path_ / name;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return unusable(path, errno);
    const int changed = ::fchmod(file, 0600);
    const int error = errno;
    ::close(file);
    if (changed != 0) return unusable(path, error);
    return path.string();
}

}  // namespace parley::storage::sqlite

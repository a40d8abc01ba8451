#include "auth/secret.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::auth {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxSecretBytes = 4096;

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool open() const { return fd_ >= 0; }

private:
    int fd_;
};

// What a moment's patience may help.
bool may_pass(int error) {
    return error == ENOSPC || error == EDQUOT || error == EIO || error == EMFILE || error == ENFILE || error == ENOMEM;
}

std::unexpected<Error> failure(const char* what, const std::filesystem::path& path) {
    return fail(may_pass(errno) ? ErrorCode::Unavailable : ErrorCode::InvalidArgument,
                fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
}

// nullopt: there is no such file.
Result<std::optional<std::string>> read_file(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.open() && errno == ENOENT) return std::nullopt;
    if (!file.open()) return failure("open", path);
    std::string text(kMaxSecretBytes, '\0');
    const ssize_t length = ::read(file.get(), text.data(), text.size());
    if (length < 0) return failure("read", path);
    text.resize(static_cast<std::size_t>(length));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) return fail(ErrorCode::Unavailable, fmt::format("{} is empty: delete it, or write a secret into it", path.string()));
    return text;
}

Result<bool> write_synced(const std::filesystem::path& path, std::string_view text) {
    ::unlink(path.c_str());  // left over from a start that was cut
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.open()) return failure("create", path);
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 || static_cast<std::size_t>(written) != text.size() || ::fsync(file.get()) != 0) return failure("write", path);
    return true;
}

Result<bool> sync_folder(const std::filesystem::path& folder) {
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.open() || ::fsync(directory.get()) != 0) return failure("sync", folder);
    return true;
}

}  // namespace

Result<std::string> load_or_create_secret(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / kSecretFile;
    TRY(auto present, read_file(path));
    if (present) return std::move(*present);
    const std::string secret = base64url_encode(random_bytes(kSecretBytes));
    const std::filesystem::path temporary = path.string() + ".new";
    TRY([[maybe_unused]] const bool written, write_synced(temporary, secret));
    if (::rename(temporary.c_str(), path.c_str()) != 0) return failure("rename", temporary);
    TRY([[maybe_unused]] const bool synced, sync_folder(folder));
    return secret;
}

bool is_weak_secret(std::string_view secret) {
    return secret.size() < kWeakSecretBytes;
}

}  // namespace parley::auth

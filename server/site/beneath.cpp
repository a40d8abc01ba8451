#include "site/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace parley::site {
namespace {

// O_NONBLOCK: a FIFO without a writer would block the opening.
constexpr int kFileFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;

// What a name can do wrong, in contrast to what the machine can.
bool means_no_such_file(int error) {
    constexpr std::array kAbsent{ENOENT, ENOTDIR, ELOOP, EXDEV, EACCES, EPERM, ENAMETOOLONG, EISDIR, ENXIO, ENODEV, EINVAL};
    for (const int absent : kAbsent) {
        if (error == absent) return true;
    }
    return false;
}

Result<std::optional<OpenFile>> failed(int error) {
    if (means_no_such_file(error)) return std::nullopt;
    return fail(ErrorCode::Unavailable, std::string("cannot open a file: ") + std::strerror(error));
}

Result<std::optional<OpenFile>> regular_file(Descriptor descriptor) {
    if (!descriptor) return failed(errno);
    struct stat status{};
    if (fstat(descriptor.get(), &status) != 0) return failed(errno);
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    const Stamp stamp{static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec,
                      status.st_ino};
    return OpenFile{std::move(descriptor), stamp};
}

// errno EAGAIN: a rename raced with the look-up and the kernel could not tell whether the path left the folder (openat2(2)).
Descriptor open_resolving_beneath(int folder, const std::string& name) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(kFileFlags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0; attempt < 8; ++attempt) {
        Descriptor file(static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how)));
        if (file || errno != EAGAIN) return file;
    }
    errno = ENOENT;
    return Descriptor();
}

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ < 0) return;
    const int kept = errno;
    ::close(fd_);
    errno = kept;
}

Result<std::optional<OpenFile>> open_beneath(const std::string& folder, const std::string& name) {
    const Descriptor root(open(folder.c_str(), kFolderFlags));
    if (!root) return failed(errno);
    Descriptor file = open_resolving_beneath(root.get(), name);
    // EPERM: forbidden to containers of old runtimes, which do not know the call.
    if (!file && (errno == ENOSYS || errno == EPERM)) return open_without_links(folder, name);
    return regular_file(std::move(file));
}

Result<std::optional<OpenFile>> open_without_links(const std::string& folder, const std::string& name) {
    Descriptor at(open(folder.c_str(), kFolderFlags));
    std::string_view rest = name;
    while (at) {
        const std::string part(rest.substr(0, rest.find('/')));
        const bool last = part.size() == rest.size();
        at = Descriptor(openat(at.get(), part.c_str(), (last ? kFileFlags : kFolderFlags) | O_NOFOLLOW));
        if (last) return regular_file(std::move(at));
        rest.remove_prefix(part.size() + 1);
    }
    return failed(errno);
}

}  // namespace parley::site

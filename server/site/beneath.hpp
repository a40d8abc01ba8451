// Opening a file of a folder, and only of that folder: a symbolic link that leads out is as good as no file. Links that stay inside are followed where
// the kernel can tell (openat2 with RESOLVE_BENEATH, Linux 5.6); elsewhere every link below the folder is refused.
// Threading: any thread. The calls touch names and inodes, never contents.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "parley/base/result.hpp"

namespace parley::site {

// Which content a file had when it was looked at.
struct Stamp {
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;  // since 1970
    std::uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
};

// A descriptor that is closed with its owner.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_;
};

struct OpenFile {
    Descriptor descriptor;
    Stamp stamp;
};

// The regular file `name` ("assets/app.js", as SitePath makes them) of `folder`; nullopt if there is none that may be read. A folder that
// was replaced meanwhile is found under its path. Unavailable: no descriptors, no memory, a broken disk.
Result<std::optional<OpenFile>> open_beneath(const std::string& folder, const std::string& name);

// The same without openat2: part by part, refusing every symbolic link.
Result<std::optional<OpenFile>> open_without_links(const std::string& folder, const std::string& name);

}  // namespace parley::site

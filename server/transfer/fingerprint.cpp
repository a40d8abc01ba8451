#include "transfer/fingerprint.hpp"

#include <fmt/core.h>
#include <sys/stat.h>

#include <filesystem>

namespace parley::transfer {

std::string fingerprint_of_files(const std::vector<std::string>& paths) {
    std::string fingerprint;
    for (const std::string& path : paths) {
        struct stat status{};
        std::error_code error;
        const auto whole_path = std::filesystem::absolute(path, error);
        if (error || ::stat(path.c_str(), &status) != 0) return {};
        fingerprint += fmt::format("{} {} {}.{:09}\n", whole_path.lexically_normal().string(), status.st_size, status.st_mtim.tv_sec,
                                   status.st_mtim.tv_nsec);
    }
    return fingerprint;
}

}  // namespace parley::transfer

// A folder for one test, removed with everything in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::site {

class TemporaryFolder {
public:
    TemporaryFolder() { std::filesystem::create_directories(path_); }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    void write(const std::string& name, std::string_view content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << content;
    }

private:
    const std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("parley-site-" + hex_encode(random_bytes(8)));
};

}  // namespace parley::site

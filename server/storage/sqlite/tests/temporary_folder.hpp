// A folder of its own for a test, removed with everything in it. In memory (/dev/shm) where the system has that: tests sync a lot.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace parley::storage::sqlite {

class TemporaryFolder {
public:
    TemporaryFolder() {
        const auto base =
            std::filesystem::is_directory("/dev/shm") ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
        std::string name = (base / "parley-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace parley::storage::sqlite

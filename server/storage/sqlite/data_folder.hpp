// DataFolder: the folder that holds everything a server keeps, and the proof that no other server uses it.
// The lock is the kernel's (flock on the file `lock`): it ends with the process, however that ends.
#pragma once

#include <filesystem>
#include <string>

#include "parley/base/result.hpp"

namespace parley::storage::sqlite {

class DataFolder {
public:
    // Makes the folder, for its owner only, if it is not there, and locks it.
    // AlreadyExists: another server has it. InvalidArgument: it cannot be made or used; the sentence says why.
    static Result<DataFolder> open(const std::filesystem::path& path);
    ~DataFolder();
    DataFolder(DataFolder&& other) noexcept;
    DataFolder& operator=(DataFolder&&) = delete;

    // The path of a file in the folder that is there now and that only its owner may read, made empty if it was not.
    Result<std::string> private_file(const std::string& name) const;

private:
    DataFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::filesystem::path path_;
    int lock_;  // a descriptor, or -1
};

}  // namespace parley::storage::sqlite

// A folder as mongodump writes it, as a source and as a target: one file per collection, users.bson, messages.bson and so on, plain or .bson.gz.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transfer/byte_file.hpp"
#include "transfer/documents.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

// The folder itself, or the only one below it, in which there is at least one of the collections; nullopt: none. mongodump writes a folder
// per database.
std::optional<std::filesystem::path> find_dump(const std::filesystem::path& folder);

class DumpSource : public Source {
public:
    // InvalidArgument: `folder` holds no dump, more than one, a collection both plain and packed, or lacks users or messages.
    // skip_damaged: take what can be read of damaged files and of what is there.
    static Result<std::unique_ptr<DumpSource>> open(const std::string& folder, bool skip_damaged);

    std::string name() const override { return "the dump " + folder_.string(); }
    std::string fingerprint() const override;
    Order order() const override { return Order::ById; }
    Result<bool> read(Receiver& receiver, Report& report, Progress& progress) override;

private:
    struct File {
        std::string path;
        const CollectionOfOurs* collection;
    };
    DumpSource(std::filesystem::path folder, std::vector<File> files, bool skip_damaged);
    Result<bool> read_file(const File& file, DocumentTaker& taker, Report& report, Progress& progress);

    const std::filesystem::path folder_;
    const std::vector<File> files_;
    const bool skip_damaged_;
    std::uint64_t bytes_before_ = 0;  // of the files that have been read
};

class DumpTarget : public Target {
public:
    // Conflict: the folder has such files already. They get their names when all are complete.
    static Result<std::unique_ptr<DumpTarget>> create(const std::string& folder, bool gzip);
    ~DumpTarget() override;  // removes what was not finished
    DumpTarget(const DumpTarget&) = delete;
    DumpTarget& operator=(const DumpTarget&) = delete;

    std::string name() const override { return "the dump " + folder_.string(); }
    Result<bool> begin(const std::string& fingerprint, Report& report) override;
    Result<bool> take(const chat::User& user) override { return write(0, storage::mongodb::to_bson(user)); }
    Result<bool> take(const chat::Message& message) override { return write(1, storage::mongodb::to_bson(message)); }
    Result<bool> take(const Conversation& conversation) override { return write(2, storage::mongodb::to_bson(conversation)); }
    Result<bool> take(const Revocation& revocation) override { return write(3, to_bson(revocation)); }
    Result<bool> take(const ReadMark&) override { return true; }  // not carried there
    Result<bool> finish() override;

private:
    DumpTarget(std::filesystem::path folder, bool gzip) : folder_(std::move(folder)), gzip_(gzip) {}
    Result<bool> write(std::size_t collection, const storage::mongodb::Bson& document) {
        return writers_[collection]->write(document.bytes());
    }
    Result<bool> write_metadata(const CollectionOfOurs& collection);
    std::filesystem::path path_of(const CollectionOfOurs& collection) const;
    std::filesystem::path partial_path_of(const CollectionOfOurs& collection) const;

    const std::filesystem::path folder_;
    const bool gzip_;
    std::array<std::unique_ptr<ByteWriter>, std::size(kCollections)> writers_;
};

}  // namespace parley::transfer

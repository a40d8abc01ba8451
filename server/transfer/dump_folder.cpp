#include "transfer/dump_folder.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>

#include "transfer/bson_file.hpp"
#include "transfer/fingerprint.hpp"
#include "transfer/progress.hpp"

namespace parley::transfer {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

// The collection's file in the folder, if there is one.
std::optional<std::string> find_file(const fs::path& folder, const CollectionOfOurs& collection) {
    for (const char* const ending : {".bson", ".bson.gz"}) {
        const fs::path path = folder / (std::string(collection.name) + ending);
        if (is_file(path)) return path.string();
    }
    return std::nullopt;
}

// A sentence about a collection that is there plain and packed; "": there is none.
std::string find_doubled(const fs::path& folder) {
    for (const CollectionOfOurs& collection : kCollections) {
        const std::string name = std::string(collection.name) + ".bson";
        if (is_file(folder / name) && is_file(folder / (name + ".gz")))
            return fmt::format("{0} has both {1} and {1}.gz; move away the one that is not meant", folder.string(), name);
    }
    return "";
}

// Why a dump is not whole, file by file.
std::vector<std::string> find_missing(const fs::path& folder) {
    std::vector<std::string> missing;
    for (const char* const needed : {storage::mongodb::kUsers, storage::mongodb::kMessages}) {
        const std::string name = std::string(needed) + ".bson";
        if (!is_file(folder / name) && !is_file(folder / (name + ".gz"))) missing.push_back(name + " is missing");
    }
    for (const CollectionOfOurs& collection : kCollections) {
        for (const char* const ending : {".bson.partial", ".bson.gz.partial"}) {
            const std::string name = std::string(collection.name) + ending;
            if (is_file(folder / name)) missing.push_back(name + " is of an export that was interrupted");
        }
    }
    return missing;
}

bool holds_dump(const fs::path& folder) {
    return std::ranges::any_of(kCollections, [&](const CollectionOfOurs& each) { return find_file(folder, each).has_value(); });
}

std::vector<fs::path> dumps_below(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
        std::error_code ignored;
        if (at->is_directory(ignored) && holds_dump(at->path())) found.push_back(at->path());
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace

std::optional<fs::path> find_dump(const fs::path& folder) {
    if (holds_dump(folder)) return folder;
    const auto below = dumps_below(folder);
    return below.size() == 1 ? std::optional(below.front()) : std::nullopt;
}

DumpSource::DumpSource(fs::path folder, std::vector<File> files, bool skip_damaged)
    : folder_(std::move(folder)), files_(std::move(files)), skip_damaged_(skip_damaged) {}

Result<std::unique_ptr<DumpSource>> DumpSource::open(const std::string& folder, bool skip_damaged) {
    const auto found = find_dump(folder);
    if (!found) {
        const auto below = dumps_below(folder);
        if (below.empty()) return fail(ErrorCode::InvalidArgument, fmt::format("{} holds no dump (users.bson, messages.bson)", folder));
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} holds the dumps of several databases; name one of them, such as {}", folder, below.front().string()));
    }
    if (const std::string doubled = find_doubled(*found); !doubled.empty()) return fail(ErrorCode::InvalidArgument, doubled);
    if (const auto missing = find_missing(*found); !missing.empty() && !skip_damaged) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} is incomplete: {}; --skip-damaged takes the rest", found->string(), fmt::join(missing, ", ")));
    }
    std::vector<File> files;
    for (const CollectionOfOurs& collection : kCollections) {
        if (auto path = find_file(*found, collection)) files.push_back({*std::move(path), &collection});
    }
    return std::unique_ptr<DumpSource>(new DumpSource(*found, std::move(files), skip_damaged));
}

std::string DumpSource::fingerprint() const {
    std::vector<std::string> paths;
    for (const File& file : files_) paths.push_back(file.path);
    return fingerprint_of_files(paths);
}

Result<bool> DumpSource::read(Receiver& receiver, Report& report, Progress& progress) {
    std::uint64_t bytes = 0;
    for (const File& file : files_) {
        std::error_code ignored;
        bytes += fs::file_size(file.path, ignored);
    }
    for (const std::string& missing : find_missing(folder_)) report.skip("file", "the dump is incomplete", missing);
    progress.begin("reading", bytes);
    DocumentTaker taker(receiver, report);
    for (const File& file : files_) {
        TRY([[maybe_unused]] const bool done, read_file(file, taker, report, progress));
    }
    return true;
}

Result<bool> DumpSource::read_file(const File& file, DocumentTaker& taker, Report& report, Progress& progress) {
    TRY(auto reader, ByteReader::open(file.path, file.path.ends_with(".gz") ? ByteReader::Packing::Gzip : ByteReader::Packing::Plain));
    BsonFile documents(std::move(reader));
    while (true) {
        const auto next = documents.next();
        if (!next) {
            if (next.error().code != ErrorCode::InvalidArgument) return fail(next.error());
            if (!skip_damaged_)
                return fail(ErrorCode::InvalidArgument,
                            next.error().message + "; make the dump anew, or take what can be read with --skip-damaged");
            report.skip(documents.broken() ? "rest of a file" : "document", next.error().message, fs::path(file.path).filename().string());
            continue;
        }
        if (!*next) break;
        TRY([[maybe_unused]] const bool taken, (taker.*file.collection->take)(*(*next)->get()));
        progress.count();
        progress.reached(bytes_before_ + documents.reader().position());
    }
    bytes_before_ += documents.reader().position();
    return true;
}

Result<std::unique_ptr<DumpTarget>> DumpTarget::create(const std::string& folder, bool gzip) {
    if (holds_dump(folder))
        return fail(ErrorCode::Conflict, fmt::format("{} holds a dump already; move it away or choose another folder", folder));
    return std::unique_ptr<DumpTarget>(new DumpTarget(folder, gzip));
}

fs::path DumpTarget::path_of(const CollectionOfOurs& collection) const {
    return folder_ / (std::string(collection.name) + (gzip_ ? ".bson.gz" : ".bson"));
}

fs::path DumpTarget::partial_path_of(const CollectionOfOurs& collection) const {
    return path_of(collection).string() + ".partial";
}

DumpTarget::~DumpTarget() {
    for (std::size_t i = 0; i < writers_.size(); ++i) {
        std::error_code ignored;
        if (writers_[i]) fs::remove(partial_path_of(kCollections[i]), ignored);
    }
}

Result<bool> DumpTarget::begin(const std::string&, Report&) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return file_error(folder_.string(), error.value());
    for (std::size_t i = 0; i < writers_.size(); ++i) {
        TRY(writers_[i], ByteWriter::create(partial_path_of(kCollections[i]).string(), gzip_));
    }
    return true;
}

// What mongorestore makes the collection with: the index that Mongoose makes for `unique: true`.
Result<bool> DumpTarget::write_metadata(const CollectionOfOurs& collection) {
    const bool users = &collection == &kCollections[0];
    const std::string unique_name = users ? R"(,{"v":2,"unique":true,"key":{"username":1},"name":"username_1"})" : "";
    const std::string path = (folder_ / collection.name).string() + (gzip_ ? ".metadata.json.gz" : ".metadata.json");
    TRY(const auto writer, ByteWriter::create(path, gzip_));
    TRY([[maybe_unused]] const bool written,
        writer->write(fmt::format(
            R"({{"options":{{}},"indexes":[{{"v":2,"key":{{"_id":1}},"name":"_id_"}}{}],"collectionName":"{}","type":"collection"}})",
            unique_name, collection.name)));
    return writer->finish();
}

Result<bool> DumpTarget::finish() {
    for (std::size_t i = 0; i < writers_.size(); ++i) {
        TRY([[maybe_unused]] const bool finished, writers_[i]->finish());
        TRY([[maybe_unused]] const bool described, write_metadata(kCollections[i]));
    }
    // users.bson, the first of them, at last: a dump without it is refused.
    for (const CollectionOfOurs& collection : kCollections | std::views::reverse) {
        const fs::path path = path_of(collection);
        std::error_code error;
        fs::rename(partial_path_of(collection), path, error);
        if (error) return file_error(path.string(), error.value());
    }
    sync_folder(folder_.string());
    return true;
}

}  // namespace parley::transfer

#include "transfer/transfer.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "transfer/dump_folder.hpp"
#include "transfer/embedded_import.hpp"
#include "transfer/embedded_source.hpp"
#include "transfer/lines.hpp"
#include "transfer/mongodb_place.hpp"

namespace parley::transfer {
namespace {

Result<std::unique_ptr<Source>> open_source(const Request& request) {
    const std::string& path = request.from.path;
    switch (request.from.kind) {
        case Place::Kind::MongoDb: return MongoSource::open(path);
        case Place::Kind::Lines: return LinesSource::open(path, request.skip_damaged);
        case Place::Kind::Dump: return DumpSource::open(path, request.skip_damaged);
        case Place::Kind::Embedded: return EmbeddedSource::open(path);
    }
    return fail(ErrorCode::Internal, "no such place");
}

// Not for Kind::Embedded.
Result<std::unique_ptr<Target>> open_target(const Request& request) {
    if (request.to.kind == Place::Kind::MongoDb) return MongoTarget::open(request.to.path);
    if (request.to.kind == Place::Kind::Lines) return LinesTarget::create(request.to.path);
    return DumpTarget::create(request.to.path, request.gzip);
}

// Counts what goes on to a target.
class Counting : public Receiver {
public:
    Counting(Target& target, Report& report) : target_(target), report_(report) {}
    Result<bool> take(const chat::User& user) override { return ++report_.users, target_.take(user); }
    Result<bool> take(const chat::Message& message) override { return ++report_.messages, target_.take(message); }
    Result<bool> take(const Revocation& revocation) override { return ++report_.revocations, target_.take(revocation); }
    Result<bool> take(const ReadMark& mark) override { return target_.take(mark); }
    Result<bool> take(const Conversation& conversation) override { return ++report_.conversations, target_.take(conversation); }
    bool wants_conversations() const override { return target_.wants_conversations(); }

private:
    Target& target_;
    Report& report_;
};

class TemporaryFolder {
public:
    static Result<std::unique_ptr<TemporaryFolder>> make() {
        std::error_code error;
        std::string name = (std::filesystem::temp_directory_path(error) / "parley-transfer-XXXXXX").string();
        if (error || !::mkdtemp(name.data()))
            return fail(ErrorCode::Unavailable, fmt::format("cannot make {}: {}", name, std::strerror(error ? error.value() : errno)));
        return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(std::move(name)));
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
    const std::string path_;
};

// `source` is an embedded database; `fingerprint` that of where it all came from.
Result<bool> give(Source& source, Target& target, const std::string& fingerprint, Report& report, Progress& progress) {
    report.users = report.messages = report.conversations = report.revocations = 0;
    TRY([[maybe_unused]] const bool begun, target.begin(fingerprint, report));
    Counting counting(target, report);
    TRY([[maybe_unused]] const bool read, source.read(counting, report, progress));
    return target.finish();
}

Result<bool> transfer_between(Source& source, Target& target, Report& report, Progress& progress) {
    const std::string fingerprint = source.identity();
    if (dynamic_cast<EmbeddedSource*>(&source)) return give(source, target, fingerprint, report, progress);
    TRY(const auto folder, TemporaryFolder::make());
    TRY([[maybe_unused]] const bool imported, import_into_embedded(source, folder->path(), report, progress));
    TRY(const auto middle, EmbeddedSource::open(folder->path()));
    return give(*middle, target, fingerprint, report, progress);
}

bool same_folder(const Place& one, const Place& other) {
    std::error_code error;
    return one.kind == other.kind && one.kind == Place::Kind::Embedded && std::filesystem::equivalent(one.path, other.path, error) &&
           !error;
}

Result<bool> run(const Request& request, Report& report, Progress& progress) {
    if (same_folder(request.from, request.to))
        return fail(ErrorCode::InvalidArgument, fmt::format("{} is both where it comes from and where it goes to", request.from.path));
    if (request.to.kind == Place::Kind::Embedded) {
        TRY(const auto source, open_source(request));
        report.from = source->name();
        report.to = "the embedded database in " + request.to.path;
        const std::string from = report.from;
        const std::string to = report.to;
        auto done = import_into_embedded(*source, request.to.path, report, progress);
        report.from = from;
        report.to = to;
        return done;
    }
    TRY(const auto target, open_target(request));
    TRY(const auto source, open_source(request));
    report.from = source->name();
    report.to = target->name();
    return transfer_between(*source, *target, report, progress);
}

}  // namespace

Result<bool> transfer(const Request& request, Report& report, Progress& progress) {
    const auto began = std::chrono::steady_clock::now();
    auto done = run(request, report, progress);
    progress.end();
    report.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    return done;
}

}  // namespace parley::transfer

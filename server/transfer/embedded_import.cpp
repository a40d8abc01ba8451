#include "transfer/embedded_import.hpp"

#include <fmt/core.h>

#include "storage/sqlite/bulk_loader.hpp"
#include "transfer/embedded_source.hpp"
#include "transfer/stage.hpp"

namespace parley::transfer {
namespace {

using storage::sqlite::BulkLoader;
using storage::sqlite::Connection;
using storage::sqlite::Statement;

// $2a$, $2b$ or $2y$, a cost of two digits, 53 characters: what crypt(3) makes of Blowfish.
bool is_bcrypt(std::string_view hash) {
    constexpr std::size_t kBcryptCharacters = 60;
    return hash.size() == kBcryptCharacters && (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$"));
}

class Import {
public:
    Import(Source& source, const std::string& folder, Report& report, Progress& progress)
        : source_(source), folder_(folder), report_(report), progress_(progress) {}

    Result<bool> run() {
        auto done = run_steps();
        if (!done) return fail(explained(done.error()));
        return done;
    }

private:
    Result<bool> run_steps() {
        TRY(const auto lock, lock_folder(folder_));
        TRY(loader_, BulkLoader::open(lock));
        TRY(stage_, Stage::open(folder_));
        TRY(const bool finished, was_finished());
        if (!finished) {
            TRY([[maybe_unused]] const bool staged, fill_stage());
            TRY([[maybe_unused]] const bool loaded, load());
        }
        TRY([[maybe_unused]] const bool counted, count());
        stage_.reset();
        Stage::remove(folder_);
        loader_.reset();  // copies the write-ahead log into the database, for which there is more room now
        return true;
    }

    Result<bool> was_finished() {
        TRY(const bool empty, loader_->empty());
        if (empty) return false;
        TRY(const std::string finished, loader_->finished_token());
        const auto token = stage_ ? stage_->token() : Result<std::string>();
        const auto staged = stage_ ? stage_->fingerprint() : Result<std::string>();
        const bool other_source = staged && *staged != source_.identity();
        if (!token || token->empty() || *token != finished || other_source) {
            return fail(ErrorCode::Conflict,
                        fmt::format("the embedded database in {} has users or messages already, and nothing is overwritten; choose "
                                    "an empty folder, or move parley.db away",
                                    folder_));
        }
        TRY(report_, stage_->report());
        report_.resumed = "an earlier run had stored everything before it was interrupted; what it left behind was removed";
        return true;
    }

    Result<bool> fill_stage() {
        const std::string fingerprint = source_.fingerprint();
        if (stage_) {
            TRY(const std::string staged, stage_->fingerprint());
            if (!fingerprint.empty() && staged == fingerprint) {
                TRY(report_, stage_->report());
                report_.resumed = "an earlier run had read everything before it was interrupted; this one went on from there";
                return true;
            }
        }
        if (Stage::left_behind(folder_)) report_.resumed = "an earlier run was interrupted while it read; this one started again";
        stage_.reset();
        TRY(stage_, Stage::create(folder_, source_.order(), report_));
        const auto read = source_.read(*stage_, report_, progress_);
        if (!read) return read;
        return stage_->complete(source_.identity(), report_);
    }

    Result<bool> load() {
        TRY(const auto size, stage_->size());
        progress_.begin("storing", static_cast<std::uint64_t>(size));
        const auto add_user = [this](const chat::User& user) { return add(user); };
        const auto add_message = [this](const chat::Message& message) { return add(message); };
        const auto add_revocation = [this](const Revocation& revocation) {
            return loader_->add_revocation(revocation.session, revocation.expires_at);
        };
        TRY([[maybe_unused]] const bool begun, loader_->begin());
        TRY([[maybe_unused]] const bool users, stage_->each_user(add_user));
        TRY([[maybe_unused]] const bool messages, stage_->each_message(add_message));
        TRY([[maybe_unused]] const bool revocations, stage_->each_revocation(add_revocation));
        const auto add_mark = [this](const ReadMark& mark) { return add(mark); };
        TRY([[maybe_unused]] const bool marks, stage_->each_read_mark(add_mark));
        TRY(const std::string token, stage_->token());
        return loader_->commit(token);
    }

    Result<bool> add(const chat::User& user) {
        advance();
        TRY(const auto added, loader_->add(user));
        if (added == BulkLoader::Added::IdTaken) report_.skip("user", "its _id is another user's", user.id.to_hex());
        if (added == BulkLoader::Added::NameTaken)
            report_.skip("user", "its user name is exactly that of one who signed up before", user.id.to_hex());
        if (added == BulkLoader::Added::Stored && !is_bcrypt(user.password_hash))
            report_.note("users without a bcrypt hash, who cannot log in");
        return true;
    }

    Result<bool> add(const chat::Message& message) {
        advance();
        TRY(const auto added, loader_->add(message));
        if (added == BulkLoader::Added::IdTaken) report_.skip("message", "its _id is another message's", message.id.to_hex());
        return true;
    }

    Result<bool> add(const ReadMark& mark) {
        TRY(const bool added, loader_->add_read_mark(mark.reader, mark.peer, mark.message));
        if (!added) report_.skip("read mark", "its message is none of these two people's", mark.message.to_hex());
        return true;
    }

    void advance() {
        progress_.reached(++loaded_);
        progress_.count();
    }

    // What is in the database now.
    Result<bool> count() {
        progress_.begin("counting", 0);
        Connection& database = loader_->connection();
        TRY(const auto users, database.query_integer("SELECT count(*) FROM users"));
        TRY(const auto messages, database.query_integer("SELECT count(*) FROM messages"));
        TRY(const auto conversations, database.query_integer("SELECT count(*) FROM conversations"));
        TRY(const auto revocations, database.query_integer("SELECT count(*) FROM revocations"));
        report_.users = static_cast<std::uint64_t>(users);
        report_.messages = static_cast<std::uint64_t>(messages);
        report_.conversations = static_cast<std::uint64_t>(conversations);
        report_.revocations = static_cast<std::uint64_t>(revocations);

        TRY(const auto colliding, database.query_integer("SELECT count(*) - count(DISTINCT username_key) FROM users"));
        report_.note("user names that differ from another's only in letter case or spaces around (kept, each logs in by its exact form)",
                     static_cast<std::uint64_t>(colliding));
        TRY(const auto orphaned, database.query_integer("SELECT count(*) FROM messages WHERE conversation IN"
                                                        " (SELECT conversation FROM members WHERE user NOT IN (SELECT id FROM users))"));
        report_.note("messages whose sender or receiver is no user any more (kept)", static_cast<std::uint64_t>(orphaned));
        return compare_with_named(database);
    }

    // Both ascending: one pass over each.
    Result<bool> compare_with_named(Connection& database) {
        Statement ids = database.prepare("SELECT id FROM messages ORDER BY id");
        TRY(bool row, ids.step());
        std::uint64_t named_messages = 0;
        std::uint64_t dangling = 0;
        bool any = false;
        const auto compare = [&](const chat::ObjectId& named) -> Result<bool> {
            any = true;
            while (row && ids.id(0) < named) {
                TRY(row, ids.step());
            }
            ++(row && ids.id(0) == named ? named_messages : dangling);
            return true;
        };
        TRY([[maybe_unused]] const bool compared, stage_->each_named(compare));
        if (!any) return true;
        report_.note("entries of conversations that name no message (ignored)", dangling);
        report_.note("messages that no conversation names (kept, with their two people)", report_.messages - named_messages);
        return true;
    }

    // Not every error is storage's; those that are deserve a better sentence.
    Error explained(const Error& error) const {
        if (stage_ && stage_->failed()) return stage_->explain();
        return loader_ && loader_->connection().trouble() != storage::sqlite::Trouble::None ? loader_->explain() : error;
    }

    Source& source_;
    const std::string& folder_;
    Report& report_;
    Progress& progress_;
    std::unique_ptr<BulkLoader> loader_;
    std::unique_ptr<Stage> stage_;
    std::uint64_t loaded_ = 0;
};

}  // namespace

bool import_left_behind(const std::string& folder) {
    return Stage::left_behind(folder);
}

Result<bool> import_into_embedded(Source& source, const std::string& folder, Report& report, Progress& progress) {
    return Import(source, folder, report, progress).run();
}

}  // namespace parley::transfer

#include "transfer/mongodb_place.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <thread>
#include <unordered_set>

#include "transfer/progress.hpp"

namespace parley::transfer {
namespace {

using storage::mongodb::Bson;
using storage::mongodb::BsonView;
using storage::mongodb::Client;

constexpr std::size_t kBatchDocuments = 1'000;
constexpr std::size_t kBatchBytes = 8 * 1024 * 1024;
constexpr std::size_t kMaxDocumentBytes = 16 * 1024 * 1024;  // MongoDB's limit
constexpr int kTries = 6;                                    // of a batch, with pauses of 1 to 5 s between
constexpr const char* kState = "parley_state";
constexpr const char* kImportKey = "import";

// Where the database's name or the options begin, behind a user name and a password that may have such characters too.
std::size_t end_of_hosts(const std::string& uri) {
    const std::size_t authority = uri.find("://") + 3;
    const std::size_t slash = uri.find('/', authority);
    if (slash != std::string::npos) return slash;
    const std::size_t at = uri.rfind('@');
    return std::min(uri.find('?', at == std::string::npos ? authority : at), uri.size());
}

// How the report calls a document of each of kCollections.
constexpr std::array<const char*, std::size(kCollections)> kNouns = {"user", "message", "conversation", "ended login"};

// The _id, to compare by: an ObjectId's digits or a text, which never are the same.
std::string key_of(const bson_t& document) {
    const BsonView view(document);
    const auto id = view.id("_id");
    return id ? id->to_hex() : view.text("_id").value_or("");
}

}  // namespace

std::string with_patience(const std::string& uri) {
    const std::size_t hosts_end = end_of_hosts(uri);
    const std::size_t question = uri.find('?', hosts_end);
    std::string options = question == std::string::npos ? "" : uri.substr(question + 1);
    std::ranges::transform(options, options.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (("&" + options).contains("&sockettimeoutms=")) return uri;
    std::string patient = uri;
    if (question == std::string::npos) patient += hosts_end == uri.size() ? "/?" : "?";
    if (!options.empty() && !options.ends_with('&')) patient += '&';
    return patient + "socketTimeoutMS=60000";
}

Result<std::unique_ptr<MongoPlace>> MongoPlace::open(const std::string& uri, std::chrono::milliseconds patience) {
    std::unique_ptr<MongoPlace> place(new MongoPlace());
    TRY(place->link_, storage::mongodb::Link::make({.uri = with_patience(uri), .max_clients = 2}));
    const auto started = place->link_->start({}, patience);
    if (!started) {
        return fail(started.error().code, fmt::format("{} refuses the user name or password of the address", place->name()));
    }
    if (!place->link_->usable())
        return fail(ErrorCode::Unavailable,
                    fmt::format("{} cannot be reached; see that it runs and that the address is right", place->name()));
    place->client_ = std::make_unique<Client>(*place->link_);
    return place;
}

Result<bool> MongoPlace::empty(const char* collection) {
    const auto found = client_->find_one(collection, Bson());
    if (!found) return fail(explain(found.error()));
    return !found->has_value();
}

Error MongoPlace::explain(const Error& error) const {
    if (error.code != ErrorCode::Unavailable) return {error.code, fmt::format("{}: {}", name(), error.message)};
    return {error.code, fmt::format("{} does not answer (any more); when it is well again, start again", name())};
}

Result<std::unique_ptr<MongoSource>> MongoSource::open(const std::string& uri) {
    TRY(auto place, MongoPlace::open(uri));
    return std::unique_ptr<MongoSource>(new MongoSource(std::move(place)));
}

Result<bool> MongoSource::read(Receiver& receiver, Report& report, Progress& progress) {
    TRY(const bool no_users, place_->empty(storage::mongodb::kUsers));
    TRY(const bool no_messages, place_->empty(storage::mongodb::kMessages));
    if (no_users && no_messages) {
        return fail(ErrorCode::NotFound,
                    fmt::format("{} has neither users nor messages; is its name in the address (mongodb://host/NAME)?", place_->name()));
    }
    DocumentTaker taker(receiver, report);
    for (const CollectionOfOurs& collection : kCollections) {
        TRY([[maybe_unused]] const bool read, read_collection(collection, taker, progress));
    }
    return true;
}

Result<bool> MongoSource::read_collection(const CollectionOfOurs& collection, DocumentTaker& taker, Progress& progress) {
    const auto about = place_->client().estimated_count(collection.name);
    progress.begin(collection.name, about ? static_cast<std::uint64_t>(*about) : 0);
    Result<bool> taken = true;
    std::uint64_t count = 0;
    const auto take = [&](const bson_t& document) {
        taken = (taker.*collection.take)(document);
        progress.reached(++count);
        progress.count();
        return taken.has_value();
    };
    const auto found = place_->client().find(collection.name, Bson(), Bson().add("batchSize", 2'000), take);
    if (!taken) return taken;
    if (!found) return fail(place_->explain(found.error()));
    return true;
}

Result<std::unique_ptr<MongoTarget>> MongoTarget::open(const std::string& uri) {
    TRY(auto place, MongoPlace::open(uri));
    return std::unique_ptr<MongoTarget>(new MongoTarget(std::move(place)));
}

Result<bool> MongoTarget::begin(const std::string& fingerprint, Report& report) {
    report_ = &report;
    fingerprint_ = fingerprint;
    TRY([[maybe_unused]] const bool usable, check_place(fingerprint));
    if (resuming_) report.resumed = "an earlier run was interrupted while it wrote; this one added what was missing";
    return set_state("running", fingerprint);
}

Result<bool> MongoTarget::check_place(const std::string& fingerprint) {
    const auto state = place_->client().find_one(kState, Bson().add("_id", kImportKey));
    if (!state) return fail(place_->explain(state.error()));
    const bool unfinished = *state && BsonView(**state).text("state") == "running";
    resuming_ = unfinished && BsonView(**state).text("source") == fingerprint;
    if (resuming_) return true;
    for (const char* const collection : {storage::mongodb::kUsers, storage::mongodb::kMessages, storage::mongodb::kConversations}) {
        TRY(const bool empty, place_->empty(collection));
        if (empty) continue;
        const char* const why = unfinished ? "an unfinished transfer from another source; start that one again, or empty the database"
                                           : "users, messages or conversations already, and nothing is overwritten; name another database";
        return fail(ErrorCode::Conflict, fmt::format("{} has {}", place_->name(), why));
    }
    return true;
}

Result<bool> MongoTarget::set_state(const char* state, const std::string& fingerprint) {
    const Bson change = Bson().add("$set", Bson().add("source", fingerprint).add("state", state).add("at", chat::system_now()));
    for (int attempt = 1;; ++attempt) {
        const auto done = place_->client().upsert(kState, Bson().add("_id", kImportKey), change);
        if (done) return true;
        if (done.error().code != ErrorCode::Unavailable || attempt == kTries) return fail(place_->explain(done.error()));
        std::this_thread::sleep_for(std::chrono::seconds(attempt));
    }
}

Result<bool> MongoTarget::add(std::size_t collection, Bson document) {
    const std::size_t bytes = document.bytes().size();
    if (bytes > kMaxDocumentBytes) {
        leave_out(collection, "it is over MongoDB's limit of 16 MiB", document);
        return true;
    }
    if (collection != collection_ || batch_.size() >= kBatchDocuments || batch_bytes_ + bytes > kBatchBytes) {
        TRY([[maybe_unused]] const bool flushed, flush());
    }
    collection_ = collection;
    batch_bytes_ += bytes;
    batch_.push_back(std::move(document));
    return true;
}

// It was counted when it was given.
void MongoTarget::leave_out(std::size_t collection, std::string_view reason, const Bson& document) {
    const std::array counts = {&report_->users, &report_->messages, &report_->conversations, &report_->revocations};
    --*counts[collection];
    report_->skip(kNouns[collection], reason, key_of(*document.get()));
}

// Unavailable leaves it open what was stored: the next try looks first.
Result<bool> MongoTarget::flush() {
    for (int attempt = 1; !batch_.empty(); ++attempt) {
        const auto stored = store_batch(resuming_ || attempt > 1);
        if (stored) break;
        if (stored.error().code != ErrorCode::Unavailable || attempt == kTries) return fail(place_->explain(stored.error()));
        std::this_thread::sleep_for(std::chrono::seconds(attempt));
    }
    batch_.clear();
    batch_bytes_ = 0;
    return true;
}

Result<bool> MongoTarget::store_batch(bool look_first) {
    std::vector<const Bson*> documents;
    for (const Bson& document : batch_) documents.push_back(&document);
    if (look_first) {
        TRY(documents, missing_of(documents));
    }
    TRY(const auto refused_places, place_->client().insert_all(kCollections[collection_].name, documents));
    if (refused_places.empty()) return true;
    std::vector<const Bson*> refused;
    for (const std::size_t place : refused_places) refused.push_back(documents[place]);
    // One whose _id is there was stored by a try that was thought to have failed.
    TRY(const auto missing, missing_of(refused));
    for (const Bson* const document : missing) leave_out(collection_, "a unique index of the database refuses it", *document);
    return true;
}

Result<std::vector<const storage::mongodb::Bson*>> MongoTarget::missing_of(const std::vector<const Bson*>& documents) {
    Bson ids;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        bson_iter_t id;
        if (bson_iter_init_find(&id, documents[i]->get(), "_id")) bson_append_iter(ids.get(), std::to_string(i).c_str(), -1, &id);
    }
    Bson in;
    bson_append_array(in.get(), "$in", -1, ids.get());
    std::unordered_set<std::string> existing;
    const auto remember = [&](const bson_t& document) {
        existing.insert(key_of(document));
        return true;
    };
    const Bson options = Bson().add("projection", Bson().add("_id", 1));
    TRY([[maybe_unused]] const bool found, place_->client().find(kCollections[collection_].name, Bson().add("_id", in), options, remember));

    std::vector<const Bson*> missing;
    for (const Bson* const document : documents) {
        if (!existing.contains(key_of(*document->get()))) missing.push_back(document);
    }
    return missing;
}

Result<bool> MongoTarget::finish() {
    TRY([[maybe_unused]] const bool flushed, flush());
    return set_state("done", fingerprint_);
}

}  // namespace parley::transfer

#include "storage/mongodb/client.hpp"

#include <algorithm>
#include <iterator>

#include "parley/base/log.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::uint32_t kDuplicateKey = 11'000;
constexpr std::uint32_t kDocumentTooLarge = 10'334;
constexpr std::uint32_t kGrownTooLarge = 17'419;
constexpr std::uint32_t kBadValue = 2;
constexpr std::uint32_t kUnauthorized = 13;
constexpr std::uint32_t kIndexOptionsConflict = 85;
constexpr std::uint32_t kIndexKeySpecsConflict = 86;

// Server errors that pass: elections, stops, cursors lost by them, overload, a majority that is away, a disk that is full.
constexpr std::uint32_t kPassing[] = {6,    7,    11,    18,    24,    43,    50,    63,    64,    79,    89,   91,
                                      100,  112,  133,   134,   150,   175,   189,   202,   234,   237,   262,  317,
                                      8000, 9001, 10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031};

bool passes(const bson_error_t& error) {
    switch (error.domain) {
        case MONGOC_ERROR_STREAM:
        case MONGOC_ERROR_SERVER_SELECTION:
        case MONGOC_ERROR_CLIENT:
        case MONGOC_ERROR_PROTOCOL:
        case MONGOC_ERROR_WRITE_CONCERN:
        case MONGOC_ERROR_SCRAM:
        case MONGOC_ERROR_SASL:
        case MONGOC_ERROR_POOL: return true;
        // The driver's own: the server that was selected is none any more.
        case MONGOC_ERROR_COMMAND: return error.code == MONGOC_ERROR_COMMAND_INVALID_ARG;
        case MONGOC_ERROR_BSON: return false;
        default: return std::ranges::find(kPassing, error.code) != std::end(kPassing);
    }
}

bool is_duplicate(std::uint32_t code) {
    return code == kDuplicateKey || code == 11'001 || code == 12'582;
}

Bson reply_of(bson_t& reply) {
    Bson copy = Bson::copy(reply);
    ::bson_destroy(&reply);
    return copy;
}

// A reply of writes that failed without an error of its own.
bool has_write_concern_error(const Bson& reply) {
    return !BsonView(reply).documents("writeConcernErrors").empty();
}

bson_error_t majority_missing() {
    bson_error_t error;
    ::bson_set_error(&error, MONGOC_ERROR_WRITE_CONCERN, MONGOC_ERROR_WRITE_CONCERN_ERROR, "no majority has the write yet");
    return error;
}

}  // namespace

std::unexpected<Error> database_unavailable() {
    return fail(ErrorCode::Unavailable, "The database cannot be reached, try again");
}

Client::~Client() {
    if (client_) link_.push_client(client_);
}

mongoc_client_t* Client::raw() {
    if (!client_) client_ = link_.pop_client();
    return client_;
}

Error Client::failed(const bson_error_t& error) {
    if (is_duplicate(error.code) && error.domain != MONGOC_ERROR_STREAM) return {ErrorCode::AlreadyExists, "It exists already"};
    if (passes(error)) {
        log::debug("MongoDB: {} ({}/{})", error.message, error.domain, error.code);
        link_.report(error);
        return database_unavailable().error();
    }
    if (error.code == kDocumentTooLarge || error.code == kGrownTooLarge || error.domain == MONGOC_ERROR_BSON)
        return {ErrorCode::TooLarge, "It is too large for the database"};
    if (error.code == kBadValue && link_.journal() && std::string_view(error.message).contains("journal")) {
        log::warn("MongoDB at {} has no journal: what it has acknowledged can be lost in a power cut", link_.hosts());
        link_.set_journal(false);
        return database_unavailable().error();
    }
    if (error.code == kUnauthorized && keeper_) return {ErrorCode::PermissionDenied, error.message};
    std::size_t unsaid = 0;
    if (link_.may_tell(error.code, unsaid)) {
        log::error("MongoDB at {} refuses a command: {} (code {}; {} more like it before)", link_.hosts(), error.message, error.code,
                   unsaid);
    }
    return {ErrorCode::Internal, "The database refused a command"};
}

// The keeper asks while the link is not usable yet.
bool Client::refuses() const {
    return (!keeper_ && !link_.usable()) || std::chrono::steady_clock::now() >= deadline_;
}

Result<Client::Collection> Client::open(const char* collection) {
    if (refuses()) return database_unavailable();
    mongoc_client_t* const client = raw();
    if (!client) return database_unavailable();
    Collection opened(::mongoc_client_get_collection(client, link_.database().c_str(), collection));
    if (!link_.journal()) ::mongoc_collection_set_write_concern(opened.get(), link_.concern_without_journal());
    return opened;
}

Result<std::optional<Bson>> Client::find_one(const char* collection, const Bson& filter, const Bson& options) {
    std::optional<Bson> found;
    Bson limited = Bson::copy(*options.get());
    limited.add("limit", std::int64_t{1}).add("singleBatch", true);
    const auto take = [&](const bson_t& document) {
        found = Bson::copy(document);
        return false;
    };
    TRY([[maybe_unused]] const bool done, find(collection, filter, limited, take));
    return found;
}

Result<bool> Client::find(const char* collection, const Bson& filter, const Bson& options,
                          const std::function<bool(const bson_t&)>& visit) {
    TRY(const Collection opened, open(collection));
    mongoc_cursor_t* const cursor = ::mongoc_collection_find_with_opts(opened.get(), filter.get(), options.get(), nullptr);
    const bson_t* document = nullptr;
    while (::mongoc_cursor_next(cursor, &document)) {
        if (!visit(*document)) break;
    }
    bson_error_t error;
    const bool broken = ::mongoc_cursor_error(cursor, &error);
    ::mongoc_cursor_destroy(cursor);
    if (broken) return fail(failed(error));
    return true;
}

Result<bool> Client::insert(const char* collection, const Bson& document) {
    TRY(const Collection opened, open(collection));
    bson_error_t error;
    if (!::mongoc_collection_insert_one(opened.get(), document.get(), nullptr, nullptr, &error)) return fail(failed(error));
    return true;
}

Result<std::vector<std::size_t>> Client::insert_all(const char* collection, std::span<const Bson* const> documents) {
    std::vector<std::size_t> existing;
    for (std::size_t done = 0; done < documents.size();) {
        TRY(const auto refusal, insert_in_order(collection, documents.subspan(done)));
        if (!refusal) break;
        if (refusal->error.code != ErrorCode::AlreadyExists) return fail(refusal->error);
        existing.push_back(done + refusal->place);
        done += refusal->place + 1;
    }
    return existing;
}

Result<std::optional<Client::Refusal>> Client::insert_in_order(const char* collection, std::span<const Bson* const> documents) {
    if (documents.empty()) return std::nullopt;
    TRY(const Collection opened, open(collection));
    std::vector<const bson_t*> raw_documents;
    raw_documents.reserve(documents.size());
    for (const Bson* document : documents) raw_documents.push_back(document->get());
    bson_error_t error;
    bson_t raw_reply;
    const bool good =
        ::mongoc_collection_insert_many(opened.get(), raw_documents.data(), raw_documents.size(), nullptr, &raw_reply, &error);
    const Bson reply = reply_of(raw_reply);
    if (has_write_concern_error(reply)) return fail(failed(majority_missing()));
    if (good) return std::nullopt;
    const auto errors = BsonView(reply).documents("writeErrors");
    if (errors.empty()) return fail(failed(error));
    const BsonView first(errors.front());
    bson_error_t refusal;
    ::bson_set_error(&refusal, MONGOC_ERROR_SERVER, static_cast<std::uint32_t>(first.integer("code").value_or(0)), "%s",
                     first.text("errmsg").value_or("").c_str());
    return Refusal{static_cast<std::size_t>(first.integer("index").value_or(0)), failed(refusal)};
}

Result<std::int64_t> Client::update(const char* collection, const Bson& filter, const Bson& change) {
    TRY(const Collection opened, open(collection));
    bson_error_t error;
    bson_t raw_reply;
    const bool good = ::mongoc_collection_update_one(opened.get(), filter.get(), change.get(), nullptr, &raw_reply, &error);
    const Bson reply = reply_of(raw_reply);
    if (!good) return fail(failed(error));
    return BsonView(reply).integer("matchedCount").value_or(0);
}

Result<bool> Client::upsert(const char* collection, const Bson& filter, const Bson& change) {
    TRY(const Collection opened, open(collection));
    const Bson options = Bson().add("upsert", true);
    bson_error_t error;
    if (!::mongoc_collection_update_one(opened.get(), filter.get(), change.get(), options.get(), nullptr, &error))
        return fail(failed(error));
    return true;
}

Result<std::int64_t> Client::update_each(const char* collection, std::span<const Update> updates) {
    if (updates.empty()) return 0;
    TRY(const Collection opened, open(collection));
    const Bson options = Bson().add("ordered", false);
    mongoc_bulk_operation_t* const bulk = ::mongoc_collection_create_bulk_operation_with_opts(opened.get(), options.get());
    bson_error_t error;
    bool good = true;
    for (const Update& update : updates) {
        good = good && ::mongoc_bulk_operation_update_one_with_opts(bulk, update.filter.get(), update.change.get(), nullptr, &error);
    }
    bson_t raw_reply;
    if (!good) {
        ::mongoc_bulk_operation_destroy(bulk);
        return fail(failed(error));
    }
    good = ::mongoc_bulk_operation_execute(bulk, &raw_reply, &error) != 0;
    ::mongoc_bulk_operation_destroy(bulk);
    const Bson reply = reply_of(raw_reply);
    if (has_write_concern_error(reply)) return fail(failed(majority_missing()));
    if (!good) return fail(failed(error));
    return BsonView(reply).integer("nMatched").value_or(0);
}

Result<std::int64_t> Client::remove_one(const char* collection, const Bson& filter) {
    return remove(collection, filter, ::mongoc_collection_delete_one);
}

Result<std::int64_t> Client::remove_all(const char* collection, const Bson& filter) {
    return remove(collection, filter, ::mongoc_collection_delete_many);
}

Result<std::int64_t> Client::remove(const char* collection, const Bson& filter, Remove* how) {
    TRY(const Collection opened, open(collection));
    bson_error_t error;
    bson_t raw_reply;
    const bool good = how(opened.get(), filter.get(), nullptr, &raw_reply, &error);
    const Bson reply = reply_of(raw_reply);
    if (!good) return fail(failed(error));
    return BsonView(reply).integer("deletedCount").value_or(0);
}

Result<std::int64_t> Client::estimated_count(const char* collection) {
    TRY(const Collection opened, open(collection));
    bson_error_t error;
    const std::int64_t count = ::mongoc_collection_estimated_document_count(opened.get(), nullptr, nullptr, nullptr, &error);
    if (count < 0) return fail(failed(error));
    return count;
}

Result<bool> Client::create_index(const char* collection, const Index& index) {
    Bson description = Bson().add("key", index.keys).add("name", index.name);
    if (index.unique) description.add("unique", true);
    if (index.ttl) description.add("expireAfterSeconds", 0);
    std::vector<Bson> indexes;
    indexes.push_back(std::move(description));
    const Bson command = Bson().add("createIndexes", collection).add_array("indexes", indexes);

    TRY([[maybe_unused]] const Collection opened, open(collection));
    bson_error_t error;
    if (::mongoc_client_command_simple(client_, link_.database().c_str(), command.get(), nullptr, nullptr, &error)) return true;
    const bool conflicts = error.code == kIndexOptionsConflict || error.code == kIndexKeySpecsConflict;
    if (conflicts && !index.unique && !index.ttl) return true;  // it is there under another name
    if (passes(error) || error.code == kUnauthorized) return fail(failed(error));
    if (index.ttl) {
        log::info("MongoDB at {} makes no index that forgets documents ({}): {} is swept by this server", link_.hosts(), error.message,
                  collection);
    } else {
        log::warn("MongoDB at {} did not make the index {} of {}: {}", link_.hosts(), index.name, collection, error.message);
    }
    return false;
}

Result<Bson> Client::command(const Bson& command) {
    if (refuses()) return database_unavailable();
    mongoc_client_t* const client = raw();
    if (!client) return database_unavailable();
    bson_error_t error;
    bson_t raw_reply;
    const bool good = ::mongoc_client_command_simple(client, link_.database().c_str(), command.get(), nullptr, &raw_reply, &error);
    Bson reply = reply_of(raw_reply);
    if (!good) return fail(failed(error));
    return reply;
}

}  // namespace parley::storage::mongodb

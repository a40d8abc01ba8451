#include "storage/mongodb/change_stream.hpp"

#include <algorithm>
#include <array>

namespace parley::storage::mongodb {
namespace {

constexpr std::int32_t kQuietMs = 1'000;

// Codes that the specification calls resumable ("Resumable Error"), for servers before 4.4, which give no label; and CursorNotFound.
constexpr std::array<std::int64_t, 18> kResumable = {6,   7,   43,   63,    89,    91,    133,   150,   189,
                                                     234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436};
// InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost, ChangeStreamInvalidated, ChangeStreamStartAfterInvalidate; before 4.2:
// the resume token is not in the log.
constexpr std::array<std::int64_t, 7> kHistoryLost = {260, 280, 286, 346, 351, 40585, 40615};
// FailedToParse, CommandNotFound, CommandNotSupported, NotImplemented, an unknown stage, "only supported on replica sets".
constexpr std::array<std::int64_t, 6> kUnsupported = {9, 59, 115, 238, 40324, 40573};
constexpr std::int64_t kUnauthorized = 13;

bool among(std::int64_t code, const auto& codes) {
    return std::ranges::find(codes, code) != codes.end();
}

struct Reply {
    bson_t value = BSON_INITIALIZER;
    Reply() = default;
    ~Reply() { ::bson_destroy(&value); }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;
};

// The document at the place, where it lies.
bool view_document(const bson_iter_t& at, bson_t& document) {
    if (!BSON_ITER_HOLDS_DOCUMENT(&at)) return false;
    std::uint32_t length = 0;
    const std::uint8_t* data = nullptr;
    ::bson_iter_document(&at, &length, &data);
    return ::bson_init_static(&document, data, length);
}

// Without "ok" no server has answered: a cut, a time-out, no server to be found.
StreamTrouble trouble_of(const bson_t& reply) {
    const BsonView answer(reply);
    if (!answer.has("ok") || answer.integer("ok") == 1) return StreamTrouble::Interrupted;
    const std::int64_t code = answer.integer("code").value_or(0);
    if (::mongoc_error_has_label(&reply, "ResumableChangeStreamError") || among(code, kResumable)) return StreamTrouble::Interrupted;
    if (among(code, kHistoryLost) || ::mongoc_error_has_label(&reply, "NonResumableChangeStreamError")) return StreamTrouble::HistoryLost;
    if (code == kUnauthorized) return StreamTrouble::Forbidden;
    if (among(code, kUnsupported)) return StreamTrouble::Unsupported;
    return StreamTrouble::Refused;
}

// Shorter where the address lets nothing take a second.
std::int32_t quiet_ms(const mongoc_client_t* client) {
    const std::int32_t limit = ::mongoc_uri_get_option_as_int32(::mongoc_client_get_uri(client), MONGOC_URI_SOCKETTIMEOUTMS, 0);
    return limit > 0 ? std::clamp(limit / 2, 1, kQuietMs) : kQuietMs;
}

std::unexpected<StreamFailure> no_client() {
    return std::unexpected(StreamFailure{StreamTrouble::Interrupted, "no connection is free"});
}

}  // namespace

ChangeStream::~ChangeStream() {
    close();
}

ChangeStream::Outcome ChangeStream::open(const Visit& visit) {
    close();
    mongoc_client_t* const client = client_.raw();
    if (!client) return no_client();
    quiet_ms_ = quiet_ms(client);
    if (const auto selected = select_server(client); !selected) return selected;
    return run(aggregate(), "firstBatch", visit);
}

ChangeStream::Outcome ChangeStream::select_server(mongoc_client_t* client) {
    const Reply none;
    bson_error_t error;
    mongoc_server_description_t* const server = ::mongoc_client_select_server(client, true, nullptr, &error);
    if (!server) return failed(error, none.value);
    options_ = Bson().add("serverId", static_cast<std::int32_t>(::mongoc_server_description_id(server)));
    ::mongoc_server_description_destroy(server);
    // nullptr: this deployment has no sessions, and its cursors need none.
    session_.reset(::mongoc_client_start_session(client, nullptr, nullptr));
    if (session_ && !::mongoc_client_session_append(session_.get(), options_.get(), &error)) return failed(error, none.value);
    return true;
}

Bson ChangeStream::aggregate() const {
    Bson stage;
    if (has_place()) stage.add(ended_ ? "startAfter" : "resumeAfter", place_);
    std::vector<Bson> pipeline;
    pipeline.push_back(Bson().add("$changeStream", stage));
    for (const Bson& filter : filters_) pipeline.push_back(Bson::copy(*filter.get()));
    return Bson().add("aggregate", 1).add_array("pipeline", pipeline).add("cursor", Bson());
}

ChangeStream::Outcome ChangeStream::next(const Visit& visit) {
    if (cursor_ == 0) return std::unexpected(StreamFailure{StreamTrouble::Interrupted, "it is not open"});
    return run(Bson().add("getMore", cursor_).add("collection", collection_).add("maxTimeMS", quiet_ms_), "nextBatch", visit);
}

ChangeStream::Outcome ChangeStream::run(const Bson& command, const char* batch, const Visit& visit) {
    mongoc_client_t* const client = client_.raw();
    if (!client) return no_client();
    Reply reply;
    bson_error_t error;
    // By the helper for commands of any kind: those for reads add the address's read concern, and a change stream takes none but majority.
    const bool good = ::mongoc_client_command_with_opts(client, client_.link().database().c_str(), command.get(), nullptr, options_.get(),
                                                        &reply.value, &error);
    return good ? read(reply.value, batch, visit) : failed(error, reply.value);
}

ChangeStream::Outcome ChangeStream::read(const bson_t& reply, const char* batch, const Visit& visit) {
    bson_iter_t at;
    bson_t content;
    if (!::bson_iter_init_find(&at, &reply, "cursor") || !view_document(at, content)) {
        close();
        return std::unexpected(StreamFailure{StreamTrouble::Refused, "it answered without a cursor"});
    }
    const BsonView cursor(content);
    cursor_ = cursor.integer("id").value_or(0);
    const std::string name = cursor.text("ns").value_or("");
    collection_ = name.substr(name.find('.') + 1);  // "database.collection": the collection may have dots, "$cmd.aggregate" here
    bson_iter_t events;
    if (::bson_iter_init_find(&at, &content, batch) && ::bson_iter_recurse(&at, &events)) visit_events(events, visit);
    // "Updating the Cached Resume Token": behind the batch the server may know a later place than that of its last event.
    if (auto behind = cursor.document("postBatchResumeToken")) place_ = *std::move(behind);
    ended_ = cursor_ == 0;
    if (ended_) session_.reset();
    return !ended_;
}

void ChangeStream::visit_events(bson_iter_t& events, const Visit& visit) {
    while (::bson_iter_next(&events)) {
        bson_t event;
        if (!view_document(events, event)) continue;
        auto place = BsonView(event).document("_id");
        if (!place || place->bytes() == last_event_.bytes()) continue;
        visit(event);
        place_ = Bson::copy(*place->get());
        last_event_ = *std::move(place);
    }
}

void ChangeStream::forget() {
    place_ = Bson();
    ended_ = false;
}

// A client that has met a failure has lost its cursor as well.
ChangeStream::Outcome ChangeStream::failed(const bson_error_t& error, const bson_t& reply) {
    cursor_ = 0;
    session_.reset();
    const StreamTrouble trouble = trouble_of(reply);
    if (trouble == StreamTrouble::Interrupted) client_.link().report(error);
    return std::unexpected(StreamFailure{trouble, error.message});
}

// Leaves no cursor behind on a server that answers; one that was lost in a failure goes when the server finds nobody asking for it.
void ChangeStream::close() {
    if (cursor_ != 0) {
        mongoc_client_t* const client = client_.raw();
        const Bson command = Bson().add("killCursors", collection_).add_array("cursors", std::vector<std::int64_t>{cursor_});
        if (client) {
            ::mongoc_client_command_with_opts(client, client_.link().database().c_str(), command.get(), nullptr, options_.get(), nullptr,
                                              nullptr);
        }
        cursor_ = 0;
    }
    session_.reset();
}

}  // namespace parley::storage::mongodb

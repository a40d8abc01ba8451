#include "api/messages_controller.hpp"

#include <algorithm>

#include "api/paging.hpp"
#include "api/request_body.hpp"
#include "api/responses.hpp"
#include "api/spared_socket.hpp"

namespace parley::api {

namespace {

using dialect::Area;
using dialect::Text;

// Pages of the whole history are cut to about this many bytes: texts may be 100 KB long or two.
constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::size_t kFirstPiece = 100;  // messages
constexpr std::size_t kSmallestPiece = 4;
constexpr std::size_t kLargestPiece = 1000;

void append_messages(std::string& out, const dialect::Dialect& dialect, const std::vector<chat::Message>& messages) {
    for (const chat::Message& message : messages) {
        if (&message != &messages.front()) out += ',';
        dialect.append_history_message(out, message);
    }
}

// How many messages to ask for next, if `messages` of them took `bytes`.
std::size_t next_limit(std::size_t messages, std::size_t bytes) {
    const std::size_t each = std::max<std::size_t>(1, bytes / std::max<std::size_t>(1, messages));
    return std::clamp(kPieceBytes / each, kSmallestPiece, kLargestPiece);
}

// A long conversation after its first pages.
class HistorySource final : public net::BodySource {
public:
    // `start`: what goes out first, an array left open that is not empty; `query`: of the page after it.
    HistorySource(const Context& context, chat::HistoryQuery query, std::string start)
        : context_(context), query_(std::move(query)), start_(std::move(start)) {}

    Task<Result<std::string>> next() override {
        if (!start_.empty()) co_return std::exchange(start_, {});
        if (done_) co_return std::string();
        const chat::HistoryQuery query = query_;
        CO_TRY(const auto page, co_await context_.parts.messaging.history(query));
        std::string piece;
        if (!page.messages.empty()) {
            piece += ',';
            append_messages(piece, context_.dialect(), page.messages);
            query_.after = context_.parts.messages.cursor_of(page.messages.back());
            query_.limit = next_limit(page.messages.size(), piece.size());
        }
        done_ = !page.more || page.messages.empty();
        if (done_) piece += ']';
        co_return piece;
    }

private:
    const Context& context_;
    chat::HistoryQuery query_;
    std::string start_;
    bool done_ = false;
};

bool asks_for_page(std::string_view query) {
    return has_parameter(query, "limit") || has_parameter(query, "before") || has_parameter(query, "after");
}

Result<chat::HistoryQuery> read_query(chat::UserId reader, chat::UserId peer, std::string_view text) {
    chat::HistoryQuery query;
    query.reader = reader;
    query.peer = peer;
    query.from_start = false;
    TRY(query.limit, read_limit(text));
    TRY(query.before, read_parameter(text, "before"));
    TRY(query.after, read_parameter(text, "after"));
    return query;
}

}  // namespace

net::HttpResponse MessagesController::refuse_id() const {
    const auto& dialect = context_.dialect();
    if (context_.options.compat_status) return error_response(dialect, Area::Messages, 500, dialect.text(Text::MessagesFailure));
    return error_response(dialect, Area::Messages, 400, dialect.text(Text::InvalidUserId));
}

Task<net::HttpResponse> MessagesController::read(Call call) {
    const auto& dialect = context_.dialect();
    const auto peer = chat::UserId::parse(call.id);
    if (!peer) co_return refuse_id();
    const chat::UserId reader = call.identity.user;
    const std::string_view query_text = call.request.query();
    const bool paged = asks_for_page(query_text);
    auto query = read_query(reader, *peer, query_text);
    if (paged && !query) co_return error_response(dialect, Area::Messages, query.error());
    // The version first: what is read after it is at least as new.
    const auto version = co_await context_.parts.messaging.history_version(reader, *peer);
    if (!version) co_return error_response(dialect, Area::Messages, version.error());
    const std::string_view part = paged ? call.request.query() : std::string_view();
    const std::string etag = weak_etag({"messages", dialect.name(), reader.to_hex(), peer->to_hex(), *version, part});
    if (is_fresh(call.request, etag)) co_return not_modified(etag);
    if (paged) co_return co_await page(std::move(*query), etag);
    co_return co_await whole(reader, *peer, *version, etag);
}

// What fits is kept for the next one who asks; what does not goes out as far as it got, the rest streamed.
Task<net::HttpResponse> MessagesController::whole(chat::UserId reader, chat::UserId peer, std::string version, std::string etag) {
    if (auto kept = cache_.find(reader, peer, version)) co_return list_response(std::move(kept), etag);
    chat::HistoryQuery query;
    query.reader = reader;
    query.peer = peer;
    query.limit = kFirstPiece;
    std::string body = "[";
    for (;;) {
        const chat::HistoryQuery part = query;
        const auto page = co_await context_.parts.messaging.history(part);
        if (!page) co_return error_response(context_.dialect(), Area::Messages, page.error());
        if (!page->messages.empty()) {
            if (body.size() > 1) body += ',';
            append_messages(body, context_.dialect(), page->messages);
        }
        if (!page->more || page->messages.empty()) break;
        query.after = context_.parts.messages.cursor_of(page->messages.back());
        query.limit = next_limit(page->messages.size(), body.size());
        if (body.size() <= HistoryCache::kLargest) continue;
        co_return list_response(std::make_unique<HistorySource>(context_, std::move(query), std::move(body)), etag);
    }
    body += ']';
    body.shrink_to_fit();
    SharedBytes json = share(std::move(body));
    cache_.put(reader, peer, std::move(version), json);
    co_return list_response(std::move(json), etag);
}

Task<net::HttpResponse> MessagesController::page(chat::HistoryQuery query, std::string etag) {
    const chat::HistoryQuery asked = query;
    const auto page = co_await context_.parts.messaging.history(std::move(query));
    if (!page) co_return error_response(context_.dialect(), Area::Messages, page.error());
    std::string body = "[";
    append_messages(body, context_.dialect(), page->messages);
    body += ']';
    auto response = list_response(std::move(body), etag);
    const auto& messages = page->messages;
    const auto& store = context_.parts.messages;
    // After a cursor there is at least the message that it names before.
    const bool older = asked.after.empty() ? page->more : true;
    if (older && !messages.empty()) response.headers.add("X-Older-Cursor", store.cursor_of(messages.front()));
    if (!messages.empty()) response.headers.add("X-Newer-Cursor", store.cursor_of(messages.back()));
    if (messages.empty() && !asked.after.empty()) response.headers.add("X-Newer-Cursor", asked.after);
    co_return response;
}

// Joins what the body, the path and the headers say.
Result<chat::Draft> MessagesController::read_draft(const Call& call, dialect::OutgoingMessage message, chat::UserId receiver) const {
    const auto& headers = call.request.headers;
    const std::string_view key = headers.get("Idempotency-Key");
    if (headers.count("Idempotency-Key") > 1) return fail(ErrorCode::InvalidArgument, "Idempotency-Key may be given once");
    if (!key.empty() && !message.client_id.empty() && key != message.client_id) {
        return fail(ErrorCode::InvalidArgument, "Idempotency-Key and clientId differ");
    }
    chat::Draft draft;
    draft.sender = call.identity.user;
    draft.receiver = receiver;
    draft.text = std::move(message.text);
    draft.client_id = key.empty() ? std::move(message.client_id) : std::string(key);
    draft.origin = socket_to_spare(call.request);
    return draft;
}

Task<net::HttpResponse> MessagesController::send(Call call) {
    const auto& dialect = context_.dialect();
    if (const auto wait = context_.limiter.admit_send(call.identity.user.view()))
        co_return too_many_requests(dialect, Area::Messages, *wait);
    const auto receiver = chat::UserId::parse(call.id);
    if (!receiver) co_return refuse_id();
    auto fields = read_fields(call.request, std::move(call.request.body), context_.options.max_body_bytes);
    if (!fields) co_return error_response(dialect, Area::Messages, fields.error().status, fields.error().text);
    auto message = dialect.read_message(*std::move(fields));
    if (!message) co_return error_response(dialect, Area::Messages, message.error());
    auto draft = read_draft(call, std::move(*message), *receiver);
    if (!draft) co_return error_response(dialect, Area::Messages, draft.error());
    const auto appended = co_await context_.parts.messaging.send(std::move(*draft));
    if (!appended) co_return error_response(dialect, Area::Messages, appended.error());
    co_return json_response(201, dialect.message_json(appended->message));
}

}  // namespace parley::api

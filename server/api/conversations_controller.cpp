#include "api/conversations_controller.hpp"

#include "api/paging.hpp"
#include "api/request_body.hpp"
#include "api/responses.hpp"
#include "api/spared_socket.hpp"

namespace parley::api {

namespace {

using dialect::Text;

Result<chat::ConversationQuery> read_query(chat::UserId reader, std::string_view text) {
    chat::ConversationQuery query;
    query.reader = reader;
    TRY(query.limit, read_limit(text));
    TRY(query.after, read_parameter(text, "cursor"));
    return query;
}

}  // namespace

Task<net::HttpResponse> ConversationsController::list(Call call) {
    const auto& dialect = context_.dialect();
    auto query = read_query(call.identity.user, call.request.query());
    if (!query) co_return error_response(dialect, call.route.area, query.error());
    const auto page = co_await context_.parts.conversations.list(std::move(*query));
    if (!page) co_return error_response(dialect, call.route.area, page.error());
    std::string body = "[";
    for (const auto& conversation : page->conversations) {
        if (body.size() > 1) body += ',';
        dialect.append_conversation(body, conversation);
    }
    body += ']';
    auto response = json_response(200, std::move(body));
    if (page->next) response.headers.add("X-Next-Cursor", *page->next);
    co_return response;
}

Task<net::HttpResponse> ConversationsController::mark_read(Call call) {
    const auto& dialect = context_.dialect();
    const auto area = call.route.area;
    if (const auto wait = context_.limiter.admit_mark(call.identity.user.to_hex())) co_return too_many_requests(dialect, area, *wait);
    const auto peer = chat::UserId::parse(call.id);
    if (!peer) co_return error_response(dialect, area, 400, dialect.text(Text::InvalidUserId));
    const auto fields = read_fields(call.request, std::move(call.request.body), context_.options.max_body_bytes);
    if (!fields) co_return error_response(dialect, area, fields.error().status, fields.error().text);
    if (fields->from_list()) co_return error_response(dialect, area, 400, "The request body must be a JSON object");
    const auto message = dialect.read_mark(*fields);
    if (!message) co_return error_response(dialect, area, message.error());
    chat::ReadMark mark{.reader = call.identity.user, .peer = *peer, .message = *message, .origin = socket_to_spare(call.request)};
    const auto state = co_await context_.parts.conversations.mark_read(std::move(mark));
    if (!state) co_return error_response(dialect, area, state.error());
    co_return json_response(200, dialect.read_state_json(*peer, *state));
}

}  // namespace parley::api

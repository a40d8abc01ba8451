#include "api/users_controller.hpp"

#include "api/paging.hpp"
#include "api/responses.hpp"

namespace parley::api {

namespace {

constexpr std::size_t kStorePage = 500;

// The rest of a directory that is too long to be kept: page after page from the store, as the client takes it.
class DirectorySource final : public net::BodySource {
public:
    // `start`: what goes out first, an array left open; `cursor`: of the page after it.
    DirectorySource(const Context& context, chat::UserId caller, std::string start, std::string cursor)
        : context_(context), caller_(caller), start_(std::move(start)), cursor_(std::move(cursor)) {
        empty_ = start_ == "[";
    }

    Task<Result<std::string>> next() override {
        if (!start_.empty()) co_return std::exchange(start_, {});
        if (!cursor_) co_return std::string();
        chat::DirectoryQuery query;
        query.limit = kStorePage;
        query.after = *cursor_;
        CO_TRY(const auto page, co_await context_.parts.users.list(std::move(query)));
        std::string piece;
        for (const chat::User& user : page.users) append(piece, user);
        cursor_ = page.next;
        if (!cursor_) piece += ']';
        co_return piece;
    }

private:
    void append(std::string& piece, const chat::User& user) {
        if (user.id == caller_) return;
        if (!empty_) piece += ',';
        empty_ = false;
        context_.dialect().append_user(piece, user);
    }

    const Context& context_;
    const chat::UserId caller_;
    std::string start_;
    std::optional<std::string> cursor_;
    bool empty_;
};

Result<chat::DirectoryQuery> read_query(std::string_view text) {
    chat::DirectoryQuery query;
    TRY(query.limit, read_limit(text));
    TRY(query.after, read_parameter(text, "cursor"));
    TRY(query.text, read_parameter(text, "q"));
    return query;
}

}  // namespace

Task<net::HttpResponse> UsersController::list(Call call) {
    const std::string_view query = call.request.query();
    const bool paged = has_parameter(query, "limit") || has_parameter(query, "cursor") || has_parameter(query, "q");
    return paged ? page(std::move(call)) : whole(std::move(call));
}

Task<net::HttpResponse> UsersController::whole(Call call) {
    const auto& dialect = context_.dialect();
    const chat::UserId caller = call.identity.user;
    // The version first: what is read after it is at least as new, so an ETag never claims more than was sent.
    const auto version = co_await context_.parts.users.directory_version();
    if (!version) co_return error_response(dialect, call.route.area, version.error());
    const std::string etag = weak_etag({"users", dialect.name(), caller.to_hex(), *version});
    if (is_fresh(call.request, etag)) co_return not_modified(etag);
    if (const auto rendered = cache_.find(*version)) co_return list_response(rendered->body_without(caller), etag);
    auto body = co_await render(*version, caller);
    if (!body) co_return error_response(dialect, call.route.area, body.error());
    co_return list_response(std::move(*body), etag);
}

// Renders everybody; what fits is kept for the next caller, what does not goes out as far as it got, the rest streamed.
Task<Result<net::Body>> UsersController::render(std::string version, chat::UserId caller) {
    const auto users = std::make_shared<RenderedUsers>();
    chat::DirectoryQuery query;
    query.limit = kStorePage;
    for (;;) {
        const chat::DirectoryQuery part = query;
        CO_TRY(const auto page, co_await context_.parts.users.list(part));
        for (const chat::User& user : page.users) users->add(context_.dialect(), user);
        if (!page.next) break;
        query.after = *page.next;
        if (users->size_bytes() <= context_.options.directory_cache_bytes) continue;
        users->finish(RenderedUsers::End::LeaveOpen);
        co_return std::make_unique<DirectorySource>(context_, caller, users->text_without(caller), query.after);
    }
    users->finish();
    cache_.put(std::move(version), users);
    co_return users->body_without(caller);
}

Task<net::HttpResponse> UsersController::page(Call call) {
    const auto& dialect = context_.dialect();
    const auto area = call.route.area;
    const chat::UserId caller = call.identity.user;
    auto query = read_query(call.request.query());
    if (!query) co_return error_response(dialect, area, query.error());
    const auto version = co_await context_.parts.users.directory_version();
    if (!version) co_return error_response(dialect, area, version.error());
    const std::string etag = weak_etag({"users", dialect.name(), caller.to_hex(), *version, call.request.query()});
    if (is_fresh(call.request, etag)) co_return not_modified(etag);
    const auto page = co_await context_.parts.users.list(std::move(*query));
    if (!page) co_return error_response(dialect, area, page.error());
    RenderedUsers users;
    for (const chat::User& user : page->users) users.add(dialect, user);
    users.finish();
    auto response = list_response(users.text_without(caller), etag);
    if (page->next) response.headers.add("X-Next-Cursor", *page->next);
    co_return response;
}

Task<net::HttpResponse> UsersController::get(Call call) {
    const auto& dialect = context_.dialect();
    const auto area = call.route.area;
    const auto id = chat::UserId::parse(call.id);
    if (!id) co_return error_response(dialect, area, 400, dialect.text(dialect::Text::InvalidUserId));
    const auto user = co_await context_.parts.accounts.find(*id);
    if (!user) co_return error_response(dialect, area, user.error());
    if (!*user) co_return error_response(dialect, area, 404, dialect.text(dialect::Text::UserNotFound));
    std::string body;
    dialect.append_user(body, **user);
    co_return json_response(200, std::move(body));
}

}  // namespace parley::api

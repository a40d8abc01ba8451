// MessagesController: sending, and reading a conversation back. Without parameters the whole of it, oldest first; with `limit`, `before` or `after` a page
// (by itself `limit` means the newest), also oldest first. Headers of a page: X-Older-Cursor, for `before`, if there are older ones; X-Newer-Cursor, for
// `after`, always: what comes later can be asked for with it.
// Threading: any loop.
#pragma once

#include "api/context.hpp"
#include "api/history_cache.hpp"

namespace parley::api {

class MessagesController {
public:
    explicit MessagesController(Context& context) : context_(context), cache_(context.options.history_cache_bytes) {}

    Task<net::HttpResponse> read(Call call);
    Task<net::HttpResponse> send(Call call);

private:
    Task<net::HttpResponse> whole(chat::UserId reader, chat::UserId peer, std::string version, std::string etag);
    Task<net::HttpResponse> page(chat::HistoryQuery query, std::string etag);
    Result<chat::Draft> read_draft(const Call& call, dialect::OutgoingMessage message, chat::UserId receiver) const;
    net::HttpResponse refuse_id() const;

    Context& context_;
    HistoryCache cache_;
};

}  // namespace parley::api

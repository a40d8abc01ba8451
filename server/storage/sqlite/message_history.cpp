// MessageStore's reading half: pages, cursors, versions. All of it runs on readers' threads.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "parley/base/encoding.hpp"
#include "storage/sqlite/message_store.hpp"

namespace parley::storage::sqlite {
namespace {

constexpr std::size_t kMaxPage = 1'000'000;    // messages; kPageBytes ends a page much earlier
constexpr std::size_t kCursorCharacters = 16;  // 12 bytes in base64url

constexpr std::string_view kForwards =
    "SELECT id, sender, created_ms, updated_ms, body FROM messages WHERE conversation = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
constexpr std::string_view kBackwards =
    "SELECT id, sender, created_ms, updated_ms, body FROM messages WHERE conversation = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";

// What a page's statement is bound to.
struct Range {
    bool forwards = true;
    std::int64_t beyond = 0;  // exclusive
};

// The place of the message that a cursor names. InvalidArgument: no cursor, or not of this conversation.
Result<std::int64_t> find_place(Connection& connection, std::optional<std::int64_t> conversation, const std::string& cursor) {
    const auto id = cursor.size() == kCursorCharacters ? base64url_decode(cursor) : std::nullopt;
    if (!id || !conversation) return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    Statement find = connection.prepare("SELECT seq FROM messages WHERE id = ?1 AND conversation = ?2");
    find.bind(Blob{*id}, *conversation);
    TRY(const bool row, find.step());
    if (!row) return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    return find.integer(0);
}

Result<Range> range_of(Connection& connection, std::optional<std::int64_t> conversation, const chat::HistoryQuery& query) {
    if (query.before.empty() && query.after.empty()) {
        return query.from_start ? Range{true, 0} : Range{false, std::numeric_limits<std::int64_t>::max()};
    }
    const bool forwards = query.before.empty();
    TRY(const auto place, find_place(connection, conversation, forwards ? query.after : query.before));
    return Range{forwards, place};
}

chat::Message read_message(const Statement& row, const chat::HistoryQuery& query) {
    const chat::UserId sender(row.id(1));
    return {.id = chat::MessageId(row.id(0)),
            .sender = sender,
            .receiver = sender == query.reader ? query.peer : query.reader,
            .text = row.text(4),
            .created_at = row.time(2),
            .updated_at = row.time(3)};
}

// In the statement's order.
Result<chat::MessagePage> collect(Statement& rows, const chat::HistoryQuery& query, std::size_t limit) {
    chat::MessagePage page;
    std::size_t bytes = 0;
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return page;
        page.more = page.messages.size() == limit || bytes >= MessageStore::kPageBytes;
        if (page.more) return page;
        page.messages.push_back(read_message(rows, query));
        bytes += page.messages.back().text.size();
    }
}

}  // namespace

Result<std::optional<std::int64_t>> MessageStore::find_conversation(Connection& connection, const chat::Pair& pair) {
    Statement find = connection.prepare("SELECT id FROM conversations WHERE pair = ?1");
    find.bind(Blob{pair.view()});
    TRY(const bool row, find.step());
    return row ? std::optional(find.integer(0)) : std::nullopt;
}

Result<chat::MessagePage> MessageStore::read_page(Connection& connection, const chat::HistoryQuery& query) {
    TRY(const auto conversation, find_conversation(connection, chat::Pair::of(query.reader, query.peer)));
    TRY(const Range range, range_of(connection, conversation, query));
    if (!conversation) return chat::MessagePage{};

    const std::size_t limit = std::min(query.limit, kMaxPage);
    Statement rows = connection.prepare(range.forwards ? kForwards : kBackwards);
    rows.bind(*conversation, range.beyond, static_cast<std::int64_t>(limit) + 1);
    TRY(chat::MessagePage page, collect(rows, query, limit));
    if (!range.forwards) std::reverse(page.messages.begin(), page.messages.end());
    return page;
}

Task<Result<chat::MessagePage>> MessageStore::history(chat::HistoryQuery query) {
    auto read = [query = std::move(query)](Connection& connection) { return read_page(connection, query); };
    co_return co_await readers_.run<chat::MessagePage>(std::move(read));
}

std::string MessageStore::cursor_of(const chat::Message& message) const {
    return base64url_encode({reinterpret_cast<const char*>(message.id.bytes.data()), message.id.bytes.size()});
}

Result<ConversationVersion> MessageStore::find_version(Connection& connection, const chat::Pair& pair) {
    Statement find =
        connection.prepare("SELECT c.id, (SELECT max(seq) FROM messages WHERE conversation = c.id) FROM conversations c WHERE c.pair = ?1");
    find.bind(Blob{pair.view()});
    TRY(const bool row, find.step());
    return row ? ConversationVersion{find.integer(0), find.integer(1)} : ConversationVersion{};
}

Task<Result<std::string>> MessageStore::history_version(chat::UserId reader, chat::UserId peer) {
    const chat::Pair pair = chat::Pair::of(reader, peer);
    auto version = versions_.find(pair);
    if (!version) {
        const auto ticket = versions_.ticket(pair);
        auto query = [pair](Connection& connection) { return find_version(connection, pair); };
        CO_TRY(version, co_await readers_.run<ConversationVersion>(std::move(query)));
        versions_.put(ticket, pair, *version);
    }
    if (version->conversation == 0) co_return std::string();
    co_return fmt::format("{}{}-{}", version_prefix_, version->conversation, version->last_seq);
}

}  // namespace parley::storage::sqlite

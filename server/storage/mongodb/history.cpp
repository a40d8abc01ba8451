#include "storage/mongodb/history.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "parley/base/encoding.hpp"
#include "storage/mongodb/conversations.hpp"
#include "storage/mongodb/documents.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::size_t kMaxPage = 100'000;  // messages; kPageBytes ends a page much earlier
constexpr std::size_t kCursorBytes = 8 + 12;

// Both ends are exclusive.
struct Range {
    std::optional<Place> after;
    std::optional<Place> before;
};

struct Row {
    Place place;
    chat::Message message;
};

// What was read of one direction of a pair, in the order of reading. `exhausted`: there is no more of it.
struct Rows {
    std::vector<Row> rows;
    bool exhausted = true;
};

// Finds documents without the field, too; as MongoDB sorts them they come first.
Bson without_time() {
    Bson filter;
    bson_append_null(filter.get(), "createdAt", -1);
    return filter;
}

// Bounds of the index, and nothing else: what lies at the very times of the range's ends is left out by in_range().
Bson range_filter(chat::UserId sender, chat::UserId receiver, const Range& range) {
    Bson filter = direction_filter(sender, receiver);
    Bson times;
    if (range.after && range.after->timed) times.add("$gte", range.after->created_at);
    // "Before the next millisecond": an index whose fields go on behind the time makes some servers leave out the times equal to an inclusive bound.
    if (range.before && range.before->timed) times.add("$lt", range.before->created_at + std::chrono::milliseconds(1));
    if (!times.empty()) filter.add("createdAt", times);
    return filter;
}

bool in_range(const Place& place, const Range& range) {
    return (!range.after || *range.after < place) && (!range.before || place < *range.before);
}

enum class Limit : std::uint8_t { ByServer, ByUs };

Result<Rows> read_rows(Client& client, chat::UserId sender, chat::UserId receiver, const Range& range, bool forwards, std::size_t limit,
                       Limit by = Limit::ByServer) {
    const std::int32_t direction = forwards ? 1 : -1;
    Bson options = Bson().add("sort", Bson().add("createdAt", direction).add("_id", direction));
    if (by == Limit::ByServer) options.add("limit", static_cast<std::int64_t>(limit) + 1);
    Rows read;
    std::size_t seen = 0;
    std::size_t bytes = 0;
    const auto take = [&](const bson_t& document) {
        ++seen;
        read.exhausted = read.rows.size() < limit && bytes < kPageBytes;
        if (!read.exhausted) return false;
        auto message = read_message(document);
        if (!message) return true;  // another program's document: it is no message
        const Place place = place_of(document);
        if (!in_range(place, range)) return true;
        bytes += message->text.size();
        read.rows.push_back({place, *std::move(message)});
        return true;
    };
    TRY([[maybe_unused]] const bool done, client.find(kMessages, range_filter(sender, receiver, range), options, take));
    // A bound on times leaves out the messages that have none.
    if (!forwards && read.exhausted && range.before && range.before->timed && !range.after) {
        Bson untimed = direction_filter(sender, receiver);
        ::bson_concat(untimed.get(), without_time().get());
        TRY([[maybe_unused]] const bool all, client.find(kMessages, untimed, options, take));
    }
    // The server counts documents, we count messages.
    const bool cut_short = by == Limit::ByServer && read.exhausted && seen > limit;
    if (cut_short) return read_rows(client, sender, receiver, range, forwards, limit, Limit::ByUs);
    return read;
}

bool comes_first(const Row& one, const Row& other, bool forwards) {
    return forwards ? one.place < other.place : other.place < one.place;
}

// In the order of reading, as far as both are known.
std::vector<Row> merge(Rows one, Rows other, bool forwards, bool& more) {
    std::vector<Row> merged;
    auto a = one.rows.begin();
    auto b = other.rows.begin();
    more = !one.exhausted || !other.exhausted;
    while (a != one.rows.end() || b != other.rows.end()) {
        if ((a == one.rows.end() && !one.exhausted) || (b == other.rows.end() && !other.exhausted)) break;
        const bool from_one = b == other.rows.end() || (a != one.rows.end() && comes_first(*a, *b, forwards));
        merged.push_back(std::move(from_one ? *a++ : *b++));
    }
    return merged;
}

const Row* newest(const Rows& rows, bool forwards) {
    if (rows.rows.empty()) return nullptr;
    return forwards ? &rows.rows.back() : &rows.rows.front();
}

// What was stored in `first` while `second` was read, and comes before something that `second` shows.
Result<bool> catch_up(Client& client, const chat::HistoryQuery& query, const Range& range, bool forwards, Rows& first, const Rows& second) {
    const Row* const last_seen = newest(first, forwards);
    const Row* const shown = newest(second, forwards);
    if (!shown || (last_seen && shown->place < last_seen->place)) return true;
    if (forwards && !first.exhausted) return true;  // the page ends before
    const Range gap{.after = last_seen ? last_seen->place : range.after, .before = shown->place};
    TRY(auto late, read_rows(client, query.reader, query.peer, gap, forwards, kMaxPage));
    if (!late.exhausted) {  // the page ends where these do
        if (!forwards) first.rows.clear();
        first.exhausted = false;
    }
    const auto at = forwards ? first.rows.end() : first.rows.begin();
    first.rows.insert(at, std::make_move_iterator(late.rows.begin()), std::make_move_iterator(late.rows.end()));
    return true;
}

std::uint64_t read_big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

// A message without a time of its own carries that of its id, and its cursor too: where the two cannot be told apart the message itself says.
Result<Place> read_cursor(Client& client, const std::string& cursor) {
    const auto bytes = base64url_decode(cursor);
    if (!bytes || bytes->size() != kCursorBytes) return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    Place place{.created_at = chat::Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(read_big_endian(bytes->substr(0, 8))))),
                .id = {}};
    std::copy(bytes->begin() + 8, bytes->end(), place.id.bytes.begin());
    if (place.created_at < kBeginningOfTime || place.created_at > kEndOfTime) return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    if (place.created_at != time_of(place.id)) return place;
    const Bson options = Bson().add("projection", Bson().add("createdAt", 1));
    TRY(const auto found, client.find_one(kMessages, Bson().add("_id", place.id), options));
    if (found && !BsonView(*found).time("createdAt")) place = {.timed = false, .created_at = {}, .id = place.id};
    return place;
}

Result<Range> range_of(Client& client, const chat::HistoryQuery& query) {
    Range range;
    if (!query.after.empty()) {
        TRY(range.after, read_cursor(client, query.after));
    }
    if (!query.before.empty()) {
        TRY(range.before, read_cursor(client, query.before));
    }
    return range;
}

// "" if there is none.
Result<std::string> read_last(Client& client, chat::UserId sender, chat::UserId receiver, std::optional<chat::Timestamp> since) {
    TRY(const auto last, find_last(client, sender, receiver, since));
    return last ? make_cursor(*last) : "";
}

// The last of both directions; "" if there is none.
Result<std::string> read_lasts(Client& client, const Pair& pair, std::optional<chat::Timestamp> since) {
    TRY(const auto one, read_last(client, pair.low, pair.high, since));
    if (pair.is_self()) return one;
    TRY(const auto other, read_last(client, pair.high, pair.low, since));
    return one.empty() && other.empty() ? "" : one + "-" + other;
}

}  // namespace

Place place_of(const bson_t& message) {
    const BsonView view(message);
    const auto created_at = view.time("createdAt");
    return {.timed = created_at.has_value(),
            .created_at = created_at.value_or(chat::Timestamp()),
            .id = chat::MessageId(view.id("_id").value_or(chat::ObjectId()))};
}

std::string make_cursor(const Place& place) {
    const auto milliseconds = static_cast<std::uint64_t>(place.created_at.time_since_epoch().count());
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(milliseconds >> shift));
    bytes.append(reinterpret_cast<const char*>(place.id.bytes.data()), place.id.bytes.size());
    return base64url_encode(bytes);
}

Result<chat::MessagePage> read_history(Client& client, const chat::HistoryQuery& query) {
    TRY(const Range range, range_of(client, query));
    const bool forwards = query.before.empty() && (!query.after.empty() || query.from_start);
    const std::size_t limit = std::min(query.limit, kMaxPage);
    TRY(Rows sent, read_rows(client, query.reader, query.peer, range, forwards, limit));
    Rows received;
    if (query.reader != query.peer) {
        TRY(received, read_rows(client, query.peer, query.reader, range, forwards, limit));
        TRY([[maybe_unused]] const bool caught_up, catch_up(client, query, range, forwards, sent, received));
    }

    chat::MessagePage page;
    auto rows = merge(std::move(sent), std::move(received), forwards, page.more);
    std::size_t bytes = 0;
    for (Row& row : rows) {
        if (page.messages.size() == limit || bytes >= kPageBytes) {
            page.more = true;
            break;
        }
        bytes += row.message.text.size();
        page.messages.push_back(std::move(row.message));
    }
    if (!forwards) std::ranges::reverse(page.messages);
    return page;
}

// Every new message is among those since shortly before the last push, and its own push changes the document.
Result<std::string> read_version(Client& client, const Pair& pair, std::optional<chat::ConversationId> conversation) {
    constexpr std::chrono::minutes kBeforeLastPush{10};
    const Bson options = Bson().add("projection", Bson().add("_id", 1).add("__v", 1).add("updatedAt", 1));
    const Bson filter = conversation ? Bson().add("_id", *conversation) : conversation_filter(pair);
    TRY(const auto document, client.find_one(kConversations, filter, options));
    const auto updated_at = document ? BsonView(*document).time("updatedAt") : std::nullopt;
    std::string lasts;
    if (updated_at) {
        TRY(lasts, read_lasts(client, pair, *updated_at - kBeforeLastPush));
    }
    if (lasts.empty()) {
        TRY(lasts, read_lasts(client, pair, std::nullopt));
    }
    if (lasts.empty() || !updated_at) return lasts;
    return fmt::format("{}-{}-{}", lasts, BsonView(*document).integer("__v").value_or(0), updated_at->time_since_epoch().count());
}

}  // namespace parley::storage::mongodb

#include "storage/mongodb/conversation_store.hpp"

#include <algorithm>
#include <unordered_map>

#include "parley/base/encoding.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/history.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::size_t kMaxPage = 1'000;
constexpr std::size_t kDetailsAtOnce = 50;
constexpr std::size_t kLookUpSteps = 100;  // what asking about one conversation alone counts as

// Of the last message of a page's last conversation: its time and id, as a history's cursor, behind a letter that says whether it has a time.
constexpr std::size_t kCursorBytes = 1 + 8 + 12;

std::string list_cursor(const Place& place) {
    std::string bytes(1, place.timed ? 't' : 'u');
    const auto milliseconds = static_cast<std::uint64_t>(place.created_at.time_since_epoch().count());
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(milliseconds >> shift));
    bytes.append(reinterpret_cast<const char*>(place.id.bytes.data()), place.id.bytes.size());
    return base64url_encode(bytes);
}

std::optional<Place> parse_list_cursor(const std::string& cursor) {
    const auto bytes = cursor.size() <= 2 * kCursorBytes ? base64url_decode(cursor) : std::nullopt;
    if (!bytes || bytes->size() != kCursorBytes || (bytes->front() != 't' && bytes->front() != 'u')) return std::nullopt;
    std::uint64_t milliseconds = 0;
    for (std::size_t i = 1; i <= 8; ++i) milliseconds = milliseconds << 8 | static_cast<unsigned char>((*bytes)[i]);
    Place place{.timed = bytes->front() == 't',
                .created_at = chat::Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds))),
                .id = {}};
    std::copy(bytes->begin() + 9, bytes->end(), place.id.bytes.begin());
    return place;
}

std::unexpected<Error> no_message() {
    return fail(ErrorCode::NotFound, "Message not found");
}

Result<std::optional<Place>> find_wanted(Client& client, const chat::ReadMark& mark) {
    if (!mark.message) {
        TRY(const auto messages, find_last_messages(client, mark.reader, mark.peer));
        return messages.last();
    }
    TRY(const auto document, client.find_one(kMessages, Bson().add("_id", *mark.message)));
    if (!document) return no_message();
    const auto message = read_message(*document->get());
    if (!message || Pair::of(*message) != Pair::of(mark.reader, mark.peer)) return no_message();
    return place_of(*document->get());
}

template <class Id, class Read, class Values>
Result<bool> find_by_id(Client& client, const char* collection, const std::vector<Id>& ids, const Bson& options, Read read,
                        Values& values) {
    const auto take = [&](const bson_t& document) {
        if (auto value = read(document)) values.emplace(value->id, *std::move(value));
        return true;
    };
    return client.find(collection, Bson().add("_id", Bson().add_array("$in", ids)), options, take);
}

template <class Id, class Value>
std::optional<Value> find_in(const std::unordered_map<Id, Value>& values, const Id& id) {
    const auto at = values.find(id);
    return at == values.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace

// What a list says of some conversations beside who wrote last.
struct ConversationStore::Details {
    std::unordered_map<chat::MessageId, chat::Message> messages;
    std::unordered_map<chat::UserId, chat::User> users;
    std::unordered_map<chat::UserId, Place> marks;
    std::unordered_map<chat::UserId, std::size_t> unread;  // not of those with whom much was said
};

Result<ConversationStore::Details> ConversationStore::read_details(Client& client, chat::UserId reader,
                                                                   std::span<const Activity> activities) {
    std::vector<chat::MessageId> messages;
    std::vector<chat::UserId> peers;
    for (const Activity& activity : activities) {
        messages.push_back(activity.last.id);
        peers.push_back(activity.peer);
    }
    Details details;
    const Bson no_hash = Bson().add("projection", Bson().add("password", 0));
    TRY([[maybe_unused]] const bool texts, find_by_id(client, kMessages, messages, Bson(), read_message, details.messages));
    TRY([[maybe_unused]] const bool people, find_by_id(client, kUsers, peers, no_hash, read_user, details.users));
    TRY(details.marks, marks_.find(client, reader, peers));
    std::vector<Unread> unread;
    for (const Activity& activity : activities) {
        const Place read = read_until(find_in(details.marks, activity.peer));
        if (activity.received && activity.last > read) unread.push_back({activity.peer, activity.last, read});
    }
    TRY(details.unread, count_unread(client, reader, unread));
    return details;
}

Place ConversationStore::read_until(const std::optional<Place>& mark) const {
    return std::max(marks_.beginning(), mark.value_or(marks_.beginning()));
}

Result<chat::ReadState> ConversationStore::state_of(Client& client, chat::UserId reader, const Activity& activity, const Details& details,
                                                    std::size_t& steps) {
    const auto mark = find_in(details.marks, activity.peer);
    chat::ReadState state;
    if (mark) state.last_read = mark->id;
    if (!activity.received || activity.last <= read_until(mark)) return state;
    if (const auto unread = find_in(details.unread, activity.peer)) {
        state.unread = *unread;
    } else {
        steps += kLookUpSteps;
        TRY(state, state_now(client, {reader, activity.peer}, mark));
    }
    steps += state.unread;
    return state;
}

Result<chat::ConversationPage> ConversationStore::read_page(Client& client, const chat::ConversationQuery& query,
                                                            const std::optional<Place>& before) {
    const std::size_t limit = std::min(query.limit, kMaxPage);
    TRY(const auto latest, find_latest(client, query.reader, before, limit + 1));
    chat::ConversationPage page;
    Details details;
    std::size_t bytes = 0;
    std::size_t steps = 0;
    for (std::size_t i = 0; i < latest.size(); ++i) {
        if (i == limit || bytes >= kPageBytes || steps >= kPageSteps) {
            page.next = list_cursor(latest[i - 1].last);
            return page;
        }
        if (i % kDetailsAtOnce == 0) {
            const auto some = std::span(latest).subspan(i, std::min(kDetailsAtOnce, latest.size() - i));
            TRY(details, read_details(client, query.reader, some));
        }
        const Activity& activity = latest[i];
        const auto message = details.messages.find(activity.last.id);
        if (message == details.messages.end()) continue;  // removed a moment ago
        chat::ConversationSummary summary{.peer = activity.peer, .user = {}, .last_message = message->second, .state = {}};
        summary.user = find_in(details.users, activity.peer);
        TRY(summary.state, state_of(client, query.reader, activity, details, steps));
        bytes += summary.last_message.text.size();
        page.conversations.push_back(std::move(summary));
    }
    return page;
}

Task<Result<chat::ConversationPage>> ConversationStore::list(chat::ConversationQuery query) {
    const auto before = parse_list_cursor(query.after);
    if (!before && !query.after.empty()) co_return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    auto read = [this, query = std::move(query), before](Client& client) { return read_page(client, query, before); };
    co_return co_await workers_.run<chat::ConversationPage>(std::move(read));
}

Result<chat::ReadState> ConversationStore::state_now(Client& client, const Reading& reading, const std::optional<Place>& mark) {
    TRY(const auto messages, find_last_messages(client, reading.reader, reading.peer));
    chat::ReadState state;
    if (mark) state.last_read = mark->id;
    const auto read = std::max(std::optional(read_until(mark)), messages.own);
    if (messages.others > read) {
        TRY(state.unread, count_received(client, reading.reader, reading.peer, *read));
    }
    return state;
}

// The shard's mutex is held.
Result<chat::ReadState> ConversationStore::tell(Client& client, Shard& shard, const Reading& reading, const Place& mark,
                                                std::string origin) {
    TRY(const auto state, state_now(client, reading, mark));
    if (Place* const told = shard.told.find(reading)) {
        *told = mark;
    } else {
        shard.told.put(reading, mark);
    }
    announcements_.marked_read({reading.reader, reading.peer, mark.id, state.unread, std::move(origin)});
    return state;
}

// A mark that was moved and not told of, because the database went away in between, is told of when it is heard of.
Result<chat::ReadState> ConversationStore::mark_now(Client& client, const chat::ReadMark& mark) {
    const Reading reading{mark.reader, mark.peer};
    TRY(const auto wanted, find_wanted(client, mark));
    TRY(auto known, marks_.find(client, reading));
    if (wanted <= known) return state_now(client, reading, known);

    Shard& shard = shard_of(reading);
    const std::scoped_lock lock(shard.mutex);
    TRY(const bool moved, marks_.advance(client, reading, *wanted));
    if (moved) return tell(client, shard, reading, *wanted, mark.origin);
    TRY(known, marks_.find(client, reading));
    return state_now(client, reading, known);
}

Task<Result<chat::ReadState>> ConversationStore::mark_read(chat::ReadMark mark) {
    auto move = [this, mark = std::move(mark)](Client& client) { return mark_now(client, mark); };
    co_return co_await workers_.run<chat::ReadState>(std::move(move));
}

void ConversationStore::heard(const Reading& reading, chat::MessageId message) {
    workers_.post([this, reading, message](Client& client) { tell_heard(client, reading, message); });
}

// What cannot be read now is not told: whoever comes back asks.
void ConversationStore::tell_heard(Client& client, const Reading& reading, chat::MessageId message) {
    Shard& shard = shard_of(reading);
    const std::scoped_lock lock(shard.mutex);
    const Place* const told = shard.told.find(reading);
    if (told && told->id == message) return;
    const auto mark = marks_.find(client, reading);
    if (!mark || !*mark || (told && **mark <= *told)) return;
    static_cast<void>(tell(client, shard, reading, **mark, ""));
}

}  // namespace parley::storage::mongodb

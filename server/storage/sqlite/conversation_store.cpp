#include "storage/sqlite/conversation_store.hpp"

#include <algorithm>
#include <limits>

#include "chat/pair.hpp"

namespace parley::storage::sqlite {
namespace {

constexpr std::size_t kMaxPage = 10'000;

// The member's conversations by their latest message. Materialized: else each conversation would be looked up for the WHERE and for the ORDER BY too.
constexpr std::string_view kLatest =
    "WITH latest AS MATERIALIZED (SELECT conversation, (SELECT position FROM messages WHERE conversation = members.conversation"
    " ORDER BY seq DESC LIMIT 1) AS position FROM members WHERE user = ?1)"
    " SELECT conversation, position FROM latest WHERE position < ?2 ORDER BY position DESC LIMIT ?3";

// ?1: the reader; ?2: the conversation; ?3: position of its last message. Of a pair, the half that is not the reader is the other.
constexpr std::string_view kSummary =
    "SELECT c.peer, m.id, m.sender, m.created_ms, m.updated_ms, m.body, m.seq, u.id, u.full_name, u.username, u.gender, u.profile_picture,"
    " u.created_ms, u.updated_ms, r.read_seq, read.id FROM"
    " (SELECT CASE substr(pair, 1, 12) WHEN ?1 THEN substr(pair, 13) ELSE substr(pair, 1, 12) END AS peer FROM conversations WHERE id = "
    "?2) c"
    " CROSS JOIN messages m ON m.position = ?3 CROSS JOIN members r ON r.conversation = ?2 AND r.user = ?1 LEFT JOIN users u ON u.id = "
    "c.peer"
    " LEFT JOIN messages read ON read.conversation = ?2 AND read.seq = r.read_seq";

// What a query sees does not change under it.
class Snapshot {
public:
    explicit Snapshot(Connection& connection) : connection_(connection) {}
    ~Snapshot() {
        if (connection_.in_transaction()) (void)connection_.prepare("COMMIT").run();
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    Result<bool> begin() { return connection_.prepare("BEGIN").run(); }

private:
    Connection& connection_;
};

// What a walk back from the end of a conversation is about.
struct Walk {
    chat::UserId reader;
    std::int64_t conversation = 0;
    std::int64_t mark = 0;        // seq; 0 for none
    std::int64_t read_until = 0;  // position: all messages up to it count as read
};

struct Counted {
    std::size_t unread = 0;
    bool up_to_mark = false;  // nothing before the mark ended the walk
};

Result<Counted> count_unread(Connection& connection, const Walk& walk) {
    Statement rows =
        connection.prepare("SELECT sender, position FROM messages WHERE conversation = ?1 AND seq > ?2 ORDER BY seq DESC LIMIT ?3");
    rows.bind(walk.conversation, walk.mark, static_cast<std::int64_t>(chat::kMaxUnreadCounted));
    for (std::size_t unread = 0;; ++unread) {
        TRY(const bool row, rows.step());
        if (!row) return Counted{unread, true};
        if (rows.integer(1) <= walk.read_until || chat::UserId(rows.id(0)) == walk.reader) return Counted{unread, false};
    }
}

Result<std::int64_t> find_read_until(Connection& connection) {
    return connection.query_integer("SELECT value FROM meta WHERE key = 'read_until'");
}

struct Latest {
    std::int64_t conversation;
    std::int64_t position;
};

// One more than `limit`, if there are more.
Result<std::vector<Latest>> find_latest(Connection& connection, chat::UserId reader, std::int64_t before, std::size_t limit) {
    Statement rows = connection.prepare(kLatest);
    rows.bind(reader, before, static_cast<std::int64_t>(limit) + 1);
    std::vector<Latest> found;
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return found;
        found.push_back({rows.integer(0), rows.integer(1)});
    }
}

std::optional<chat::User> read_user(const Statement& row) {
    if (row.bytes(7).empty()) return std::nullopt;
    return chat::User{.id = chat::UserId(row.id(7)),
                      .full_name = row.text(8),
                      .username = row.text(9),
                      .password_hash = "",
                      .gender = row.integer(10) == 0 ? chat::Gender::Male : chat::Gender::Female,
                      .profile_picture = row.text(11),
                      .created_at = row.time(12),
                      .updated_at = row.time(13)};
}

// What is known of a conversation before anything is counted.
struct Found {
    chat::ConversationSummary summary;
    std::int64_t last_seq = 0;
    std::int64_t mark = 0;
};

Result<Found> read_summary(Connection& connection, chat::UserId reader, const Latest& latest) {
    Statement row = connection.prepare(kSummary);
    row.bind(reader, latest.conversation, latest.position);
    TRY([[maybe_unused]] const bool there, row.step());
    const chat::UserId peer(row.id(0));
    const chat::UserId sender(row.id(2));
    Found found{.summary = {.peer = peer,
                            .user = read_user(row),
                            .last_message = {.id = chat::MessageId(row.id(1)),
                                             .sender = sender,
                                             .receiver = sender == reader ? peer : reader,
                                             .text = row.text(5),
                                             .created_at = row.time(3),
                                             .updated_at = row.time(4)},
                            .state = {}},
                .last_seq = row.integer(6),
                .mark = row.integer(14)};
    if (!row.bytes(15).empty()) found.summary.state.last_read = chat::MessageId(row.id(15));
    return found;
}

// Where a mark is to be set, and where it is now.
struct Place {
    std::int64_t conversation = 0;
    std::int64_t wanted = 0;  // seq, as all of them; 0: nothing to mark
    std::int64_t mark = 0;
    std::int64_t last = 0;  // of the conversation, when this was looked at
    // What holds then; if the mark is to move: what will hold when it has moved, but for messages after `last`.
    chat::ReadState state;

    bool moves() const { return wanted > mark; }
};

std::unexpected<Error> no_message() {
    return fail(ErrorCode::NotFound, "Message not found");
}

struct Named {
    std::int64_t seq = 0;
    chat::MessageId id;
};

// seq 0: a conversation without messages.
Result<Named> find_wanted(Connection& connection, std::int64_t conversation, const std::optional<chat::MessageId>& message) {
    Statement find = connection.prepare(message ? "SELECT seq, id FROM messages WHERE id = ?2 AND conversation = ?1"
                                                : "SELECT seq, id FROM messages WHERE conversation = ?1 ORDER BY seq DESC LIMIT 1");
    if (message) {
        find.bind(conversation, *message);
    } else {
        find.bind(conversation);
    }
    TRY(const bool row, find.step());
    if (!row && message) return no_message();
    return row ? Named{find.integer(0), chat::MessageId(find.id(1))} : Named{};
}

Result<std::int64_t> find_last(Connection& connection, std::int64_t conversation) {
    Statement find = connection.prepare("SELECT max(seq) FROM messages WHERE conversation = ?1");
    find.bind(conversation);
    TRY([[maybe_unused]] const bool row, find.step());
    return find.integer(0);
}

Result<chat::ReadState> read_state(Connection& connection, chat::UserId reader, std::int64_t conversation) {
    chat::ReadState state;
    TRY(const auto read_until, find_read_until(connection));
    Walk walk{.reader = reader, .conversation = conversation, .read_until = read_until};
    {
        Statement find = connection.prepare(
            "SELECT r.read_seq, m.id FROM members r CROSS JOIN messages m ON m.conversation = r.conversation AND m.seq = r.read_seq"
            " WHERE r.user = ?1 AND r.conversation = ?2");
        find.bind(reader, conversation);
        TRY(const bool row, find.step());
        if (row) {
            walk.mark = find.integer(0);
            state.last_read = chat::MessageId(find.id(1));
        }
    }
    TRY(const Counted counted, count_unread(connection, walk));
    state.unread = counted.unread;
    return state;
}

// Counts here, among the readers, what the writer then need not.
Result<Place> find_place(Connection& connection, const chat::ReadMark& mark) {
    Snapshot snapshot(connection);
    TRY([[maybe_unused]] const bool begun, snapshot.begin());
    Place place;
    {
        const chat::Pair pair = chat::Pair::of(mark.reader, mark.peer);
        Statement find = connection.prepare(
            "SELECT c.id, (SELECT read_seq FROM members WHERE conversation = c.id AND user = ?2) FROM conversations c WHERE c.pair = ?1");
        find.bind(Blob{pair.view()}, mark.reader);
        TRY(const bool row, find.step());
        if (!row && mark.message) return no_message();
        if (!row) return place;
        place.conversation = find.integer(0);
        place.mark = find.integer(1);
    }
    TRY(const Named wanted, find_wanted(connection, place.conversation, mark.message));
    place.wanted = wanted.seq;
    if (!place.moves()) {
        TRY(place.state, read_state(connection, mark.reader, place.conversation));
        return place;
    }
    TRY(place.last, find_last(connection, place.conversation));
    TRY(const auto read_until, find_read_until(connection));
    TRY(const Counted counted, count_unread(connection, {mark.reader, place.conversation, place.wanted, read_until}));
    place.state = {.last_read = wanted.id, .unread = counted.unread};
    return place;
}

struct Moved {
    chat::ReadState state;
    bool moved = false;  // false: a later mark came before this one had its turn
};

// Everybody waits for the writer: it looks at nothing but the messages that have come since the place was found.
Result<Moved> move_mark(Connection& connection, chat::UserId reader, const Place& place) {
    Moved done{.state = place.state};
    {
        Statement move = connection.prepare("UPDATE members SET read_seq = ?3 WHERE conversation = ?2 AND user = ?1 AND read_seq < ?3");
        move.bind(reader, place.conversation, place.wanted);
        TRY([[maybe_unused]] const bool ran, move.run());
        done.moved = connection.changed_rows() == 1;
    }
    if (!done.moved) return done;
    TRY(const Counted later, count_unread(connection, {.reader = reader, .conversation = place.conversation, .mark = place.last}));
    const std::size_t before = later.up_to_mark ? place.state.unread : 0;
    done.state.unread = std::min(before + later.unread, chat::kMaxUnreadCounted);
    return done;
}

}  // namespace

Result<chat::ConversationPage> ConversationStore::read_page(Connection& connection, chat::UserId reader, std::int64_t before,
                                                            std::size_t limit) const {
    Snapshot snapshot(connection);
    TRY([[maybe_unused]] const bool begun, snapshot.begin());
    TRY(const auto read_until, find_read_until(connection));
    TRY(const auto latest, find_latest(connection, reader, before, limit));
    chat::ConversationPage page;
    std::size_t bytes = 0;
    std::size_t steps = 0;
    for (std::size_t i = 0; i < latest.size(); ++i) {
        if (i == limit || bytes >= kPageBytes || steps >= kPageSteps) {
            page.next = cursor_.make(latest[i - 1].position);
            return page;
        }
        TRY(auto found, read_summary(connection, reader, latest[i]));
        auto& summary = found.summary;
        if (summary.last_message.sender != reader && found.mark < found.last_seq) {
            TRY(const Counted counted, count_unread(connection, {reader, latest[i].conversation, found.mark, read_until}));
            summary.state.unread = counted.unread;
        }
        bytes += summary.last_message.text.size();
        steps += summary.state.unread;
        page.conversations.push_back(std::move(summary));
    }
    return page;
}

Task<Result<chat::ConversationPage>> ConversationStore::list(chat::ConversationQuery query) {
    const auto before = query.after.empty() ? std::numeric_limits<std::int64_t>::max() : cursor_.parse(query.after);
    if (!before) co_return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    const std::size_t limit = std::min(query.limit, kMaxPage);
    auto read = [this, reader = query.reader, before = *before, limit](Connection& connection) {
        return read_page(connection, reader, before, limit);
    };
    co_return co_await readers_.run<chat::ConversationPage>(std::move(read));
}

Task<Result<chat::ReadState>> ConversationStore::mark_read(chat::ReadMark mark) {
    auto look = [mark](Connection& connection) { return find_place(connection, mark); };
    CO_TRY(const Place place, co_await readers_.run<Place>(std::move(look)));
    if (!place.moves()) co_return place.state;

    const std::size_t bytes = mark.origin.size();
    const chat::UserId reader = mark.reader;
    auto apply = [place, reader](Transaction& transaction) { return move_mark(transaction.connection, reader, place); };
    auto announce = [this, mark = std::move(mark)](const Moved& done) {
        if (done.moved) listener_.marked_read({mark.reader, mark.peer, *done.state.last_read, done.state.unread, mark.origin});
    };
    CO_TRY(const Moved done, co_await writer_.run<Moved>(bytes, std::move(apply), std::move(announce)));
    if (done.moved) co_return done.state;
    auto look_again = [reader, conversation = place.conversation](Connection& connection) {
        return read_state(connection, reader, conversation);
    };
    co_return co_await readers_.run<chat::ReadState>(std::move(look_again));
}

}  // namespace parley::storage::sqlite

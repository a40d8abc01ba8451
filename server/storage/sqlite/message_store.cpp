#include "storage/sqlite/message_store.hpp"

#include <algorithm>

namespace parley::storage::sqlite {
namespace {

constexpr std::int64_t kSweepRows = 500;
constexpr std::size_t kDraftOverhead = 512;  // bytes that a waiting draft holds beside its text, about

constexpr int kKindPair = 1;

// The message while the listener has it; its sender needs it afterwards.
struct Lent {
    Lent(chat::Message& message, chat::Draft& draft)
        : owner(message), event{std::move(message), std::move(draft.client_id), std::move(draft.origin)} {}
    ~Lent() { owner = std::move(event.message); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;

    chat::Message& owner;
    chat::Committed event;
};

}  // namespace

// One message on its way through the writer.
class MessageStore::Append final : public WriteOperation {
public:
    Append(MessageStore& store, chat::Draft draft, Completer<Result<chat::Appended>> completer)
        : WriteOperation(draft.text.size() + kDraftOverhead), store_(store), draft_(std::move(draft)), completer_(std::move(completer)) {}

    bool apply(Transaction& transaction) override {
        result_ = store_.append_in(transaction, draft_);
        return result_.has_value();
    }
    void announce() override {
        if (result_ && !result_->appended.repeated) store_.announce(*result_, draft_);
    }
    void complete(std::unique_ptr<WriteOperation> self) override {
        completer_.loop().post([self = std::move(self), this] { completer_.resume(outcome()); });
    }
    void refuse(const Error& error) override { completer_.complete(fail(error)); }

private:
    Result<chat::Appended> outcome() {
        if (!result_) return fail(std::move(result_).error());
        return std::move(result_->appended);
    }

    MessageStore& store_;
    chat::Draft draft_;
    Completer<Result<chat::Appended>> completer_;
    Result<Stored> result_;
};

Task<Result<chat::Appended>> MessageStore::append(chat::Draft draft) {
    auto start = [this, draft = std::move(draft)](Completer<Result<chat::Appended>> completer) mutable {
        writer_.submit(std::make_unique<Append>(*this, std::move(draft), std::move(completer)));
    };
    return suspend<Result<chat::Appended>>(std::move(start));
}

// The version first: whoever hears of the message and asks for the history must not be told that nothing is new.
void MessageStore::announce(Stored& stored, chat::Draft& draft) {
    chat::Message& message = stored.appended.message;
    message.text = std::move(draft.text);
    versions_.committed(chat::Pair::of(draft.sender, draft.receiver), stored.version);
    const Lent lent(message, draft);
    listener_.committed(lent.event);
}

Result<MessageStore::Stored> MessageStore::append_in(Transaction& transaction, const chat::Draft& draft) {
    if (epoch_ != transaction.epoch) {
        conversations_.clear();
        receivers_.clear();
        epoch_ = transaction.epoch;
    }
    if (!draft.client_id.empty()) {
        TRY(auto known, find_first_result(transaction.connection, draft));
        if (known) return Stored{std::move(*known)};
    }
    TRY([[maybe_unused]] const bool exists, check_receiver(transaction.connection, draft.receiver));
    TRY(Conversation* const conversation, get_conversation(transaction, draft));

    const auto created_at = std::max(transaction.now, conversation->last_created_at);
    const Conversation grown{conversation->id, conversation->last_seq + 1, created_at};
    chat::Message message{.id = chat::MessageId::generate(),
                          .sender = draft.sender,
                          .receiver = draft.receiver,
                          .text = {},  // the draft's, until nothing can be undone any more
                          .created_at = created_at,
                          .updated_at = created_at};
    TRY([[maybe_unused]] const bool stored, insert_message(transaction.connection, grown, message, draft.text));
    *conversation = grown;
    if (!draft.client_id.empty()) {
        TRY([[maybe_unused]] const bool remembered, insert_key(transaction, draft));
    }
    return Stored{{.message = std::move(message), .repeated = false}, {grown.id, grown.last_seq}};
}

// What the sender's key gave the first time; Conflict if it was for something else.
Result<std::optional<chat::Appended>> MessageStore::find_first_result(Connection& connection, const chat::Draft& draft) {
    Statement find = connection.prepare(
        "SELECT m.id, m.created_ms, m.updated_ms, m.body, c.pair FROM idempotency i JOIN messages m ON m.position = i.position"
        " JOIN conversations c ON c.id = m.conversation WHERE i.sender = ?1 AND i.client_id = ?2");
    find.bind(draft.sender, draft.client_id);
    TRY(const bool row, find.step());
    if (!row) return std::nullopt;

    const chat::Pair pair = chat::Pair::of(draft.sender, draft.receiver);
    if (find.bytes(3) != draft.text || find.bytes(4) != pair.view()) {
        return fail(ErrorCode::Conflict, "This idempotency key was used for another message");
    }
    chat::Message message{.id = chat::MessageId(find.id(0)),
                          .sender = draft.sender,
                          .receiver = draft.receiver,
                          .text = draft.text,
                          .created_at = find.time(1),
                          .updated_at = find.time(2)};
    return chat::Appended{.message = std::move(message), .repeated = true};
}

Result<bool> MessageStore::check_receiver(Connection& connection, chat::UserId receiver) {
    if (receivers_.find(receiver)) return true;
    Statement find = connection.prepare("SELECT 1 FROM users WHERE id = ?1");
    find.bind(receiver);
    TRY(const bool exists, find.step());
    if (!exists) return fail(ErrorCode::NotFound, "User not found");
    receivers_.put(receiver, true);
    return true;
}

Result<MessageStore::Conversation*> MessageStore::get_conversation(Transaction& transaction, const chat::Draft& draft) {
    const chat::Pair pair = chat::Pair::of(draft.sender, draft.receiver);
    if (Conversation* const known = conversations_.find(pair)) return known;

    TRY(const auto id, find_conversation(transaction.connection, pair));
    if (!id) {
        TRY(Conversation created, create_conversation(transaction, pair, draft));
        return conversations_.put(pair, created);
    }
    Statement last =
        transaction.connection.prepare("SELECT seq, created_ms FROM messages WHERE conversation = ?1 ORDER BY seq DESC LIMIT 1");
    last.bind(*id);
    TRY(const bool row, last.step());
    return conversations_.put(pair,
                              row ? Conversation{*id, last.integer(0), last.time(1)} : Conversation{.id = *id, .last_created_at = {}});
}

Result<MessageStore::Conversation> MessageStore::create_conversation(Transaction& transaction, const chat::Pair& pair,
                                                                     const chat::Draft& draft) {
    Statement insert = transaction.connection.prepare("INSERT INTO conversations(kind, pair, created_ms) VALUES(?1, ?2, ?3)");
    insert.bind(kKindPair, Blob{pair.view()}, transaction.now);
    TRY([[maybe_unused]] const bool stored, insert.run());
    const std::int64_t id = transaction.connection.last_insert_position();

    for (const auto& member : {draft.sender, draft.receiver}) {
        Statement join = transaction.connection.prepare("INSERT OR IGNORE INTO members(conversation, user) VALUES(?1, ?2)");
        join.bind(id, member);
        TRY([[maybe_unused]] const bool joined, join.run());
    }
    return Conversation{.id = id, .last_created_at = {}};
}

Result<bool> MessageStore::insert_message(Connection& connection, const Conversation& conversation, const chat::Message& message,
                                          std::string_view text) {
    Statement insert = connection.prepare(
        "INSERT INTO messages(id, conversation, seq, sender, created_ms, updated_ms, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    insert.bind(message.id, conversation.id, conversation.last_seq, message.sender, message.created_at, message.updated_at, text);
    return insert.run();
}

// Of the message that was stored last.
Result<bool> MessageStore::insert_key(Transaction& transaction, const chat::Draft& draft) {
    const std::int64_t position = transaction.connection.last_insert_position();
    Statement insert =
        transaction.connection.prepare("INSERT INTO idempotency(position, sender, client_id, created_ms) VALUES(?1, ?2, ?3, ?4)");
    insert.bind(position, draft.sender, draft.client_id, transaction.now);
    return insert.run();
}

// Keys are swept in the order of their messages; one that is too young holds up those behind it, which are younger still.
Result<bool> MessageStore::sweep(Transaction& transaction) {
    Statement remove = transaction.connection.prepare(
        "DELETE FROM idempotency WHERE position IN (SELECT position FROM idempotency ORDER BY position LIMIT ?2) AND created_ms < ?1");
    const chat::Timestamp oldest_kept = transaction.now - kKeysKeptFor;
    remove.bind(oldest_kept, kSweepRows);
    TRY([[maybe_unused]] const bool removed, remove.run());
    return transaction.connection.changed_rows() == kSweepRows;
}

}  // namespace parley::storage::sqlite

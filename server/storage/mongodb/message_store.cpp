#include "storage/mongodb/message_store.hpp"

#include "storage/mongodb/history.hpp"

namespace parley::storage::mongodb {

Task<Result<chat::Appended>> MessageStore::append(chat::Draft draft) {
    const std::size_t bytes = draft.text.size();
    if (bytes > kMaxTextBytes) co_return fail(ErrorCode::TooLarge, "The message is too large");
    Result<chat::Appended> appended = database_unavailable();
    if (waiting_bytes_.fetch_add(bytes) + bytes <= kMaxWaitingBytes) {
        appended = co_await append_counted(std::make_shared<const chat::Draft>(std::move(draft)));
    }
    waiting_bytes_ -= bytes;
    co_return appended;
}

Task<Result<chat::Appended>> MessageStore::append_counted(std::shared_ptr<const chat::Draft> draft) {
    const auto begun_at = MessageWriter::SteadyClock::now();
    Prepared prepared;
    if (!needs_no_questions(*draft)) {
        auto ask = [this, draft](Client& client) { return prepare(client, *draft); };
        CO_TRY(prepared, co_await parts_.workers.run<Prepared>(std::move(ask)));
    }
    if (prepared.stored) co_return chat::Appended{.message = *std::move(prepared.stored), .repeated = true};
    co_return co_await parts_.writer.store(std::move(draft), prepared.reserved, begun_at);
}

bool MessageStore::needs_no_questions(const chat::Draft& draft) const {
    return draft.client_id.empty() && parts_.users.knows(draft.receiver) &&
           parts_.conversations.knows(Pair::of(draft.sender, draft.receiver), parts_.others_are_heard());
}

// A known key is answered here, whatever became of the receiver: repeats do not go through the writer.
Result<MessageStore::Prepared> MessageStore::prepare(Client& client, const chat::Draft& draft) {
    Prepared prepared;
    if (!draft.client_id.empty()) {
        TRY(prepared.reserved, idempotency_.find(client, draft));
    }
    if (prepared.reserved) {
        TRY(prepared.stored, find_stored(client, *prepared.reserved));
        if (prepared.stored) {
            parts_.announcements.seen(*prepared.stored, parts_.others_are_heard());
            return prepared;
        }
    } else {
        TRY([[maybe_unused]] const bool exists, check_receiver(client, draft.receiver));
        if (!draft.client_id.empty()) {
            TRY(prepared.reserved, idempotency_.claim(client, draft));
        }
    }
    const auto learnt = learn(client, Pair::of(draft.sender, draft.receiver));
    if (learnt) return prepared;
    // Whoever comes with the key again, perhaps to another server, may store the _id that was made here.
    if (prepared.reserved) parts_.announcements.give_up(*prepared.reserved);
    return fail(learnt.error());
}

Result<std::optional<chat::Message>> MessageStore::find_stored(Client& client, chat::MessageId id) {
    TRY(const auto found, client.find_one(kMessages, Bson().add("_id", id)));
    if (!found) return std::nullopt;
    auto message = read_message(*found->get());
    if (!message) return fail(ErrorCode::Conflict, "The message of this idempotency key was altered");
    return *std::move(message);
}

Result<bool> MessageStore::learn(Client& client, const Pair& pair) {
    if (parts_.conversations.knows(pair, parts_.others_are_heard())) return true;
    TRY(const auto learnt, parts_.conversations.learn(client, pair));
    if (learnt.is_new) parts_.tender.tend(pair);
    return true;
}

Result<bool> MessageStore::check_receiver(Client& client, chat::UserId receiver) {
    if (parts_.users.knows(receiver)) return true;
    const auto asked_at = KnownUsers::SteadyClock::now();
    const Bson options = Bson().add("projection", Bson().add("_id", 1));
    TRY(const auto found, client.find_one(kUsers, Bson().add("_id", receiver), options));
    if (!found) return fail(ErrorCode::NotFound, "User not found");
    parts_.users.put(receiver, asked_at);
    return true;
}

Task<Result<chat::MessagePage>> MessageStore::history(chat::HistoryQuery query) {
    const bool forwards = query.before.empty() && (query.from_start || !query.after.empty());
    if (auto kept = forwards ? read_ahead_.take(query) : std::nullopt) co_return *std::move(kept);
    auto read = [this, forwards, query = std::move(query)](Client& client) -> Result<chat::MessagePage> {
        if (!forwards) return read_history(client, query);
        chat::HistoryQuery more = query;
        more.limit = ReadAhead::wanted(query);
        TRY(auto page, read_history(client, more));
        return read_ahead_.cut(query, std::move(page));
    };
    co_return co_await parts_.workers.run<chat::MessagePage>(std::move(read));
}

std::string MessageStore::cursor_of(const chat::Message& message) const {
    return make_cursor(Place::of(message));
}

Task<Result<std::string>> MessageStore::history_version(chat::UserId reader, chat::UserId peer) {
    auto read = [this, pair = Pair::of(reader, peer)](Client& client) {
        return read_version(client, pair, parts_.conversations.document_of(pair));
    };
    co_return co_await parts_.workers.run<std::string>(std::move(read));
}

std::vector<std::pair<const char*, Index>> MessageStore::indexes() {
    std::vector<std::pair<const char*, Index>> indexes;
    indexes.emplace_back(kMessages, Index{.name = "parley_direction",
                                          .keys = Bson().add("senderId", 1).add("receiverId", 1).add("createdAt", 1).add("_id", 1)});
    indexes.emplace_back(kConversations, Index{.name = "participants_1", .keys = Bson().add("participants", 1)});
    indexes.emplace_back(Idempotency::kCollection, Index{.name = "expiresAt_1", .keys = Bson().add("expiresAt", 1), .ttl = true});
    return indexes;
}

}  // namespace parley::storage::mongodb

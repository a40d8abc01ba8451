#include "storage/memory/message_store.hpp"

#include <algorithm>

namespace parley::storage {

MemoryMessageStore::MemoryMessageStore(chat::UserStore& users, chat::CommitListener& listener, chat::Clock clock)
    : users_(users), listener_(listener), clock_(std::move(clock)) {}

// The answer to a draft whose key has been used. Needs the lock.
std::optional<Result<chat::Appended>> MemoryMessageStore::answer_known(const chat::Draft& draft) const {
    const auto known = keys_.find({draft.sender, draft.client_id});
    if (draft.client_id.empty() || known == keys_.end()) return std::nullopt;
    const auto& first = known->second;
    if (first.receiver != draft.receiver || first.text != draft.text) {
        return fail(ErrorCode::Conflict, "This idempotency key was used for another message");
    }
    return chat::Appended{first, true};
}

// Needs the lock.
chat::Message MemoryMessageStore::store(chat::Draft draft) {
    last_time_ = std::max(last_time_, clock_());
    const auto pair = pair_of(draft.sender, draft.receiver);
    auto& conversation = conversations_[pair];
    const chat::Message message{chat::MessageId::generate(), draft.sender, draft.receiver, std::move(draft.text), last_time_, last_time_};
    places_[message.id] = {pair, conversation.size()};
    conversation.push_back(message);
    if (!draft.client_id.empty()) keys_[{draft.sender, draft.client_id}] = message;
    listener_.committed({message, std::move(draft.client_id), std::move(draft.origin)});
    return message;
}

Task<Result<chat::Appended>> MemoryMessageStore::append(chat::Draft draft) {
    CO_TRY(const auto receiver, co_await users_.find(draft.receiver));
    const std::scoped_lock lock(mutex_);
    if (auto answer = answer_known(draft)) co_return *std::move(answer);
    if (!receiver) co_return fail(ErrorCode::NotFound, "User not found");
    co_return chat::Appended{store(std::move(draft)), false};
}

// A cursor is the id of a message; its place is the message's index. Needs the lock.
Result<std::size_t> MemoryMessageStore::parse_cursor(const std::string& cursor, const Pair& pair) const {
    const auto id = chat::MessageId::parse(cursor);
    const auto place = id ? places_.find(*id) : places_.end();
    if (place == places_.end() || place->second.pair != pair) return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    return place->second.index;
}

Task<Result<chat::MessagePage>> MemoryMessageStore::history(chat::HistoryQuery query) {
    const std::scoped_lock lock(mutex_);
    const auto pair = pair_of(query.reader, query.peer);
    const auto found = conversations_.find(pair);
    const Conversation none;
    const auto& conversation = found == conversations_.end() ? none : found->second;

    // What is asked for is [first, last), cut down to the limit at the end that is farther from the cursor.
    std::size_t first = 0;
    std::size_t last = conversation.size();
    if (!query.after.empty()) {
        CO_TRY(const auto place, parse_cursor(query.after, pair));
        first = place + 1;
    }
    if (!query.before.empty()) {
        CO_TRY(const auto place, parse_cursor(query.before, pair));
        last = place;
    }
    const bool forwards = !query.after.empty() || (query.before.empty() && query.from_start);
    const bool more = last - first > query.limit;
    if (more && forwards) last = first + query.limit;
    if (more && !forwards) first = last - query.limit;
    const auto at = [&](std::size_t index) { return conversation.begin() + static_cast<std::ptrdiff_t>(index); };
    co_return chat::MessagePage{{at(first), at(last)}, more};
}

std::string MemoryMessageStore::cursor_of(const chat::Message& message) const {
    return message.id.to_hex();
}

Task<Result<std::string>> MemoryMessageStore::history_version(chat::UserId reader, chat::UserId peer) {
    const std::scoped_lock lock(mutex_);
    const auto found = conversations_.find(pair_of(reader, peer));
    co_return found == conversations_.end() ? std::string() : found->second.back().id.to_hex();
}

}  // namespace parley::storage

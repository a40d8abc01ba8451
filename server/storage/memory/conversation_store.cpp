#include "storage/memory/conversation_store.hpp"

#include <algorithm>

namespace parley::storage {

chat::ReadState MemoryConversationStore::state_of(const Key& key, const Conversation& conversation) const {
    chat::ReadState state;
    std::size_t first = 0;
    if (const auto mark = marks_.find(key); mark != marks_.end()) {
        state.last_read = conversation[mark->second].id;
        first = mark->second + 1;
    }
    for (std::size_t i = conversation.size(); i > first && conversation[i - 1].sender != key.first; --i) ++state.unread;
    state.unread = std::min(state.unread, chat::kMaxUnreadCounted);
    return state;
}

// A cursor is the id of the last message of a page's last conversation: ids of this process grow.
Result<chat::ConversationPage> MemoryConversationStore::page(const chat::ConversationQuery& query) const {
    const auto after = chat::MessageId::parse(query.after);
    if (!query.after.empty() && (!after || !messages_.places_.contains(*after))) return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    chat::ConversationPage page;
    for (const auto& [pair, conversation] : messages_.conversations_) {
        if (pair.first != query.reader && pair.second != query.reader) continue;
        if (after && conversation.back().id >= *after) continue;
        const auto peer = pair.first == query.reader ? pair.second : pair.first;
        page.conversations.push_back({peer, std::nullopt, conversation.back(), state_of({query.reader, peer}, conversation)});
    }
    std::ranges::sort(page.conversations, [](const auto& one, const auto& other) { return one.last_message.id > other.last_message.id; });
    if (page.conversations.size() > query.limit) {
        page.conversations.resize(query.limit);
        page.next = page.conversations.back().last_message.id.to_hex();
    }
    return page;
}

Task<Result<chat::ConversationPage>> MemoryConversationStore::list(chat::ConversationQuery query) {
    std::unique_lock lock(messages_.mutex_);
    CO_TRY(auto found, page(query));
    lock.unlock();
    for (auto& conversation : found.conversations) {
        CO_TRY(conversation.user, co_await users_.find(conversation.peer));
        if (conversation.user) conversation.user->password_hash.clear();
    }
    co_return found;
}

Result<std::size_t> MemoryConversationStore::place_of(const chat::ReadMark& mark, const Conversation& conversation) const {
    if (!mark.message) return conversation.size() - 1;
    const auto place = messages_.places_.find(*mark.message);
    if (place == messages_.places_.end() || place->second.pair != MemoryMessageStore::pair_of(mark.reader, mark.peer))
        return fail(ErrorCode::NotFound, "Message not found");
    return place->second.index;
}

Task<Result<chat::ReadState>> MemoryConversationStore::mark_read(chat::ReadMark mark) {
    const std::scoped_lock lock(messages_.mutex_);
    const auto found = messages_.conversations_.find(MemoryMessageStore::pair_of(mark.reader, mark.peer));
    if (found == messages_.conversations_.end()) {
        if (mark.message) co_return fail(ErrorCode::NotFound, "Message not found");
        co_return chat::ReadState{};
    }
    const Conversation& conversation = found->second;
    const Key key{mark.reader, mark.peer};
    CO_TRY(const auto place, place_of(mark, conversation));
    const auto known = marks_.find(key);
    const bool moved = known == marks_.end() || known->second < place;
    if (moved) marks_[key] = place;
    const auto state = state_of(key, conversation);
    if (moved) listener_.marked_read({mark.reader, mark.peer, *state.last_read, state.unread, std::move(mark.origin)});
    co_return state;
}

}  // namespace parley::storage

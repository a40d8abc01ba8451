// MemoryConversationStore: chat::ConversationStore over the messages of a MemoryMessageStore, for tests. Looks at all of them with every list.
// Threading: any thread; the messages' mutex, under which the listener is called too.
// Ownership: the users, the messages and the listener outlive it.
#pragma once

#include <map>
#include <utility>

#include "chat/conversation_store.hpp"
#include "storage/memory/message_store.hpp"

namespace parley::storage {

class MemoryConversationStore : public chat::ConversationStore {
public:
    MemoryConversationStore(chat::UserStore& users, MemoryMessageStore& messages, chat::CommitListener& listener)
        : users_(users), messages_(messages), listener_(listener) {}

    Task<Result<chat::ConversationPage>> list(chat::ConversationQuery query) override;
    Task<Result<chat::ReadState>> mark_read(chat::ReadMark mark) override;

private:
    using Conversation = MemoryMessageStore::Conversation;
    using Key = std::pair<chat::UserId, chat::UserId>;  // reader, peer

    // All of these need the lock.
    Result<chat::ConversationPage> page(const chat::ConversationQuery& query) const;
    chat::ReadState state_of(const Key& key, const Conversation& conversation) const;
    Result<std::size_t> place_of(const chat::ReadMark& mark, const Conversation& conversation) const;

    chat::UserStore& users_;
    MemoryMessageStore& messages_;
    chat::CommitListener& listener_;
    std::map<Key, std::size_t> marks_;  // guarded by messages_.mutex_: index of the message
};

}  // namespace parley::storage

// MemoryMessageStore: chat::MessageStore in this process's memory, for tests. Idempotency keys are kept as long as the object.
// Threading: any thread; one mutex, under which the listener is called too, so that it hears messages in their order.
// Ownership: the users and the listener outlive it.
#pragma once

#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "chat/message_store.hpp"
#include "chat/user_store.hpp"

namespace parley::storage {

class MemoryMessageStore : public chat::MessageStore {
public:
    MemoryMessageStore(chat::UserStore& users, chat::CommitListener& listener, chat::Clock clock = chat::system_now);

    Task<Result<chat::Appended>> append(chat::Draft draft) override;
    Task<Result<chat::MessagePage>> history(chat::HistoryQuery query) override;
    std::string cursor_of(const chat::Message& message) const override;
    Task<Result<std::string>> history_version(chat::UserId reader, chat::UserId peer) override;

private:
    friend class MemoryConversationStore;  // reads, under the same lock

    using Conversation = std::vector<chat::Message>;
    using Pair = std::pair<chat::UserId, chat::UserId>;  // the smaller id first
    struct Place {
        Pair pair;
        std::size_t index;
    };

    static Pair pair_of(chat::UserId one, chat::UserId other) { return std::minmax(one, other); }
    std::optional<Result<chat::Appended>> answer_known(const chat::Draft& draft) const;
    chat::Message store(chat::Draft draft);
    Result<std::size_t> parse_cursor(const std::string& cursor, const Pair& pair) const;

    chat::UserStore& users_;
    chat::CommitListener& listener_;
    const chat::Clock clock_;

    std::mutex mutex_;
    std::map<Pair, Conversation> conversations_;  // guarded by mutex_, as are the following
    std::unordered_map<chat::MessageId, Place> places_;
    std::map<std::pair<chat::UserId, std::string>, chat::Message> keys_;  // sender, client id
    chat::Timestamp last_time_{};
};

}  // namespace parley::storage

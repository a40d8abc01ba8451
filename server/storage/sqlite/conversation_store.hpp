// ConversationStore on SQLite; see chat/conversation_store.hpp for what it promises.
//
// Sends pay nothing for it: what a person's latest conversations are, and what of them is unread, is found when it is asked for. A list costs one look
// into an index for each conversation the person has, and for those on the page a walk back from the end, until the mark or an own message, over
// kMaxUnreadCounted messages at most. A page ends early when it has become large (kPageBytes of texts) or dear (kPageSteps in all its walks).
// A mark that does not move never gets to the writer, and what is unread after one that does is counted before.
#pragma once

#include <string>

#include "chat/conversation_store.hpp"
#include "storage/sqlite/position_cursor.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace parley::storage::sqlite {

class ConversationStore : public chat::ConversationStore {
public:
    static constexpr std::size_t kPageBytes = 1024 * 1024;
    static constexpr std::size_t kPageSteps = 20'000;  // some 20 ms

    // The listener outlives the writer's thread. database_id: see UserStore.
    ConversationStore(Writer& writer, Readers& readers, chat::CommitListener& listener, const std::string& database_id)
        : writer_(writer), readers_(readers), listener_(listener), cursor_(database_id.substr(4, 4)) {}

    Task<Result<chat::ConversationPage>> list(chat::ConversationQuery query) override;
    Task<Result<chat::ReadState>> mark_read(chat::ReadMark mark) override;

private:
    Result<chat::ConversationPage> read_page(Connection& connection, chat::UserId reader, std::int64_t before, std::size_t limit) const;

    Writer& writer_;
    Readers& readers_;
    chat::CommitListener& listener_;
    const PositionCursor cursor_;  // of the last message of a page's last conversation
};

}  // namespace parley::storage::sqlite

// History: reads the messages of a pair, by index, from `messages`; the arrays of conversation documents are not looked at.
//
// A pair's messages lie in two ranges of the index {senderId, receiverId, createdAt, _id}, one for each direction. They are read one after the other
// and merged, and what the second shows beyond the first is looked for in the first once more: so a page never holds a message without those that
// were committed before it.
#pragma once

#include <string>

#include "chat/message_store.hpp"
#include "storage/mongodb/client.hpp"
#include "storage/mongodb/pair.hpp"

namespace parley::storage::mongodb {

inline constexpr std::size_t kPageBytes = 1024 * 1024;  // a page ends early, with `more`, when its texts reach that

// The years 1 to 9999: times that every server of the protocol can read.
inline constexpr chat::Timestamp kBeginningOfTime(std::chrono::milliseconds(-62'135'596'800'000));
inline constexpr chat::Timestamp kEndOfTime(std::chrono::milliseconds(253'402'300'799'999));

// Of a document of `messages`.
Place place_of(const bson_t& message);

std::string make_cursor(const Place& place);

// InvalidArgument: a cursor that is none.
Result<chat::MessagePage> read_history(Client& client, const chat::HistoryQuery& query);

// "" if there is no message; else it changes with every message and every push.
Result<std::string> read_version(Client& client, const Pair& pair, std::optional<chat::ConversationId> conversation);

}  // namespace parley::storage::mongodb

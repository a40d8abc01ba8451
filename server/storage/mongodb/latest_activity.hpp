// LatestActivity: with whom a person talks, and who wrote last, without reading any text.
//
// The peers are those whom conversation documents name, of duplicates each once, and oneself; when the last message was written is asked of `messages`,
// by index, in both directions, and of many peers at once (recent.hpp). Documents are asked about in the order of their `updatedAt`, which is when
// somebody appended to them last, and no further than the page needs: a message is at most kLag younger than that of its document, but where an append has
// failed and was not repaired yet. Since when to look is a guess of the same time: any message that is found since then shows which is the last. Where
// none is, it is looked for longer and longer before, and ever.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "storage/mongodb/client.hpp"
#include "storage/mongodb/pair.hpp"

namespace parley::storage::mongodb {

// How far clocks of servers may differ, and appends come late, until a conversation can be listed too late, or left out of a list of several pages.
inline constexpr std::chrono::minutes kLag{10};

// The last message of each direction; what is no message (documents.hpp) does not count.
struct LastMessages {
    std::optional<Place> own;  // all notes to self
    std::optional<Place> others;

    std::optional<Place> last() const { return std::max(own, others); }
};
Result<LastMessages> find_last_messages(Client& client, chat::UserId reader, chat::UserId peer);

struct Activity {
    chat::UserId peer;
    Place last;
    bool received;  // it is the peer's, not the reader's
};
// The `count` latest conversations, of those whose last message comes before `before`; the latest first.
Result<std::vector<Activity>> find_latest(Client& client, chat::UserId reader, const std::optional<Place>& before, std::size_t count);

// How many messages to the reader come after the place, chat::kMaxUnreadCounted at most.
Result<std::size_t> count_received(Client& client, chat::UserId reader, chat::UserId peer, const Place& after);

// How many come after the place and after the reader's own last one, of several peers, the one of the latest message first. Of those with whom much was
// said it may say nothing.
struct Unread {
    chat::UserId peer;
    Place last;  // is the peer's
    Place read;  // has a time
};
Result<std::unordered_map<chat::UserId, std::size_t>> count_unread(Client& client, chat::UserId reader, std::span<const Unread> unread);

}  // namespace parley::storage::mongodb

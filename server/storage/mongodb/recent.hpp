// Recent: what was said with each of several peers since some moment, without texts, in few readings.
//
// Two readings, one for each direction, ask about many peers at once: {senderId, receiverId: {$in: […]}, createdAt: {$gte: …}} are as many short ranges
// of the index {senderId, receiverId, createdAt, _id}. The moment is one for all of them, the earliest that is wanted; where so much was said since that a
// reading would be long, fewer peers are asked about at once. (An `$or` with a moment for each, or a `$lookup` of each one's last message, would read
// less, but not every server of the protocol finds its way to the index then, or has the stage at all.)
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "storage/mongodb/client.hpp"
#include "storage/mongodb/pair.hpp"

namespace parley::storage::mongodb {

// A filter that finds messages between the two, and nothing that is none (documents.hpp).
Bson message_filter(chat::UserId sender, chat::UserId receiver);

struct Wanted {
    chat::UserId peer;
    std::optional<chat::Timestamp> since{};  // none: all there is, also what has no time
};

struct Recent {
    std::optional<chat::Timestamp> since;  // not after the one that was wanted: nothing from then on is missing
    std::optional<Place> own;              // the last
    std::vector<Place> received;           // all, in no order

    std::optional<Place> last() const;
};

// In the order of `wanted`, which had best be that of time, the latest first; nobody twice, and not the reader. nullopt: with that one so much was said
// that he had better be asked about alone.
Result<std::vector<std::optional<Recent>>> read_recent(Client& client, chat::UserId reader, std::span<const Wanted> wanted);

}  // namespace parley::storage::mongodb

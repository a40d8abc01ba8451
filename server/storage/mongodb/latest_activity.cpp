#include "storage/mongodb/latest_activity.hpp"

#include <algorithm>
#include <unordered_map>

#include "chat/conversation_store.hpp"
#include "storage/mongodb/conversations.hpp"
#include "storage/mongodb/history.hpp"

namespace parley::storage::mongodb {
namespace {

// Of a document that does not say it: looked at first.
constexpr chat::Timestamp kUnknown = chat::Timestamp::max();

Bson message_filter(chat::UserId sender, chat::UserId receiver) {
    return direction_filter(sender, receiver).add("message", Bson().add("$type", "string"));
}

Bson only_places() {
    return Bson().add("_id", 1).add("createdAt", 1);
}

Result<std::optional<Place>> find_last_message(Client& client, chat::UserId sender, chat::UserId receiver) {
    const Bson filter = message_filter(sender, receiver).add("_id", Bson().add("$type", "objectId"));
    const Bson options = Bson().add("sort", Bson().add("createdAt", -1).add("_id", -1)).add("projection", only_places());
    TRY(const auto found, client.find_one(kMessages, filter, options));
    return found ? std::optional(place_of(*found->get())) : std::nullopt;
}

struct Candidate {
    chat::UserId peer;
    chat::Timestamp updated_at;
};

// Everybody with whom a document says that the reader talks, and himself: the original puts notes to self wherever it finds him.
Result<std::vector<Candidate>> find_candidates(Client& client, chat::UserId reader) {
    std::unordered_map<chat::UserId, chat::Timestamp> peers{{reader, kUnknown}};
    const auto take = [&](const bson_t& document) {
        const BsonView view(document);
        const auto updated_at = view.time("updatedAt").value_or(kUnknown);
        for (const auto& participant : view.ids("participants").value_or(std::vector<chat::ObjectId>())) {
            auto& latest = peers.try_emplace(chat::UserId(participant), updated_at).first->second;
            latest = std::max(latest, updated_at);
        }
        return true;
    };
    const Bson options = Bson().add("projection", Bson().add("participants", 1).add("updatedAt", 1));
    TRY([[maybe_unused]] const bool read, client.find(kConversations, Bson().add("participants", reader), options, take));
    std::vector<Candidate> candidates;
    for (const auto& [peer, updated_at] : peers) candidates.push_back({peer, updated_at});
    std::ranges::sort(candidates, std::greater(), &Candidate::updated_at);
    return candidates;
}

bool may_come_before(const Candidate& candidate, const Place& place) {
    return place.created_at < chat::Timestamp() + kLag || candidate.updated_at >= place.created_at - kLag;
}

}  // namespace

Result<LastMessages> find_last_messages(Client& client, chat::UserId reader, chat::UserId peer) {
    LastMessages messages;
    if (peer != reader) {
        TRY(messages.others, find_last_message(client, peer, reader));
    }
    TRY(messages.own, find_last_message(client, reader, peer));
    return messages;
}

Result<std::vector<Activity>> find_latest(Client& client, chat::UserId reader, const std::optional<Place>& before, std::size_t count) {
    TRY(const auto candidates, find_candidates(client, reader));
    std::vector<Activity> latest;
    for (const Candidate& candidate : candidates) {
        if (latest.size() == count && !may_come_before(candidate, latest.back().last)) break;
        TRY(const auto messages, find_last_messages(client, reader, candidate.peer));
        const auto last = messages.last();
        if (!last || (before && *last >= *before)) continue;
        const auto at = std::ranges::lower_bound(latest, *last, std::greater(), &Activity::last);
        latest.insert(at, {candidate.peer, messages, *last});
        if (latest.size() > count) latest.pop_back();
    }
    return latest;
}

// Without an order, which some servers would make by sorting. Of those of the same millisecond we say ourselves which come after the place.
Result<std::size_t> count_received(Client& client, chat::UserId reader, chat::UserId peer, const Place& after) {
    Bson filter = message_filter(peer, reader);
    if (after.timed) filter.add("createdAt", Bson().add("$gte", after.created_at));
    const Bson options = Bson().add("projection", only_places()).add("batchSize", static_cast<std::int64_t>(chat::kMaxUnreadCounted) + 1);
    std::size_t count = 0;
    const auto take = [&](const bson_t& document) {
        if (place_of(document) > after) ++count;
        return count < chat::kMaxUnreadCounted;
    };
    TRY([[maybe_unused]] const bool read, client.find(kMessages, filter, options, take));
    return count;
}

}  // namespace parley::storage::mongodb

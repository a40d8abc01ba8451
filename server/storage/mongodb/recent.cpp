#include "storage/mongodb/recent.hpp"

#include <algorithm>
#include <unordered_map>

#include "storage/mongodb/conversations.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/history.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::size_t kMostPeers = 128;       // at once
constexpr std::size_t kMostDocuments = 1000;  // of one reading

using ByPeer = std::unordered_map<chat::UserId, Recent>;

// Never a time that some servers cannot read.
std::optional<chat::Timestamp> earliest(std::span<const Wanted> wanted) {
    auto since = wanted.front().since;
    for (const Wanted& one : wanted) since = std::min(since, one.since);  // none comes before all
    return since >= kBeginningOfTime ? std::optional(std::min(*since, kEndOfTime)) : std::nullopt;
}

// Servers that use one field of the index only have the least left to look at when the time comes first.
Bson filter_since(std::optional<chat::Timestamp> since) {
    Bson filter;
    if (since) filter.add("createdAt", Bson().add("$gte", *since));
    return filter;
}

Bson from_reader(chat::UserId reader, const std::vector<chat::UserId>& peers, std::optional<chat::Timestamp> since) {
    return filter_since(since).add("senderId", reader).add("receiverId", Bson().add_array("$in", peers));
}

Bson to_reader(chat::UserId reader, const std::vector<chat::UserId>& peers, std::optional<chat::Timestamp> since) {
    return filter_since(since).add("senderId", Bson().add_array("$in", peers)).add("receiverId", reader);
}

// False: there is more than is read at once.
Result<bool> read_places(Client& client, Bson filter, const char* peer_field, bool timed_only,
                         const std::function<void(Recent&, Place)>& take, ByPeer& recent) {
    filter.add("message", Bson().add("$type", "string"));
    const auto limit = static_cast<std::int64_t>(kMostDocuments) + 1;
    const Bson fields = Bson().add("_id", 1).add(peer_field, 1).add("createdAt", 1);
    const Bson options = Bson().add("projection", fields).add("limit", limit).add("batchSize", limit);
    std::size_t seen = 0;
    const auto visit = [&](const bson_t& document) {
        ++seen;
        const BsonView view(document);
        const auto peer = view.id(peer_field);
        const auto at = peer ? recent.find(chat::UserId(*peer)) : recent.end();
        const Place place = place_of(document);
        if (at != recent.end() && view.id("_id") && (place.timed || !timed_only)) take(at->second, place);
        return true;
    };
    TRY([[maybe_unused]] const bool read, client.find(kMessages, filter, options, visit));
    return seen <= kMostDocuments;
}

// nullopt: there is more than is read at once.
Result<std::optional<ByPeer>> read_at_once(Client& client, chat::UserId reader, std::span<const Wanted> wanted) {
    const auto since = earliest(wanted);
    std::vector<chat::UserId> peers;
    ByPeer recent;
    for (const Wanted& one : wanted) {
        peers.push_back(one.peer);
        recent[one.peer].since = since;
    }
    const bool timed_only = since.has_value();
    const auto take_own = [](Recent& said, Place place) { said.own = std::max(said.own, std::optional(place)); };
    const auto take_received = [](Recent& said, Place place) { said.received.push_back(place); };
    TRY(bool whole, read_places(client, from_reader(reader, peers, since), "receiverId", timed_only, take_own, recent));
    if (whole) {
        TRY(whole, read_places(client, to_reader(reader, peers, since), "senderId", timed_only, take_received, recent));
    }
    return whole ? std::optional(std::move(recent)) : std::nullopt;
}

}  // namespace

Bson message_filter(chat::UserId sender, chat::UserId receiver) {
    return direction_filter(sender, receiver).add("message", Bson().add("$type", "string"));
}

std::optional<Place> Recent::last() const {
    const auto latest = std::ranges::max_element(received);
    return latest == received.end() ? own : std::max(own, std::optional(*latest));
}

Result<std::vector<std::optional<Recent>>> read_recent(Client& client, chat::UserId reader, std::span<const Wanted> wanted) {
    std::vector<std::optional<Recent>> all;
    std::size_t at_once = kMostPeers;
    while (!wanted.empty()) {
        const auto some = wanted.first(std::min(at_once, wanted.size()));
        TRY(auto recent, read_at_once(client, reader, some));
        at_once = some.size();
        if (!recent && at_once > 1) {
            at_once /= 2;
            continue;
        }
        for (const Wanted& one : some) all.push_back(recent ? std::optional(std::move((*recent)[one.peer])) : std::nullopt);
        wanted = wanted.subspan(some.size());
        if (recent) at_once = std::min(2 * at_once, kMostPeers);
    }
    return all;
}

}  // namespace parley::storage::mongodb

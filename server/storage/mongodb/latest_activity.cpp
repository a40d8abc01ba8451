#include "storage/mongodb/latest_activity.hpp"

#include <algorithm>
#include <array>

#include "chat/conversation_store.hpp"
#include "storage/mongodb/conversations.hpp"
#include "storage/mongodb/history.hpp"
#include "storage/mongodb/recent.hpp"

namespace parley::storage::mongodb {
namespace {

// Of a document that does not say it: looked at first.
constexpr chat::Timestamp kUnknown = chat::Timestamp::max();

// How far back to look, one after the other; nullopt: as far as there is anything.
using Window = std::optional<std::chrono::milliseconds>;
constexpr std::array<Window, 3> kBeforeChange{std::chrono::seconds(5), std::chrono::days(30), std::nullopt};
constexpr std::array<Window, 3> kBeforeLast{std::chrono::hours(1), std::chrono::days(30), std::nullopt};

// How many candidates are looked up at once: as many as are needed still, and some more, but no more than these.
constexpr std::size_t kSomeMore = 16;
constexpr std::size_t kMostAtOnce = 128;

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

bool has_time(const Candidate& candidate) {
    return candidate.updated_at != kUnknown;
}

bool may_come_before(const Candidate& candidate, const Place& place) {
    return place.created_at < chat::Timestamp() + kLag || candidate.updated_at >= place.created_at - kLag;
}

chat::Timestamp earlier(chat::Timestamp time, std::chrono::milliseconds by) {
    return std::max(time, kBeginningOfTime) - by;
}

std::optional<Activity> activity_of(chat::UserId peer, std::optional<Place> last, std::optional<Place> own) {
    if (!last) return std::nullopt;
    return Activity{.peer = peer, .last = *last, .received = last != own};
}

// Looks at several candidates: in the time before each one's document was last changed, then at all there is. Those who remain have no message.
class Lookup {
public:
    Lookup(Client& client, chat::UserId reader) : client_(client), reader_(reader) {}

    Result<std::vector<Activity>> find(std::span<const Candidate> candidates) {
        for (const Candidate& candidate : candidates) {
            if (candidate.peer != reader_) {
                pending_.push_back(candidate);
                continue;
            }
            TRY([[maybe_unused]] const bool asked, ask_about(candidate.peer));
        }
        for (const Window window : kBeforeChange) {
            TRY([[maybe_unused]] const bool looked, look(window));
        }
        return std::move(found_);
    }

private:
    void note(std::optional<Activity> activity) {
        if (activity) found_.push_back(*activity);
    }

    Result<bool> ask_about(chat::UserId peer) {
        TRY(const auto messages, find_last_messages(client_, reader_, peer));
        note(activity_of(peer, messages.last(), messages.own));
        return true;
    }

    Result<bool> look(Window window) {
        const auto timed = window ? std::ranges::find_if(pending_, has_time) : pending_.begin();  // those without come first
        std::vector<Candidate> left(pending_.begin(), timed);
        pending_.erase(pending_.begin(), timed);
        std::vector<Wanted> wanted;
        for (const auto& [peer, updated_at] : pending_) {
            wanted.push_back({peer, window ? std::optional(earlier(updated_at, *window)) : std::nullopt});
        }
        TRY(const auto recent, read_recent(client_, reader_, wanted));
        for (std::size_t i = 0; i < recent.size(); ++i) {
            const Candidate& candidate = pending_[i];
            if (!recent[i]) {
                TRY([[maybe_unused]] const bool asked, ask_about(candidate.peer));
            } else if (const auto last = recent[i]->last()) {
                note(activity_of(candidate.peer, last, recent[i]->own));
            } else {
                left.push_back(candidate);
            }
        }
        pending_ = std::move(left);
        return true;
    }

    Client& client_;
    const chat::UserId reader_;
    std::vector<Candidate> pending_;
    std::vector<Activity> found_;
};

// The first of the candidates that may be among the `count` latest, of which there are `latest` now.
std::span<const Candidate> next_to_look_at(std::span<const Candidate> candidates, const std::vector<Activity>& latest, std::size_t count) {
    std::size_t some = std::min({candidates.size(), count - latest.size() + kSomeMore, kMostAtOnce});
    if (latest.size() == count) {
        const auto may_come = [&](const Candidate& candidate) { return may_come_before(candidate, latest.back().last); };
        some = static_cast<std::size_t>(std::ranges::find_if_not(candidates.first(some), may_come) - candidates.begin());
    }
    return candidates.first(some);
}

// nullopt: what was read does not say it.
std::optional<std::size_t> unread_of(const Recent& recent, const Place& read) {
    if (!recent.own && recent.since > read.created_at) return std::nullopt;
    const Place after = std::max(read, recent.own.value_or(read));
    const auto count = std::ranges::count_if(recent.received, [&](const Place& place) { return place > after; });
    return std::min(static_cast<std::size_t>(count), chat::kMaxUnreadCounted);
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
    std::span<const Candidate> rest(candidates);
    std::vector<Activity> latest;
    while (true) {
        const auto some = next_to_look_at(rest, latest, count);
        if (some.empty()) return latest;
        rest = rest.subspan(some.size());
        TRY(auto found, Lookup(client, reader).find(some));
        std::erase_if(found, [&](const Activity& one) { return before && one.last >= *before; });
        latest.insert(latest.end(), found.begin(), found.end());
        std::ranges::sort(latest, std::greater(), &Activity::last);
        if (latest.size() > count) latest.erase(latest.begin() + static_cast<std::ptrdiff_t>(count), latest.end());
    }
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

Result<std::unordered_map<chat::UserId, std::size_t>> count_unread(Client& client, chat::UserId reader, std::span<const Unread> unread) {
    std::unordered_map<chat::UserId, std::size_t> counts;
    std::vector<Unread> pending(unread.begin(), unread.end());
    for (const Window window : kBeforeLast) {
        std::vector<Wanted> wanted;
        for (const auto& [peer, last, read] : pending) {
            const auto since = window ? std::max(read.created_at, earlier(last.created_at, *window)) : read.created_at;
            wanted.push_back({peer, since});
        }
        TRY(const auto recent, read_recent(client, reader, wanted));
        std::vector<Unread> left;
        for (std::size_t i = 0; i < recent.size(); ++i) {
            if (!recent[i]) continue;
            if (const auto count = unread_of(*recent[i], pending[i].read)) {
                counts.emplace(pending[i].peer, *count);
            } else {
                left.push_back(pending[i]);
            }
        }
        pending = std::move(left);
    }
    return counts;
}

}  // namespace parley::storage::mongodb

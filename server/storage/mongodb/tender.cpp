#include "storage/mongodb/tender.hpp"

#include <pthread.h>

#include <unordered_set>

#include "parley/base/log.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::chrono::seconds kAgainAfter{2};
constexpr std::chrono::minutes kLongestPause{10};
constexpr int kMaxAttempts = 12;
constexpr std::chrono::seconds kLongestSpacing{2};
constexpr std::chrono::minutes kRecent{10};

std::chrono::milliseconds pause_after(int attempts) {
    return std::min<std::chrono::milliseconds>(kAgainAfter * (1 << std::min(attempts, 10)), kLongestPause);
}

// The newest `count` of one direction, newest first.
Result<bool> collect_places(Client& client, chat::UserId sender, chat::UserId receiver, std::size_t count,
                            std::optional<chat::Timestamp> since, std::vector<Place>& places) {
    const Bson options = Bson()
                             .add("sort", Bson().add("createdAt", -1).add("_id", -1))
                             .add("projection", Bson().add("_id", 1).add("createdAt", 1))
                             .add("limit", static_cast<std::int64_t>(count));
    const auto take = [&](const bson_t& document) {
        const BsonView view(document);
        const auto id = view.id("_id");
        const auto time = view.time("createdAt");
        if (id) places.push_back({.timed = time.has_value(), .created_at = time.value_or(chat::Timestamp()), .id = chat::MessageId(*id)});
        return true;
    };
    Bson filter = direction_filter(sender, receiver);
    if (since) filter.add("createdAt", Bson().add("$gte", *since));
    return client.find(kMessages, filter, options, take);
}

}  // namespace

Update push_update(chat::ConversationId document, const std::vector<chat::MessageId>& ids, chat::Timestamp updated_at) {
    return {.filter = Bson().add("_id", document),
            .change = Bson()
                          .add("$push", Bson().add("messages", Bson().add_array("$each", ids)))
                          .add("$inc", Bson().add("__v", static_cast<std::int32_t>(ids.size())))
                          .add("$set", Bson().add("updatedAt", updated_at))};
}

// Ids of the array that belong to no message of the pair stay behind their predecessors. An array that is not in the messages' order (clocks of two
// servers) is left in its own: a missing message goes before the first that comes after it.
std::vector<chat::MessageId> mend_array(const std::vector<chat::MessageId>& array, const std::vector<Place>& messages,
                                        const std::function<bool(const Place&)>& settled, std::size_t cap) {
    std::unordered_map<chat::MessageId, Place> places;
    for (const Place& place : messages) places.emplace(place.id, place);
    const std::unordered_set<chat::MessageId> present(array.begin(), array.end());

    std::vector<chat::MessageId> mended;
    std::unordered_set<chat::MessageId> taken;
    auto missing = messages.begin();
    const auto add_missing_before = [&](const Place* end) {
        for (; missing != messages.end() && (!end || *missing < *end); ++missing) {
            if (!present.contains(missing->id) && settled(*missing)) mended.push_back(missing->id);
        }
    };
    for (const chat::MessageId id : array) {
        if (!taken.insert(id).second) continue;
        const auto place = places.find(id);
        if (place != places.end()) add_missing_before(&place->second);
        mended.push_back(id);
    }
    add_missing_before(nullptr);
    if (mended.size() > cap + cap / 5) mended.erase(mended.begin(), mended.end() - static_cast<std::ptrdiff_t>(cap));
    return mended;
}

Tender::Tender(Link& link, Conversations& conversations, Announcements& announcements, chat::Clock clock, std::size_t cap)
    : link_(link), conversations_(conversations), announcements_(announcements), clock_(std::move(clock)), cap_(cap) {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "mongo-tender");
        work();
    });
}

Tender::~Tender() {
    stop();
}

void Tender::tend(const Pair& pair, std::chrono::milliseconds delay) {
    enqueue(pair, SteadyClock::now() + delay, 0);
}

void Tender::enqueue(const Pair& pair, SteadyClock::time_point due, int attempts) {
    {
        const std::scoped_lock lock(mutex_);
        const auto known = positions_.find(pair);
        if (known != positions_.end()) {
            if (known->second->first <= due) return;
            queue_.erase(known->second);
            known->second = queue_.emplace(due, Waiting{pair, attempts});
        } else if (queue_.size() < kMaxWaiting) {
            positions_.emplace(pair, queue_.emplace(due, Waiting{pair, attempts}));
        }
    }
    wake_.notify_one();
}

std::size_t Tender::waiting() {
    const std::scoped_lock lock(mutex_);
    return queue_.size() + busy_;
}

void Tender::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Tender::push(const Pair& pair, const std::vector<chat::MessageId>& ids, chat::Timestamp updated_at) {
    {
        const std::scoped_lock lock(mutex_);
        Push& push = pushes_[pair];
        push.ids.insert(push.ids.end(), ids.begin(), ids.end());
        push.updated_at = updated_at;
    }
    wake_.notify_one();
}

void Tender::work() {
    Client client(link_);
    std::unique_lock lock(mutex_);
    while (true) {
        const bool push_waits = !pushes_.empty() && !stopping_ && SteadyClock::now() < next_push_;
        if (!pushes_.empty() && !push_waits) {
            const Pushes pushes = std::exchange(pushes_, {});
            lock.unlock();
            const auto begun_at = SteadyClock::now();
            push_now(client, pushes);
            const auto ended_at = SteadyClock::now();
            lock.lock();
            next_push_ = ended_at + std::min<SteadyClock::duration>(4 * (ended_at - begun_at), kLongestSpacing);
            continue;
        }
        if (stopping_) return;
        if (queue_.empty()) {
            if (push_waits) {
                wake_.wait_until(lock, next_push_);
            } else {
                wake_.wait(lock);
            }
            continue;
        }
        const auto [due, next] = *queue_.begin();
        if (SteadyClock::now() < due) {
            wake_.wait_until(lock, push_waits ? std::min(due, next_push_) : due);
            continue;
        }
        positions_.erase(next.pair);
        queue_.erase(queue_.begin());
        busy_ = 1;
        lock.unlock();
        tend_next(client, next.pair, next.attempts);
        lock.lock();
        busy_ = 0;
    }
}

// Never made twice: what may have failed is left to tend_now(), which looks first.
void Tender::push_now(Client& client, const Pushes& pushes) {
    std::vector<Update> updates;
    for (const auto& [pair, push] : pushes) {
        if (const auto document = document_of(client, pair)) updates.push_back(push_update(*document, push.ids, push.updated_at));
    }
    const auto begun_at = SteadyClock::now();
    const auto matched = client.update_each(kConversations, updates);
    const bool quick = SteadyClock::now() - begun_at < kRetrySuspected;
    if (quick && matched && *matched == static_cast<std::int64_t>(pushes.size())) return;
    for (const auto& [pair, push] : pushes) tend(pair, kSettle);
}

std::optional<chat::ConversationId> Tender::document_of(Client& client, const Pair& pair) {
    if (const auto known = conversations_.document_of(pair)) return known;
    const auto found = find_document(client, pair);
    if (!found || !*found) return std::nullopt;
    conversations_.set_document(pair, (*found)->id, (*found)->version);
    return (*found)->id;
}

void Tender::tend_next(Client& client, const Pair& pair, int attempts) {
    const auto done = tend_now(client, pair);
    if (done && *done) return;
    const bool may_help = done || done.error().code == ErrorCode::Unavailable;
    if (may_help && attempts < kMaxAttempts) enqueue(pair, SteadyClock::now() + pause_after(attempts), attempts + 1);
}

// False: it has to be looked at again, when the messages that are missing have settled, or because it changed meanwhile.
Result<bool> Tender::tend_now(Client& client, const Pair& pair) {
    TRY(const auto documents, read_documents(client, pair));
    if (documents.size() == 1) {
        TRY(const auto health, examine(client, pair, documents.front()));
        if (health != Health::Ill) return health == Health::Well;
    }
    TRY(auto places, read_places(client, pair, std::nullopt));
    if (documents.empty()) {
        conversations_.set_document(pair, std::nullopt, 0);
        const auto unsettled = [&](const Place& place) { return !is_settled(pair, place); };
        const bool all_settled = std::erase_if(places, unsettled) == 0;
        if (places.empty()) return all_settled;
        TRY([[maybe_unused]] const bool made, make_document(client, pair, places));
        return all_settled;
    }
    const Conversation& first = documents.front();
    if (documents.size() > 1) {
        log::debug("{} conversation documents of {} and {}: {} is kept up to date", documents.size(), pair.low.to_hex(), pair.high.to_hex(),
                   first.id.to_hex());
    }
    conversations_.set_document(pair, first.id, first.version);
    if (first.is_odd) return true;
    return mend(client, pair, first, places);
}

// By the messages since shortly before its last push.
Result<Tender::Health> Tender::examine(Client& client, const Pair& pair, const Conversation& conversation) {
    const std::unordered_set<chat::MessageId> present(conversation.messages.begin(), conversation.messages.end());
    if (present.size() < conversation.messages.size() || present.size() > cap_ + cap_ / 5) return Health::Ill;
    TRY(const auto recent, read_places(client, pair, conversation.updated_at - kRecent));
    auto health = Health::Well;
    for (const Place& place : recent) {
        if (present.contains(place.id)) continue;
        if (is_settled(pair, place)) return Health::Ill;
        health = Health::Unsettled;
    }
    conversations_.set_document(pair, conversation.id, conversation.version);
    return health;
}

Result<bool> Tender::mend(Client& client, const Pair& pair, const Conversation& conversation, const std::vector<Place>& places) {
    bool all_there = true;
    const auto settled = [&](const Place& place) {
        const bool is = is_settled(pair, place);
        all_there = all_there && is;
        return is;
    };
    const auto mended = mend_array(conversation.messages, places, settled, cap_);
    if (mended == conversation.messages) return all_there;
    const Bson unchanged = Bson().add("_id", conversation.id).add("__v", conversation.version);
    const Bson change = Bson().add("$set", Bson().add_array("messages", mended)).add("$inc", Bson().add("__v", 1));
    TRY(const auto changed, client.update(kConversations, unchanged, change));
    log::debug("mended conversation {}: {} ids became {}{}", conversation.id.to_hex(), conversation.messages.size(), mended.size(),
               changed == 1 ? "" : ", but it changed meanwhile");
    // Looked at once more: where updates are not atomic (FerretDB) a push of the same instant is lost.
    return false;
}

// In the order in which the original finds them.
Result<std::vector<Conversation>> Tender::read_documents(Client& client, const Pair& pair) {
    std::vector<Conversation> documents;
    const auto take = [&](const bson_t& document) {
        if (auto conversation = read_conversation(document)) {
            if (!documents.empty()) conversation->messages = {};  // only the first one's array is looked at
            documents.push_back(*std::move(conversation));
        }
        return documents.size() < 16;
    };
    TRY([[maybe_unused]] const bool read, client.find(kConversations, conversation_filter(pair), Bson(), take));
    return documents;
}

// The last `cap` messages of the pair, or those of them that are not older than `since`; ascending.
Result<std::vector<Place>> Tender::read_places(Client& client, const Pair& pair, std::optional<chat::Timestamp> since) {
    std::vector<Place> places;
    TRY([[maybe_unused]] const bool one, collect_places(client, pair.low, pair.high, cap_, since, places));
    if (!pair.is_self()) {
        TRY([[maybe_unused]] const bool other, collect_places(client, pair.high, pair.low, cap_, since, places));
    }
    std::sort(places.begin(), places.end());
    if (places.size() > cap_) places.erase(places.begin(), places.end() - static_cast<std::ptrdiff_t>(cap_));
    return places;
}

// Whoever stored it has pushed it by now, or will not any more. A time far in the future is another's clock, and settles never.
bool Tender::is_settled(const Pair& pair, const Place& place) {
    const chat::Timestamp now = clock_();
    const bool young = place.created_at > now - kSettle && place.created_at < now + std::chrono::minutes(1);
    if (young || announcements_.is_underway(place.id)) return false;
    const std::scoped_lock lock(mutex_);
    const auto push = pushes_.find(pair);
    return push == pushes_.end() || std::ranges::find(push->second.ids, place.id) == push->second.ids.end();
}

Result<bool> Tender::make_document(Client& client, const Pair& pair, const std::vector<Place>& places) {
    Conversation conversation;
    conversation.id = Conversations::made_id(pair);
    conversation.participants = {pair.low, pair.high};
    for (const Place& place : places) conversation.messages.push_back(place.id);
    conversation.created_at = places.front().created_at;
    conversation.updated_at = places.back().created_at;
    conversation.version = static_cast<std::int32_t>(places.size());
    const auto inserted = client.insert(kConversations, to_bson(conversation));
    if (!inserted && inserted.error().code != ErrorCode::AlreadyExists) return fail(inserted.error());
    conversations_.set_document(pair, conversation.id, conversation.version);
    return true;
}

}  // namespace parley::storage::mongodb

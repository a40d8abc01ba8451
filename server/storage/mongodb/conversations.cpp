#include "storage/mongodb/conversations.hpp"

#include <openssl/evp.h>

#include <array>

namespace parley::storage::mongodb {

Bson conversation_filter(const Pair& pair) {
    const std::vector<chat::UserId> both{pair.low, pair.high};
    // {$all: [a, a]} would find every conversation of `a`.
    if (pair.is_self()) return Bson().add_array("participants", both);
    return Bson().add("participants", Bson().add_array("$all", both));
}

Bson direction_filter(chat::UserId sender, chat::UserId receiver) {
    return Bson().add("senderId", sender).add("receiverId", receiver);
}

Result<std::optional<DocumentName>> find_document(Client& client, const Pair& pair) {
    const Bson options = Bson().add("projection", Bson().add("_id", 1).add("__v", 1));
    TRY(const auto found, client.find_one(kConversations, conversation_filter(pair), options));
    if (!found) return std::nullopt;
    const BsonView view(*found);
    const auto id = view.id("_id");
    if (!id) return std::nullopt;
    return DocumentName{chat::ConversationId(*id), view.integer("__v").value_or(0)};
}

Result<std::optional<Place>> find_last(Client& client, chat::UserId sender, chat::UserId receiver, std::optional<chat::Timestamp> since) {
    Bson filter = direction_filter(sender, receiver);
    if (since) filter.add("createdAt", Bson().add("$gte", *since));
    const Bson options =
        Bson().add("sort", Bson().add("createdAt", -1).add("_id", -1)).add("projection", Bson().add("_id", 1).add("createdAt", 1));
    TRY(const auto found, client.find_one(kMessages, filter, options));
    if (!found) return std::nullopt;
    const BsonView view(*found);
    return Place{.created_at = view.time("createdAt").value_or(chat::Timestamp()),
                 .id = chat::MessageId(view.id("_id").value_or(chat::ObjectId{}))};
}

bool Conversations::knows(const Pair& pair, bool others_are_heard) {
    const std::scoped_lock lock(mutex_);
    const Entry* const entry = entries_.find(pair);
    const bool learnt = entry && entry->learnt_at != SteadyClock::time_point();
    return learnt && (others_are_heard || SteadyClock::now() - entry->learnt_at < kBelievedFor);
}

Result<Conversations::Learnt> Conversations::learn(Client& client, const Pair& pair) {
    std::optional<DocumentName> document;
    if (!document_of(pair)) {
        TRY(document, find_document(client, pair));
    }
    const auto asked_at = SteadyClock::now();
    TRY(auto last, find_last(client, pair.low, pair.high, clock_()));
    if (!pair.is_self()) {
        TRY(const auto other, find_last(client, pair.high, pair.low, clock_()));
        last = std::max(last, other);
    }

    const std::scoped_lock lock(mutex_);
    Entry* entry = entries_.find(pair);
    const Learnt learnt{.is_new = entry == nullptr};
    if (!entry) entry = entries_.put(pair, {});
    if (!entry->document && document) {
        entry->document = document->id;
        entry->version = entry->tended_at_version = document->version;
    }
    if (last && is_believable(*last)) entry->last = std::max(entry->last, *last);
    entry->learnt_at = asked_at;
    return learnt;
}

Place Conversations::next_place(const Pair& pair, chat::MessageId id) {
    const std::scoped_lock lock(mutex_);
    Entry* entry = entries_.find(pair);
    if (!entry) entry = entries_.put(pair, {});
    Place place{.created_at = std::max(clock_(), entry->last.created_at), .id = id};
    if (place <= entry->last) place.created_at += std::chrono::milliseconds(1);  // an id of an earlier moment, or of another process
    entry->last = place;
    return place;
}

// A time far ahead is no clock's, and would be everybody's in that conversation from then on.
bool Conversations::is_believable(const Place& place) const {
    return place.created_at < clock_() + std::chrono::hours(2);
}

bool Conversations::surely_has_none(const Pair& pair) {
    const std::scoped_lock lock(mutex_);
    const Entry* const entry = entries_.find(pair);
    return entry && !entry->document && SteadyClock::now() - entry->learnt_at < 2 * kBelievedFor;
}

void Conversations::note(const chat::Message& message) {
    if (!is_believable(Place::of(message))) return;
    const std::scoped_lock lock(mutex_);
    if (Entry* const entry = entries_.find(Pair::of(message))) entry->last = std::max(entry->last, Place::of(message));
}

std::optional<chat::ConversationId> Conversations::document_of(const Pair& pair) {
    const std::scoped_lock lock(mutex_);
    const Entry* const entry = entries_.find(pair);
    return entry ? entry->document : std::nullopt;
}

void Conversations::set_document(const Pair& pair, std::optional<chat::ConversationId> id, std::int64_t version) {
    const std::scoped_lock lock(mutex_);
    Entry* const entry = entries_.find(pair);
    if (!entry) return;
    entry->document = id;
    entry->version = entry->tended_at_version = version;
}

Conversations::PushPlan Conversations::plan_push(const Pair& pair, std::size_t count) {
    const std::scoped_lock lock(mutex_);
    Entry* const entry = entries_.find(pair);
    if (!entry) return {};
    entry->version += static_cast<std::int64_t>(count);
    const PushPlan plan{.is_long = entry->version > kLong, .tend_after = entry->version - entry->tended_at_version >= kTendEvery};
    if (plan.tend_after) entry->tended_at_version = entry->version;
    return plan;
}

void Conversations::clear() {
    const std::scoped_lock lock(mutex_);
    entries_.clear();
}

chat::ConversationId Conversations::made_id(const Pair& pair) {
    std::array<std::uint8_t, 24> both;
    std::copy(pair.low.bytes.begin(), pair.low.bytes.end(), both.begin());
    std::copy(pair.high.bytes.begin(), pair.high.bytes.end(), both.begin() + 12);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    ::EVP_Digest(both.data(), both.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr);
    chat::ConversationId id;
    std::copy(digest.begin(), digest.begin() + 12, id.bytes.begin());
    return id;
}

}  // namespace parley::storage::mongodb

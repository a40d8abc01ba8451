#include "storage/mongodb/usernames.hpp"

#include <algorithm>
#include <map>

#include "chat/username.hpp"
#include "storage/mongodb/documents.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::int64_t kPage = 500;
constexpr std::chrono::seconds kBurst{2};

std::unexpected<Error> taken() {
    return fail(ErrorCode::AlreadyExists, "Username already exists");
}

Result<bool> user_exists(Client& client, chat::UserId user) {
    TRY(const auto found, client.find_one(kUsers, Bson().add("_id", user), Bson().add("projection", Bson().add("_id", 1))));
    return found.has_value();
}

// The smallest id of that second.
chat::UserId first_id_at(chat::Timestamp time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const auto clamped = static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, UINT32_MAX));
    chat::UserId id;
    for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(clamped >> (24 - 8 * i));
    return id;
}

Bson claim_document(const std::string& key, chat::UserId user, chat::Timestamp now) {
    return Bson().add("_id", key).add("userId", user).add("claimedAt", now);
}

}  // namespace

std::vector<std::pair<const char*, Index>> Usernames::indexes() {
    std::vector<std::pair<const char*, Index>> indexes;
    indexes.emplace_back(kCollection, Index{.name = "userId_1", .keys = Bson().add("userId", 1)});
    return indexes;
}

Usernames::Claim Usernames::read_claim(const bson_t& document) {
    const BsonView view(document);
    return {chat::UserId(view.id("userId").value_or(chat::ObjectId())), view.time("claimedAt").value_or(chat::Timestamp())};
}

Result<std::optional<Usernames::Claim>> Usernames::find_claim(Client& client, const std::string& key) {
    TRY(const auto found, client.find_one(kCollection, Bson().add("_id", key)));
    return found ? std::optional(read_claim(*found->get())) : std::nullopt;
}

// Also of a claim from the future: clocks of several servers differ.
bool Usernames::is_young(const Claim& claim) const {
    return std::chrono::abs(clock_() - claim.claimed_at) < kClaimGrace;
}

Result<bool> Usernames::claim(Client& client, const std::string& key, chat::UserId user) {
    auto inserted = client.insert(kCollection, claim_document(key, user, clock_()));
    if (inserted || inserted.error().code != ErrorCode::AlreadyExists) return inserted;
    TRY(const auto held, find_claim(client, key));
    if (!held) return taken();  // given back this moment
    if (held->user == user) return true;
    if (is_young(*held)) return taken();
    TRY(const bool exists, user_exists(client, held->user));
    if (exists) return taken();
    TRY(const bool ours, take_over(client, key, held->user, user));
    if (!ours) return taken();
    // Whoever had the claim inserts the user first and looks at the claim afterwards, we the other way round: one of us sees the other.
    TRY(const bool has_come, user_exists(client, held->user));
    if (!has_come) return true;
    TRY([[maybe_unused]] const bool returned, take_over(client, key, user, held->user));
    return taken();
}

Result<bool> Usernames::take_over(Client& client, const std::string& key, chat::UserId from, chat::UserId to) {
    const Bson change = Bson().add("$set", Bson().add("userId", to).add("claimedAt", clock_()));
    TRY(const auto matched, client.update(kCollection, Bson().add("_id", key).add("userId", from), change));
    return matched == 1;
}

Result<std::optional<chat::UserId>> Usernames::find_holder(Client& client, const std::string& key) {
    TRY(const auto held, find_claim(client, key));
    return held ? std::optional(held->user) : std::nullopt;
}

Result<bool> Usernames::release(Client& client, chat::UserId user) {
    TRY([[maybe_unused]] const auto removed, client.remove_all(kCollection, Bson().add("userId", user)));
    return true;
}

// Errors are not told: the link has logged them, and the next call goes on where this one stopped.
void Usernames::index(Client& client) {
    const auto now = SteadyClock::now();
    if (!recent_.active && !start_recent(client)) return;
    if (!advance(client, recent_, now + kBurst / 2)) return;
    if (!full_.active && now >= next_full_) full_ = {.after = {}, .active = true};
    if (!full_.active || !advance(client, full_, now + kBurst)) return;
    if (!full_.active) next_full_ = now + kFullPassEvery;
}

// An id from the future must not hide those that come.
Result<bool> Usernames::start_recent(Client& client) {
    if (!latest_) {
        const Bson options = Bson().add("sort", Bson().add("_id", -1)).add("projection", Bson().add("_id", 1));
        TRY(const auto last, client.find_one(kUsers, Bson().add("_id", Bson().add("$gte", chat::ObjectId())), options));
        latest_ = chat::UserId(last ? BsonView(*last).id("_id").value_or(chat::ObjectId()) : chat::ObjectId());
    }
    recent_ = {.after = first_id_at(std::min(time_of(*latest_), clock_()) - kMargin), .active = true};
    return true;
}

Result<bool> Usernames::advance(Client& client, Pass& pass, SteadyClock::time_point until) {
    const Bson options =
        Bson().add("projection", Bson().add("username", 1)).add("sort", Bson().add("_id", 1)).add("limit", kPage).add("batchSize", kPage);
    while (pass.active) {
        std::int64_t read = 0;
        chat::UserId last = pass.after;
        std::vector<Named> page;
        const auto take = [&](const bson_t& document) {
            ++read;
            const BsonView view(document);
            last = chat::UserId(view.id("_id").value_or(last));
            std::string key = chat::username_key(view.text("username").value_or(""));
            if (!key.empty() && key.size() <= kMaxKeyBytes) page.push_back({last, std::move(key)});
            return true;
        };
        TRY([[maybe_unused]] const bool found, client.find(kUsers, Bson().add("_id", Bson().add("$gt", pass.after)), options, take));
        const auto settled = settle(client, page);
        // A page that the database refuses (a name it takes for a value but not for an _id) must not stop the walk.
        if (!settled && settled.error().code == ErrorCode::Unavailable) return settled;
        pass.after = last;
        if (latest_) latest_ = std::max(*latest_, last);
        pass.active = read == kPage;
        if (SteadyClock::now() >= until) break;
    }
    return true;
}

Result<bool> Usernames::settle(Client& client, const std::vector<Named>& page) {
    std::map<std::string, const Named*> wanted;  // of several in one page the first
    for (const Named& named : page) wanted.emplace(named.key, &named);
    if (wanted.empty()) return true;
    std::vector<std::string> keys;
    for (const auto& [key, named] : wanted) keys.push_back(key);
    std::vector<std::pair<const Named*, Claim>> collisions;
    const auto take = [&](const bson_t& document) {
        const auto at = wanted.find(BsonView(document).text("_id").value_or(""));
        if (at == wanted.end()) return true;
        const Claim claim = read_claim(document);
        if (claim.user != at->second->user) collisions.emplace_back(at->second, claim);
        wanted.erase(at);
        return true;
    };
    const Bson filter = Bson().add("_id", Bson().add_array("$in", keys));
    TRY([[maybe_unused]] const bool found, client.find(kCollection, filter, Bson().add("batchSize", kPage), take));

    std::vector<const Named*> missing;
    for (const auto& [key, named] : wanted) missing.push_back(named);
    TRY([[maybe_unused]] const bool inserted, insert_claims(client, missing));
    for (const auto& [named, claim] : collisions) {
        TRY([[maybe_unused]] const bool settled, settle_collision(client, *named, claim));
    }
    return true;
}

// Those that somebody claims meanwhile are left to the next pass.
Result<bool> Usernames::insert_claims(Client& client, const std::vector<const Named*>& users) {
    if (users.empty()) return true;
    std::vector<Bson> claims;
    for (const Named* named : users) claims.push_back(claim_document(named->key, named->user, clock_()));
    std::vector<const Bson*> documents;
    for (const Bson& claim : claims) documents.push_back(&claim);
    TRY([[maybe_unused]] const auto existing, client.insert_all(kCollection, documents));
    return true;
}

// An older user gets the key; a younger one only if the holder is gone.
Result<bool> Usernames::settle_collision(Client& client, const Named& named, const Claim& claim) {
    if (claim.user < named.user) {
        if (is_young(claim)) return true;
        TRY(const bool exists, user_exists(client, claim.user));
        if (exists) return true;
    }
    return take_over(client, named.key, claim.user, named.user);
}

}  // namespace parley::storage::mongodb

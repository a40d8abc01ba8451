// Usernames: who has which username key (chat/username.hpp). The original's users have no key, so the keys are documents of our own,
// `parley_usernames` {_id: key, userId, claimedAt}: inserting one claims the key, which no two can do at once, whatever server or process they use.
//
// A claim whose user does not exist was left by a sign-up that failed half way, or its user was removed by others: after kClaimGrace it may be taken
// over. Claims of users that other programs have stored are made by index(), from time to time: of several users with one key the first by _id
// gets it, the others keep working by their exact names. A user whom somebody renames keeps the old key, and gets the new one within an hour.
//
// What index() costs: every few seconds the users whose ids were made in the ten minutes before the latest one (ids of several programs do not
// come in order), mostly none or a few, and their claims; at the start and once an hour all of them, {_id, username} in pages of 500, for two
// seconds at a time.
// On FerretDB an update is a reading and a writing: two sign-ups that take over one abandoned claim in the same instant can both believe that they
// have it, and both get their different spellings of the name.
// Threading: any thread, but index() never twice at once.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chat/values.hpp"
#include "storage/mongodb/client.hpp"

namespace parley::storage::mongodb {

class Usernames {
public:
    static constexpr const char* kCollection = "parley_usernames";
    static constexpr std::chrono::seconds kClaimGrace{60};
    static constexpr std::chrono::minutes kMargin{10};
    static constexpr std::chrono::hours kFullPassEvery{1};
    // MongoDB before 4.2 indexes no longer keys. Users with longer ones (nobody signs up with one here) are found by their exact names only.
    static constexpr std::size_t kMaxKeyBytes = 1000;

    explicit Usernames(chat::Clock clock) : clock_(std::move(clock)) {}

    static std::vector<std::pair<const char*, Index>> indexes();

    // Idempotent per user. AlreadyExists: the key is somebody else's, or may be in a moment. Unavailable: try again with the same user.
    Result<bool> claim(Client& client, const std::string& key, chat::UserId user);
    // The user may not exist.
    Result<std::optional<chat::UserId>> find_holder(Client& client, const std::string& key);
    // All claims of the user. No error if there is none.
    Result<bool> release(Client& client, chat::UserId user);

    // Makes claims for users who have none, as said above; where it stopped it goes on when it is called again. Every five seconds or so.
    void index(Client& client);

private:
    struct Claim {
        chat::UserId user;
        chat::Timestamp claimed_at;
    };
    struct Named {
        chat::UserId user;
        std::string key;
    };
    // A walk through the users by _id.
    struct Pass {
        chat::UserId after;
        bool active = false;
    };
    using SteadyClock = std::chrono::steady_clock;

    static Claim read_claim(const bson_t& document);
    static Result<std::optional<Claim>> find_claim(Client& client, const std::string& key);
    Result<bool> take_over(Client& client, const std::string& key, chat::UserId from, chat::UserId to);
    bool is_young(const Claim& claim) const;

    Result<bool> start_recent(Client& client);
    Result<bool> advance(Client& client, Pass& pass, SteadyClock::time_point until);
    Result<bool> settle(Client& client, const std::vector<Named>& page);
    Result<bool> insert_claims(Client& client, const std::vector<const Named*>& users);
    Result<bool> settle_collision(Client& client, const Named& named, const Claim& claim);

    const chat::Clock clock_;
    // index() only.
    Pass full_;
    Pass recent_;
    std::optional<chat::UserId> latest_;  // the largest id seen
    SteadyClock::time_point next_full_{};
};

}  // namespace parley::storage::mongodb

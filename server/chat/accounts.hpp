// Accounts: signing up and signing in. Rules only: no HTTP, no cookies, no limits per address (api/ has those).
// Names are stored as they were sent; only their keys are normalised (see username.hpp).
// Threading: awaited on any loop; holds no state of its own but the cache, which has its own lock.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "chat/password_hasher.hpp"
#include "chat/user_cache.hpp"
#include "chat/user_store.hpp"
#include "chat/values.hpp"

namespace parley::chat {

inline constexpr std::size_t kMinPasswordCharacters = 6;  // code points, for new passwords

struct SignUp {
    std::string full_name;
    std::string username;
    std::string password;
    Gender gender = Gender::Male;
};

class Accounts {
public:
    // avatar: the profile picture of a new user. Called on loops.
    using Avatar = std::function<std::string(UserId id, const std::string& username, Gender gender)>;

    // now: the clock of the cache.
    Accounts(UserStore& users, PasswordHasher& hasher, Avatar avatar,
             UserCache::SteadyClock::time_point (*now)() = UserCache::SteadyClock::now);

    // The new user, durably stored. Errors, with texts for people: InvalidArgument (full name empty or over kMaxFullNameCharacters, a username that
    // check_new_username refuses, a password too short or with a NUL), AlreadyExists "Username already exists", Unavailable.
    Task<Result<User>> sign_up(SignUp request);

    // Whose name and password these are; the name is tried as find_by_name does. Unauthenticated "Invalid username or password", after the same work
    // whether the name exists or not. Unavailable.
    Task<Result<User>> sign_in(std::string username, std::string password);

    // The user, from the cache if it was read in the last `kCacheFor` (another server may change users on shared storage); without its
    // password_hash. Unavailable.
    static constexpr std::chrono::seconds kCacheFor{5};
    static constexpr std::size_t kMaxCachedUsers = 4'000;
    Task<Result<std::optional<User>>> find(UserId id);
    // Whether find() would find the user without waiting. False is no answer.
    bool knows(UserId id) const { return cache_.contains(id); }

    // Whose account a name means: the user with exactly this name, else the one with its key. Not cached. Unavailable.
    Task<Result<std::optional<User>>> find_by_name(std::string username);

    // Drops a user from the cache. To be called whenever this process changes or removes one.
    void forget(UserId id) { cache_.forget(id); }

private:
    UserStore& users_;
    PasswordHasher& hasher_;
    const Avatar avatar_;
    UserCache cache_;
};

}  // namespace parley::chat

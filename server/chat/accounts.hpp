// Accounts: signing up and signing in. Rules only: no HTTP, no cookies, no limits per address (api/ has those).
// Threading: awaited on any loop; holds no state of its own but a cache guarded by a mutex.
#pragma once

#include <functional>
#include <string>

#include "chat/password_hasher.hpp"
#include "chat/user_store.hpp"
#include "chat/values.hpp"

namespace parley::chat {

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

    Accounts(UserStore& users, PasswordHasher& hasher, Avatar avatar);

    // InvalidArgument (a text for people: name, password shorter than 6 characters, over 72 bytes, with a NUL), AlreadyExists "Username already exists",
    // Unavailable.
    Task<Result<User>> sign_up(SignUp request);

    // Tries the exact name, then its key. Unauthenticated "Invalid username or password", after the same work whether the name exists or not.
    Task<Result<User>> sign_in(std::string username, std::string password);

    // The user, from the cache if it was read in the last `kCacheFor` (another server may change users on shared storage).
    static constexpr std::chrono::seconds kCacheFor{5};
    Task<Result<std::optional<User>>> find(UserId id);

    // For sign-in limits: whose account a name means; the user's id, or nullopt.
    Task<Result<std::optional<User>>> find_by_name(std::string username);

    // Drops a user from the cache. To be called whenever this process changes or removes one.
    void forget(UserId id);
};

}  // namespace parley::chat

// UserStore: the accounts. A port; storage/ implements it, one contract suite holds every implementation to what is said here.
// Threading: awaited on any loop; resumes there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/values.hpp"
#include "parley/async/task.hpp"
#include "parley/base/result.hpp"

namespace parley::chat {

struct NewUser {
    UserId id;
    std::string full_name;
    std::string username;
    std::string username_key;  // see username.hpp: unique among new users
    std::string password_hash;
    Gender gender = Gender::Male;
    std::string profile_picture;

    User signed_up(Timestamp now) const {
        return {.id = id,
                .full_name = full_name,
                .username = username,
                .password_hash = password_hash,
                .gender = gender,
                .profile_picture = profile_picture,
                .created_at = now,
                .updated_at = now};
    }
};

// A part of the directory, in the order people signed up.
struct UserPage {
    std::vector<User> users;          // password_hash left empty
    std::optional<std::string> next;  // opaque cursor of the following page; absent at the end
};

struct DirectoryQuery {
    std::size_t limit = 500;  // users at most in the page
    std::string after{};      // cursor of an earlier page, or "" for the start
    std::string text{};       // part of the full name or the username, as search_key sees them; "" for everybody
};

class UserStore {
public:
    virtual ~UserStore() = default;

    // Stores a user, durably before it returns. AlreadyExists: the username or its key is taken (also by a concurrent call: exactly one wins).
    virtual Task<Result<User>> create(NewUser user) = 0;

    virtual Task<Result<std::optional<User>>> find(UserId id) = 0;
    // Byte for byte.
    virtual Task<Result<std::optional<User>>> find_by_username(std::string username) = 0;
    // By key; of several imported users with one key the first that signed up.
    virtual Task<Result<std::optional<User>>> find_by_username_key(std::string key) = 0;

    // InvalidArgument: a cursor that this store did not make.
    virtual Task<Result<UserPage>> list(DirectoryQuery query) = 0;

    // Changes whenever any user is added, changed or removed, also by another process on the same storage; equal versions mean an equal
    // directory, also across restarts. Cheap: no rows are read.
    virtual Task<Result<std::string>> directory_version() = 0;

    // Removes an account; its messages stay. NotFound. (An administrator's tool and the tests need it; no route does yet.)
    virtual Task<Result<bool>> remove(UserId id) = 0;
};

}  // namespace parley::chat

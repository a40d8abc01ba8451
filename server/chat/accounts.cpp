#include "chat/accounts.hpp"

#include <utility>

#include "chat/username.hpp"
#include "parley/base/utf8.hpp"

namespace parley::chat {
namespace {

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::InvalidArgument, std::move(text));
}

std::unexpected<Error> name_is_taken() {
    return fail(ErrorCode::AlreadyExists, "Username already exists");
}

Result<bool> check_full_name(std::string_view name) {
    if (name.empty()) return refuse("Full name cannot be empty");
    if (count_code_points(name) > kMaxFullNameCharacters) {
        return refuse("Full name must be at most " + std::to_string(kMaxFullNameCharacters) + " characters");
    }
    return true;
}

Result<bool> check_new_password(std::string_view password) {
    if (count_code_points(password) < kMinPasswordCharacters) {
        return refuse("Password must be at least " + std::to_string(kMinPasswordCharacters) + " characters");
    }
    if (password.contains('\0')) return refuse("Password cannot contain the NUL character");
    return true;
}

// The key of the username, if the request keeps the rules.
Result<std::string> check(const SignUp& request) {
    TRY([[maybe_unused]] const bool good_name, check_full_name(request.full_name));
    TRY(auto key, check_new_username(request.username));
    TRY([[maybe_unused]] const bool good_password, check_new_password(request.password));
    return key;
}

}  // namespace

Accounts::Accounts(UserStore& users, PasswordHasher& hasher, Avatar avatar, UserCache::SteadyClock::time_point (*now)())
    : users_(users), hasher_(hasher), avatar_(std::move(avatar)), cache_(kMaxCachedUsers, kCacheFor, now) {}

Task<Result<User>> Accounts::sign_up(SignUp request) {
    CO_TRY(auto key, check(request));
    // Asked before the hash, which is dear. The store decides: of two at once one will find the name taken only there.
    CO_TRY(const auto holder, co_await find_by_name(request.username));
    if (holder) co_return name_is_taken();
    CO_TRY(auto hash, co_await hasher_.hash(std::move(request.password)));

    NewUser user{.id = UserId::generate(),
                 .full_name = std::move(request.full_name),
                 .username = std::move(request.username),
                 .username_key = std::move(key),
                 .password_hash = std::move(hash),
                 .gender = request.gender,
                 .profile_picture = ""};
    user.profile_picture = avatar_(user.id, user.username, user.gender);
    auto created = co_await users_.create(std::move(user));
    if (!created && created.error().code == ErrorCode::AlreadyExists) co_return name_is_taken();
    co_return created;
}

Task<Result<User>> Accounts::sign_in(std::string username, std::string password) {
    CO_TRY(auto user, co_await find_by_name(std::move(username)));
    Result<bool> verified = false;
    if (user) {
        verified = co_await hasher_.verify(std::move(password), user->password_hash);
    } else {
        verified = co_await hasher_.verify_nothing(std::move(password));
    }
    if (!verified) co_return fail(std::move(verified).error());
    if (!user || !*verified) co_return fail(ErrorCode::Unauthenticated, "Invalid username or password");
    co_return *std::move(user);
}

Task<Result<std::optional<User>>> Accounts::find(UserId id) {
    if (auto cached = cache_.find(id)) co_return cached;
    const auto ticket = cache_.ticket();
    CO_TRY(auto user, co_await users_.find(id));
    if (!user) co_return user;
    user->password_hash.clear();
    cache_.put(ticket, *user);
    co_return user;
}

Task<Result<std::optional<User>>> Accounts::find_by_name(std::string username) {
    auto key = username_key(username);
    CO_TRY(auto exact, co_await users_.find_by_username(std::move(username)));
    if (exact || key.empty()) co_return exact;
    co_return co_await users_.find_by_username_key(std::move(key));
}

}  // namespace parley::chat

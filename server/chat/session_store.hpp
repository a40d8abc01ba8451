// SessionStore: which logins have been ended before their tokens expire. A port; see user_store.hpp.
// A login is named by its token's `sid` claim, or, for tokens of the original backend, which have none, by the token's SHA-256 (auth/ decides; here it
// is a string of at most 64 characters).
#pragma once

#include <string>
#include <string_view>

#include "chat/values.hpp"
#include "parley/async/task.hpp"
#include "parley/base/result.hpp"

namespace parley::chat {

inline constexpr std::size_t kMaxAddressesPerAccount = 32;

class SessionStore {
public:
    virtual ~SessionStore() = default;

    // Durable before it returns, idempotent; true. After `expires_at` the entry may be forgotten: the token is refused for its age then.
    virtual Task<Result<bool>> revoke(std::string session, Timestamp expires_at) = 0;

    // False: certainly not revoked, as far as this process knows by every revoke that has returned. Answered at once, from memory; true is no answer,
    // is_revoked() is to be asked then. For whoever has to answer without waiting.
    virtual bool may_be_revoked([[maybe_unused]] std::string_view session) const { return true; }

    // Sees every revoke that has returned. Asked with every request: it must not cost a look at the disk as a rule.
    virtual Task<Result<bool>> is_revoked(std::string session) = 0;

    // Which addresses an account has logged in from, at most kMaxAddressesPerAccount, the latest kept: remembering a
    // known one again makes it the latest. For the rule that an attacker cannot lock a victim out.
    virtual Task<Result<bool>> remember_address(UserId user, std::string address) = 0;
    virtual Task<Result<bool>> knows_address(UserId user, std::string address) = 0;
};

}  // namespace parley::chat

// PasswordHasher: turns passwords into hashes that may be stored, and checks them. A port; auth/ implements it with bcrypt.
// Both calls take as long as the configured cost says, never on a loop. Unavailable when too many wait already.
#pragma once

#include <string>

#include "parley/async/task.hpp"
#include "parley/base/result.hpp"

namespace parley::chat {

class PasswordHasher {
public:
    virtual ~PasswordHasher() = default;
    // Precondition: no NUL. How much of a long password counts is the hash's business (bcrypt: 72 bytes).
    virtual Task<Result<std::string>> hash(std::string password) = 0;
    // False for a wrong password, for a hash that is none, and for a password that no hash can come from.
    virtual Task<Result<bool>> verify(std::string password, std::string hash) = 0;
    // Costs as much as verify() against a real hash, and fails: so that an unknown name takes as long as a wrong password.
    virtual Task<Result<bool>> verify_nothing(std::string password) = 0;
};

}  // namespace parley::chat

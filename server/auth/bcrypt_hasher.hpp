// BcryptHasher: the chat's PasswordHasher by bcrypt ($2b$) on threads of its own, so that no loop waits 60 ms for a password.
// bcrypt sees the first 72 bytes of a password and stops at a NUL: at most 72 bytes are handed to it, and a password with a NUL matches no hash.
// `$2a$` hashes, as JavaScript's bcrypt libraries write them, mean the same as `$2b$`.
// Threading: awaited on any loop. Ownership: destroy it before the loops.
#pragma once

#include <string>
#include <string_view>

#include "chat/password_hasher.hpp"
#include "parley/async/worker_pool.hpp"

namespace parley::auth {

class BcryptHasher final : public chat::PasswordHasher {
public:
    static constexpr std::size_t kMaxPasswordBytes = 72;
    static constexpr unsigned kMinCost = 4;
    static constexpr unsigned kMaxCost = 15;

    struct Options {
        unsigned cost = 10;             // kMinCost to kMaxCost; each step doubles the time
        std::size_t threads = 0;        // 0: one per core
        std::size_t max_waiting = 128;  // passwords; one more is refused with Unavailable
    };
    explicit BcryptHasher(Options options);

    Task<Result<std::string>> hash(std::string password) override;
    Task<Result<bool>> verify(std::string password, std::string hash) override;
    Task<Result<bool>> verify_nothing(std::string password) override;

private:
    const unsigned cost_;
    const std::string nobodys_hash_;  // what an unknown name's password is compared with
    WorkerPool workers_;
};

}  // namespace parley::auth

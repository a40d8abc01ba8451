// Credential: who a socket's session is, as the HTTP requests that carried it said; kept by the session as its identity.
// AnonymousCap: how many sessions without an identity one address may have. A Credential that names nobody holds a place of its address and gives
// it back when the session ends, or when it turns out later who it is.
// Threading: AnonymousCap is thread-safe; a Credential is immutable but for release().
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "auth/authenticator.hpp"
#include "parley/net/address.hpp"

namespace parley::realtime {

class AnonymousCap : public std::enable_shared_from_this<AnonymousCap> {
public:
    // per_address: sessions; IPv6 counts by /64.
    explicit AnonymousCap(std::size_t per_address) : per_address_(per_address) {}

    class Place {
    public:
        Place() = default;
        Place(std::shared_ptr<AnonymousCap> cap, net::IpAddress group) : cap_(std::move(cap)), group_(group) {}
        Place(Place&&) = default;
        Place& operator=(Place&& other) noexcept;
        ~Place() { release(); }
        void release();

    private:
        std::shared_ptr<AnonymousCap> cap_;
        net::IpAddress group_;
    };

    // nullopt: the address has as many as it may.
    std::optional<Place> take(const net::IpAddress& address);

private:
    void give_back(const net::IpAddress& group);

    const std::size_t per_address_;
    std::mutex mutex_;
    std::map<net::IpAddress, std::size_t> taken_;  // guarded by mutex_
};

// Whom auth.token has named: written once on the session's loop, read by the upgrade's check on any.
class TokenUser {
public:
    void set(chat::UserId user) {
        user_ = user;
        known_.store(true, std::memory_order_release);
    }
    std::optional<chat::UserId> get() const { return known_.load(std::memory_order_acquire) ? std::optional(user_) : std::nullopt; }

private:
    chat::UserId user_;
    std::atomic<bool> known_ = false;
};

struct Credential {
    std::optional<auth::Identity> identity;  // nullopt: nobody yet
    mutable TokenUser token_user;
    mutable std::unique_ptr<AnonymousCap::Place> place;  // held while identity is missing; given back on the session's loop only
};

}  // namespace parley::realtime

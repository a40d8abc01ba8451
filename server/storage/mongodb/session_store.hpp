// SessionStore on MongoDB; see chat/session_store.hpp for what it promises.
//
// Revocations: `parley_revocations` {_id: session, expiresAt, revokedAt}; revokedAt is the database's time, so that servers whose clocks differ find
// each other's. "Is it revoked?" is asked with every request and nearly always answered no: hashes of all revocations are kept in memory, and only
// a hit is looked up. While the database is away a hit counts as revoked. What other servers of ours revoke is noticed by poll(), which has to be
// called every two seconds or so, and told to the listener; each call reads the revocations of the minute before the latest one.
// Addresses: `parley_addresses` {_id: user, addresses: [...], version}, the latest last, changed by compare-and-set on the version. On FerretDB,
// whose updates read and write in two steps, one of two addresses that are remembered in the same instant can be forgotten.
// Threading: as the port says; load() and poll() from any thread of the storage, the listener is called by them, one call at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "chat/change_listener.hpp"
#include "chat/session_store.hpp"
#include "storage/mongodb/workers.hpp"
#include "storage/session_hashes.hpp"

namespace parley::storage::mongodb {

class SessionStore : public chat::SessionStore {
public:
    static constexpr const char* kRevocations = "parley_revocations";
    static constexpr const char* kAddresses = "parley_addresses";
    static constexpr std::chrono::seconds kOverlap{60};  // how late a revocation may turn up and still be noticed by the next poll()
    static constexpr std::chrono::hours kReloadEvery{1};

    SessionStore(Workers& workers, chat::ChangeListener& listener, chat::Clock clock)
        : workers_(workers), listener_(listener), clock_(std::move(clock)) {}

    // Of the revocations: expiresAt, after which the database forgets them, and revokedAt.
    static std::vector<std::pair<const char*, Index>> indexes();

    // Reads all revocations whose tokens have not expired. Before the first use, and after the database has been away. The listener is told of
    // those that were not known, but not by the first load.
    Result<bool> load(Client& client);
    // What is new since the last call; once an hour everything.
    void poll(Client& client);

    Task<Result<bool>> revoke(std::string session, chat::Timestamp expires_at) override;
    bool may_be_revoked(std::string_view session) const override { return hashes_.contains(session); }
    Task<Result<bool>> is_revoked(std::string session) override;
    Task<Result<bool>> remember_address(chat::UserId user, std::string address) override;
    Task<Result<bool>> knows_address(chat::UserId user, std::string address) override;

private:
    using SteadyClock = std::chrono::steady_clock;

    Result<bool> load_locked(Client& client);
    void tell(const std::vector<std::string>& sessions);

    Workers& workers_;
    chat::ChangeListener& listener_;
    const chat::Clock clock_;
    SessionHashes hashes_;

    std::mutex refreshing_;        // held by load() and poll(), also while they talk to the database
    bool loaded_ = false;          // guarded by refreshing_
    chat::Timestamp latest_;       // guarded by refreshing_: the largest revokedAt seen
    SteadyClock::time_point due_;  // guarded by refreshing_: of the next reload
};

}  // namespace parley::storage::mongodb

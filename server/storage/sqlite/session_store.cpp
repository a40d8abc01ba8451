#include "storage/sqlite/session_store.hpp"

#include <algorithm>

namespace parley::storage::sqlite {
namespace {

constexpr std::int64_t kSweepRows = 500;
constexpr std::size_t kStaleAtLeast = 4096;  // entries without a row, before rebuilding the set is worth it

Result<bool> store_address(Transaction& transaction, chat::UserId user, const std::string& address) {
    Connection& connection = transaction.connection;
    std::int64_t latest = 0;
    {
        Statement last = connection.prepare("SELECT seen, address FROM login_addresses WHERE user = ?1 ORDER BY seen DESC LIMIT 1");
        last.bind(user);
        TRY(const bool row, last.step());
        if (row && last.bytes(1) == address) return true;
        if (row) latest = last.integer(0);
    }
    Statement insert = connection.prepare(
        "INSERT INTO login_addresses(user, address, seen) VALUES(?1, ?2, ?3) ON CONFLICT(user, address) DO UPDATE SET seen = "
        "excluded.seen");
    insert.bind(user, address, latest + 1);
    TRY([[maybe_unused]] const bool inserted, insert.run());
    Statement trim = connection.prepare(
        "DELETE FROM login_addresses WHERE user = ?1 AND seen <="
        " (SELECT seen FROM login_addresses WHERE user = ?1 ORDER BY seen DESC LIMIT 1 OFFSET ?2)");
    trim.bind(user, SessionStore::kMaxAddresses);
    return trim.run();
}

}  // namespace

Result<bool> SessionStore::load(Connection& connection) {
    hashes_.begin_reload();
    Statement all = connection.prepare("SELECT session FROM revocations");
    while (true) {
        TRY(const bool row, all.step());
        if (!row) break;
        hashes_.reload(all.bytes(0));
    }
    hashes_.end_reload();
    stale_ = 0;
    return true;
}

// The set is ahead of the table: an entry whose row is never committed only costs a look-up.
Result<bool> SessionStore::insert_revocation(Transaction& transaction, const std::string& session, chat::Timestamp expires_at) {
    hashes_.insert(session);
    Statement insert = transaction.connection.prepare(
        "INSERT INTO revocations(session, expires_ms) VALUES(?1, ?2)"
        " ON CONFLICT(session) DO UPDATE SET expires_ms = max(expires_ms, excluded.expires_ms)");
    insert.bind(session, expires_at);
    return insert.run();
}

Task<Result<bool>> SessionStore::revoke(std::string session, chat::Timestamp expires_at) {
    auto apply = [this, session = std::move(session), expires_at](Transaction& transaction) {
        return insert_revocation(transaction, session, expires_at);
    };
    co_return co_await writer_.run<bool>(0, std::move(apply));
}

Task<Result<bool>> SessionStore::is_revoked(std::string session) {
    if (!hashes_.contains(session)) co_return false;
    auto query = [session = std::move(session)](Connection& connection) -> Result<bool> {
        Statement find = connection.prepare("SELECT 1 FROM revocations WHERE session = ?1");
        find.bind(session);
        return find.step();
    };
    co_return co_await readers_.run<bool>(std::move(query));
}

Task<Result<bool>> SessionStore::remember_address(chat::UserId user, std::string address) {
    auto apply = [user, address = std::move(address)](Transaction& transaction) { return store_address(transaction, user, address); };
    co_return co_await writer_.run<bool>(0, std::move(apply));
}

Task<Result<bool>> SessionStore::knows_address(chat::UserId user, std::string address) {
    auto query = [user, address = std::move(address)](Connection& connection) -> Result<bool> {
        Statement find = connection.prepare("SELECT 1 FROM login_addresses WHERE user = ?1 AND address = ?2");
        find.bind(user, address);
        return find.step();
    };
    co_return co_await readers_.run<bool>(std::move(query));
}

// Entries are not erased one by one: two sessions may share a hash, and this transaction may be undone. The set is rebuilt before anything is
// removed, when many of its entries have lost their rows.
Result<bool> SessionStore::sweep(Transaction& transaction) {
    const bool rebuild = stale_ > std::max(kStaleAtLeast, hashes_.size() / 2);
    if (rebuild) {
        TRY([[maybe_unused]] const bool loaded, load(transaction.connection));
    }
    Statement remove = transaction.connection.prepare(
        "DELETE FROM revocations WHERE session IN (SELECT session FROM revocations WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)");
    remove.bind(transaction.now, kSweepRows);
    TRY([[maybe_unused]] const bool removed, remove.run());
    const int count = transaction.connection.changed_rows();
    stale_ += static_cast<std::size_t>(count);
    return count == kSweepRows;
}

}  // namespace parley::storage::sqlite

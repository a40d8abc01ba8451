// SessionStore on SQLite; see chat/session_store.hpp for what it promises.
// "Is it revoked?" is asked with every request and nearly always answered no: hashes of all revocations are kept in memory, and only a hit is
// looked up.
#pragma once

#include <string>

#include "chat/session_store.hpp"
#include "storage/session_hashes.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace parley::storage::sqlite {

class SessionStore : public chat::SessionStore {
public:
    static constexpr int kMaxAddresses = 32;  // per account

    SessionStore(Writer& writer, Readers& readers) : writer_(writer), readers_(readers) {}

    // Fills the set. Before anything else.
    Result<bool> load(Connection& connection);

    Task<Result<bool>> revoke(std::string session, chat::Timestamp expires_at) override;
    bool may_be_revoked(std::string_view session) const override { return hashes_.contains(session); }
    Task<Result<bool>> is_revoked(std::string session) override;
    Task<Result<bool>> remember_address(chat::UserId user, std::string address) override;
    Task<Result<bool>> knows_address(chat::UserId user, std::string address) override;

    // Removes some revocations of tokens that have expired; true if there may be more. On the writer's thread.
    Result<bool> sweep(Transaction& transaction);

private:
    Result<bool> insert_revocation(Transaction& transaction, const std::string& session, chat::Timestamp expires_at);

    Writer& writer_;
    Readers& readers_;
    SessionHashes hashes_;   // every stored row has its entry; a row that is gone, or was never committed, may leave one behind
    std::size_t stale_ = 0;  // the writer's thread only: entries left behind by sweeping
};

}  // namespace parley::storage::sqlite

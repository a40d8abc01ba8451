// UserStore on SQLite; see chat/user_store.hpp for what it promises.
#pragma once

#include <atomic>
#include <string>

#include "chat/user_store.hpp"
#include "parley/base/encoding.hpp"
#include "storage/sqlite/position_cursor.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace parley::storage::sqlite {

class UserStore : public chat::UserStore {
public:
    // database_id: random, made with the database: versions and cursors of another one are not mistaken for this one's.
    UserStore(Writer& writer, Readers& readers, const std::string& database_id)
        : writer_(writer), readers_(readers), cursor_(database_id.substr(0, 4)), version_prefix_(base64url_encode(database_id) + '-') {}

    // Finds out what the directory's version is. Before anything else.
    Result<bool> load(Connection& connection);

    Task<Result<chat::User>> create(chat::NewUser user) override;
    Task<Result<std::optional<chat::User>>> find(chat::UserId id) override;
    Task<Result<std::optional<chat::User>>> find_by_username(std::string username) override;
    Task<Result<std::optional<chat::User>>> find_by_username_key(std::string key) override;
    Task<Result<chat::UserPage>> list(chat::DirectoryQuery query) override;
    Task<Result<std::string>> directory_version() override;
    Task<Result<bool>> remove(chat::UserId id) override;

private:
    Writer& writer_;
    Readers& readers_;
    const PositionCursor cursor_;  // of the last user of a page
    const std::string version_prefix_;
    std::atomic<std::int64_t> directory_ = 0;  // how often the directory has changed, as of the latest commit: set by the writer's thread
};

}  // namespace parley::storage::sqlite

// UserStore on SQLite; see chat/user_store.hpp for what it promises.
#pragma once

#include <atomic>
#include <string>

#include "chat/user_store.hpp"
#include "parley/base/encoding.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace parley::storage::sqlite {

class UserStore : public chat::UserStore {
public:
    // database_id: random, made with the database: versions and cursors of another one are not mistaken for this one's.
    UserStore(Writer& writer, Readers& readers, std::string database_id)
        : writer_(writer), readers_(readers), database_id_(std::move(database_id)), version_prefix_(base64url_encode(database_id_) + '-') {}

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
    std::string make_cursor(std::int64_t position) const;
    std::optional<std::int64_t> parse_cursor(const std::string& cursor) const;

    Writer& writer_;
    Readers& readers_;
    const std::string database_id_;
    const std::string version_prefix_;
    std::atomic<std::int64_t> directory_ = 0;  // how often the directory has changed, as of the latest commit: set by the writer's thread
};

}  // namespace parley::storage::sqlite

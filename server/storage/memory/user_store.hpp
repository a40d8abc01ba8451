// MemoryUserStore: chat::UserStore in this process's memory, for tests. Everything is gone with the object.
// Threading: any thread; one mutex, no call waits for anything else.
#pragma once

#include <map>
#include <mutex>
#include <unordered_map>

#include "chat/user_store.hpp"

namespace parley::storage {

class MemoryUserStore : public chat::UserStore {
public:
    explicit MemoryUserStore(chat::Clock clock = chat::system_now);

    Task<Result<chat::User>> create(chat::NewUser user) override;
    Task<Result<std::optional<chat::User>>> find(chat::UserId id) override;
    Task<Result<std::optional<chat::User>>> find_by_username(std::string username) override;
    Task<Result<std::optional<chat::User>>> find_by_username_key(std::string key) override;
    Task<Result<chat::UserPage>> list(chat::DirectoryQuery query) override;
    Task<Result<std::string>> directory_version() override;
    Task<Result<bool>> remove(chat::UserId id) override;

private:
    using Position = std::uint64_t;  // order of signing up, from 1
    struct Row {
        chat::User user;
        std::string key;
        std::string searched_full_name;
        std::string searched_username;
    };

    template <class Index, class Key>
    std::optional<chat::User> find_in(const Index& index, const Key& key) const;
    Result<Position> parse_cursor(const std::string& cursor) const;

    const chat::Clock clock_;
    const std::string instance_;  // tells this object's versions from those of another run

    mutable std::mutex mutex_;
    std::map<Position, Row> rows_;  // guarded by mutex_, as are the following
    std::unordered_map<chat::UserId, Position> by_id_;
    std::unordered_map<std::string, Position> by_username_;
    std::unordered_map<std::string, Position> by_key_;
    Position last_position_ = 0;
    std::uint64_t changes_ = 0;
};

}  // namespace parley::storage

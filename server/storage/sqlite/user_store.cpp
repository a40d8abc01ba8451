#include "storage/sqlite/user_store.hpp"

#include <algorithm>

#include "chat/username.hpp"

namespace parley::storage::sqlite {
namespace {

constexpr std::size_t kMaxPage = 10'000;

// The columns that read_user() expects. A macro, because every statement's text is a literal.
#define PARLEY_USER_COLUMNS "id, full_name, username, gender, profile_picture, created_ms, updated_ms, password_hash"

chat::User read_user(const Statement& row) {
    return {.id = chat::UserId(row.id(0)),
            .full_name = row.text(1),
            .username = row.text(2),
            .password_hash = row.text(7),
            .gender = row.integer(3) == 0 ? chat::Gender::Male : chat::Gender::Female,
            .profile_picture = row.text(4),
            .created_at = row.time(5),
            .updated_at = row.time(6)};
}

Result<std::optional<chat::User>> read_one(Statement& statement) {
    TRY(const bool row, statement.step());
    return row ? std::optional(read_user(statement)) : std::nullopt;
}

// Counted by triggers.
Result<std::int64_t> count_changes(Connection& connection) {
    return connection.query_integer("SELECT value FROM meta WHERE key = 'directory'");
}

struct Created {
    chat::User user;
    std::int64_t directory = 0;
};

Result<Created> insert_user(Transaction& transaction, const chat::NewUser& user) {
    Statement taken = transaction.connection.prepare("SELECT 1 FROM users WHERE username = ?1 OR username_key = ?2");
    taken.bind(user.username, user.username_key);
    TRY(const bool exists, taken.step());
    if (exists) return fail(ErrorCode::AlreadyExists, "Username already exists");

    const std::string full_name_search = chat::search_key(user.full_name);
    const std::string username_search = chat::search_key(user.username);
    Statement insert = transaction.connection.prepare(
        "INSERT INTO users(id, full_name, username, gender, profile_picture, created_ms, updated_ms, password_hash, username_key,"
        " full_name_search, username_search)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10)");
    insert.bind(user.id, user.full_name, user.username, user.gender == chat::Gender::Male ? 0 : 1, user.profile_picture, transaction.now,
                user.password_hash, user.username_key, full_name_search, username_search);
    TRY([[maybe_unused]] const bool stored, insert.run());
    TRY(const auto changes, count_changes(transaction.connection));
    return Created{user.signed_up(transaction.now), changes};
}

// How often the directory has changed now.
Result<std::int64_t> delete_user(Transaction& transaction, chat::UserId id) {
    Statement remove = transaction.connection.prepare("DELETE FROM users WHERE id = ?1");
    remove.bind(id);
    TRY([[maybe_unused]] const bool removed, remove.run());
    if (transaction.connection.changed_rows() == 0) return fail(ErrorCode::NotFound, "User not found");
    transaction.forget_all();  // who exists is remembered by those who append messages
    Statement addresses = transaction.connection.prepare("DELETE FROM login_addresses WHERE user = ?1");
    addresses.bind(id);
    TRY([[maybe_unused]] const bool forgotten, addresses.run());
    return count_changes(transaction.connection);
}

}  // namespace

Result<bool> UserStore::load(Connection& connection) {
    TRY(directory_, count_changes(connection));
    return true;
}

Task<Result<chat::User>> UserStore::create(chat::NewUser user) {
    const std::size_t bytes = user.full_name.size() + user.username.size() + user.profile_picture.size();
    auto apply = [user = std::move(user)](Transaction& transaction) { return insert_user(transaction, user); };
    auto announce = [this](const Created& created) { directory_ = created.directory; };
    CO_TRY(auto created, co_await writer_.run<Created>(bytes, std::move(apply), std::move(announce)));
    co_return std::move(created.user);
}

Task<Result<std::optional<chat::User>>> UserStore::find(chat::UserId id) {
    auto query = [id](Connection& connection) {
        Statement find = connection.prepare("SELECT " PARLEY_USER_COLUMNS " FROM users WHERE id = ?1");
        find.bind(id);
        return read_one(find);
    };
    co_return co_await readers_.run<std::optional<chat::User>>(std::move(query));
}

Task<Result<std::optional<chat::User>>> UserStore::find_by_username(std::string username) {
    auto query = [username = std::move(username)](Connection& connection) {
        Statement find = connection.prepare("SELECT " PARLEY_USER_COLUMNS " FROM users WHERE username = ?1");
        find.bind(username);
        return read_one(find);
    };
    co_return co_await readers_.run<std::optional<chat::User>>(std::move(query));
}

Task<Result<std::optional<chat::User>>> UserStore::find_by_username_key(std::string key) {
    auto query = [key = std::move(key)](Connection& connection) {
        Statement find = connection.prepare("SELECT " PARLEY_USER_COLUMNS " FROM users WHERE username_key = ?1 ORDER BY position LIMIT 1");
        find.bind(key);
        return read_one(find);
    };
    co_return co_await readers_.run<std::optional<chat::User>>(std::move(query));
}

Task<Result<chat::UserPage>> UserStore::list(chat::DirectoryQuery query) {
    const auto after = query.after.empty() ? std::optional<std::int64_t>(0) : cursor_.parse(query.after);
    if (!after) co_return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    const std::size_t limit = std::min(query.limit, kMaxPage);

    auto read = [this, after = *after, limit, text = chat::search_key(query.text)](Connection& connection) -> Result<chat::UserPage> {
        Statement list = connection.prepare(
            "SELECT " PARLEY_USER_COLUMNS
            ", position FROM users WHERE position > ?1 AND"
            " (?3 = '' OR instr(username_search, ?3) > 0 OR instr(full_name_search, ?3) > 0) ORDER BY position LIMIT ?2");
        list.bind(after, static_cast<std::int64_t>(limit) + 1, text);
        chat::UserPage page;
        std::int64_t last = after;
        while (true) {
            TRY(const bool row, list.step());
            if (!row) return page;
            if (page.users.size() == limit) break;
            page.users.push_back(read_user(list));
            page.users.back().password_hash.clear();
            last = list.integer(8);
        }
        page.next = cursor_.make(last);
        return page;
    };
    co_return co_await readers_.run<chat::UserPage>(std::move(read));
}

Task<Result<std::string>> UserStore::directory_version() {
    co_return version_prefix_ + std::to_string(directory_);
}

Task<Result<bool>> UserStore::remove(chat::UserId id) {
    auto apply = [id](Transaction& transaction) { return delete_user(transaction, id); };
    auto announce = [this](std::int64_t changes) { directory_ = changes; };
    CO_TRY([[maybe_unused]] const auto changes, co_await writer_.run<std::int64_t>(0, std::move(apply), std::move(announce)));
    co_return true;
}

}  // namespace parley::storage::sqlite

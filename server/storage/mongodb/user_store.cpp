#include "storage/mongodb/user_store.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "chat/username.hpp"
#include "parley/base/encoding.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/session_store.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::size_t kMaxPage = 10'000;
constexpr std::size_t kMaxBatch = 1'000;
constexpr std::chrono::seconds kKeepTrying{5};
constexpr std::chrono::milliseconds kPause{250};
constexpr const char* kState = "parley_state";

Result<std::optional<chat::User>> find_user(Client& client, const Bson& filter) {
    TRY(const auto found, client.find_one(kUsers, filter, Bson().add("sort", Bson().add("_id", 1))));
    if (!found) return std::nullopt;
    auto user = read_user(*found->get());
    return user ? std::optional(*std::move(user)) : std::nullopt;
}

// Best effort: the version has other parts that change too.
void count_change(Client& client) {
    static_cast<void>(client.upsert(kState, Bson().add("_id", "directory"), Bson().add("$inc", Bson().add("version", std::int64_t{1}))));
}

// The field of the document that has the largest.
Result<std::optional<Bson>> find_largest(Client& client, const char* field) {
    const Bson options = Bson().add("sort", Bson().add(field, -1)).add("projection", Bson().add(field, 1));
    return client.find_one(kUsers, Bson(), options);
}

// What can change together is read in this order, the count last: a mixture of two states that no state of its own has.
Result<std::string> read_version(Client& client) {
    TRY(const auto counter, client.find_one(kState, Bson().add("_id", "directory")));
    TRY(const auto changed, find_largest(client, "updatedAt"));
    TRY(const auto last, find_largest(client, "_id"));
    TRY(const auto count, client.estimated_count(kUsers));
    const auto changes = counter ? BsonView(*counter).integer("version") : std::nullopt;
    const auto changed_at = changed ? BsonView(*changed).time("updatedAt") : std::nullopt;
    const auto id = last ? BsonView(*last).id("_id") : std::nullopt;
    return fmt::format("{}-{:x}-{}-{}", count, changed_at.value_or(chat::Timestamp()).time_since_epoch().count(),
                       id.value_or(chat::ObjectId()).to_hex(), changes.value_or(0));
}

std::string make_cursor(chat::UserId id) {
    return base64url_encode({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

std::optional<chat::UserId> parse_cursor(const std::string& cursor) {
    chat::UserId id;
    const auto bytes = cursor.size() == 16 ? base64url_decode(cursor) : std::nullopt;
    if (!bytes || bytes->size() != id.bytes.size()) return std::nullopt;
    std::ranges::copy(*bytes, id.bytes.begin());
    return id;
}

bool matches(const chat::User& user, const std::string& search) {
    return search.empty() || chat::search_key(user.username).contains(search) || chat::search_key(user.full_name).contains(search);
}

Result<chat::UserPage> read_page(Client& client, chat::UserId after, std::size_t limit, const std::string& search) {
    const Bson options = Bson()
                             .add("projection", Bson().add("password", 0))
                             .add("sort", Bson().add("_id", 1))
                             .add("batchSize", static_cast<std::int64_t>(std::min(limit + 1, kMaxBatch)));
    chat::UserPage page;
    const auto take = [&](const bson_t& document) {
        auto user = read_user(document);
        if (!user || !matches(*user, search)) return true;
        if (page.users.size() == limit) {
            page.next = make_cursor(page.users.empty() ? after : page.users.back().id);
            return false;
        }
        page.users.push_back(*std::move(user));
        return true;
    };
    TRY([[maybe_unused]] const bool read, client.find(kUsers, Bson().add("_id", Bson().add("$gt", after)), options, take));
    return page;
}

}  // namespace

// What a sign-up remembers from one attempt to the next.
struct UserStore::SignUp {
    chat::User user;
    std::string key;
    bool begun = false;
    bool may_be_inserted = false;
};

std::vector<std::pair<const char*, Index>> UserStore::indexes() {
    std::vector<std::pair<const char*, Index>> indexes;
    indexes.emplace_back(kUsers, Index{.name = "username_1", .keys = Bson().add("username", 1), .unique = true});
    indexes.emplace_back(kUsers, Index{.name = "updatedAt_1", .keys = Bson().add("updatedAt", 1)});
    return indexes;
}

Task<Result<chat::User>> UserStore::create(chat::NewUser user) {
    auto wanted = std::make_shared<SignUp>();
    wanted->user = user.signed_up(clock_());
    wanted->key = std::move(user.username_key);
    const auto give_up = std::chrono::steady_clock::now() + kKeepTrying;
    for (;;) {
        auto attempt = [this, wanted](Client& client) { return sign_up(client, *wanted); };
        auto created = co_await workers_.run<chat::User>(std::move(attempt));
        if (created || created.error().code != ErrorCode::Unavailable) co_return created;
        if (!wanted->begun || std::chrono::steady_clock::now() >= give_up) co_return created;
        co_await sleep_for(kPause);
    }
}

// Every step can be done again.
Result<chat::User> UserStore::sign_up(Client& client, SignUp& wanted) {
    wanted.begun = true;
    auto done = usernames_.claim(client, wanted.key, wanted.user.id);
    if (done) done = insert(client, wanted);
    if (!done) {
        if (done.error().code != ErrorCode::Unavailable) withdraw(client, wanted);
        return fail(std::move(done).error());
    }
    count_change(client);
    return wanted.user;
}

// The name is looked for because other users' duplicates may have prevented the unique index; the claim again because it may have been taken over
// while this was slow.
Result<bool> UserStore::insert(Client& client, SignUp& wanted) {
    TRY(const auto namesake, find_user(client, Bson().add("username", wanted.user.username)));
    if (namesake && namesake->id != wanted.user.id) return fail(ErrorCode::AlreadyExists, "Username already exists");
    wanted.may_be_inserted = true;
    auto inserted = client.insert(kUsers, to_bson(wanted.user));
    if (!inserted && inserted.error().code != ErrorCode::AlreadyExists) return inserted;
    if (!inserted) {
        TRY(const bool by_us, is_stored(client, wanted));
        if (!by_us) return inserted;
    }
    TRY(const auto holder, usernames_.find_holder(client, wanted.key));
    if (holder != wanted.user.id) return fail(ErrorCode::AlreadyExists, "Username already exists");
    return true;
}

// By an earlier attempt: no two hashes have the same salt.
Result<bool> UserStore::is_stored(Client& client, const SignUp& wanted) {
    TRY(const auto stored, find_user(client, Bson().add("_id", wanted.user.id)));
    return stored && stored->username == wanted.user.username && stored->password_hash == wanted.user.password_hash;
}

void UserStore::withdraw(Client& client, const SignUp& wanted) {
    if (wanted.may_be_inserted) {
        const Bson ours = Bson().add("_id", wanted.user.id).add("password", wanted.user.password_hash);
        const auto removed = client.remove_one(kUsers, ours);
        if (removed && *removed > 0) count_change(client);
    }
    static_cast<void>(usernames_.release(client, wanted.user.id));
}

Task<Result<std::optional<chat::User>>> UserStore::find(chat::UserId id) {
    auto query = [id](Client& client) { return find_user(client, Bson().add("_id", id)); };
    co_return co_await workers_.run<std::optional<chat::User>>(std::move(query));
}

Task<Result<std::optional<chat::User>>> UserStore::find_by_username(std::string username) {
    auto query = [username = std::move(username)](Client& client) { return find_user(client, Bson().add("username", username)); };
    co_return co_await workers_.run<std::optional<chat::User>>(std::move(query));
}

Task<Result<std::optional<chat::User>>> UserStore::find_by_username_key(std::string key) {
    auto query = [this, key = std::move(key)](Client& client) -> Result<std::optional<chat::User>> {
        TRY(const auto holder, usernames_.find_holder(client, key));
        if (!holder) return std::nullopt;
        return find_user(client, Bson().add("_id", *holder));
    };
    co_return co_await workers_.run<std::optional<chat::User>>(std::move(query));
}

Task<Result<chat::UserPage>> UserStore::list(chat::DirectoryQuery query) {
    const auto after = query.after.empty() ? std::optional(chat::UserId()) : parse_cursor(query.after);
    if (!after) co_return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    const std::size_t limit = std::min(query.limit, kMaxPage);
    auto read = [after = *after, limit, search = chat::search_key(query.text)](Client& client) {
        return read_page(client, after, limit, search);
    };
    co_return co_await workers_.run<chat::UserPage>(std::move(read));
}

Task<Result<std::string>> UserStore::directory_version() {
    co_return co_await workers_.run<std::string>(read_version);
}

Task<Result<bool>> UserStore::remove(chat::UserId id) {
    auto remove = [this, id](Client& client) { return remove_now(client, id); };
    co_return co_await workers_.run<bool>(std::move(remove));
}

// The user first: what else is left of it by a failure does no harm, and a claim without a user ends by itself.
Result<bool> UserStore::remove_now(Client& client, chat::UserId id) {
    TRY(const auto removed, client.remove_one(kUsers, Bson().add("_id", id)));
    if (removed == 0) return fail(ErrorCode::NotFound, "User not found");
    on_removed_();
    count_change(client);
    TRY([[maybe_unused]] const auto forgotten, client.remove_one(SessionStore::kAddresses, Bson().add("_id", id)));
    return usernames_.release(client, id);
}

}  // namespace parley::storage::mongodb

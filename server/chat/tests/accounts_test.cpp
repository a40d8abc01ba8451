#include "chat/accounts.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "storage/contract/run.hpp"
#include "storage/memory/user_store.hpp"

namespace parley::chat {
namespace {

using namespace std::string_literals;

// Not a hash: "hashed:" before the password. Counts what it is asked.
class CountingHasher : public PasswordHasher {
public:
    Task<Result<std::string>> hash(std::string password) override {
        ++hashes;
        while (hashes < wait_for) co_await sleep_for(std::chrono::milliseconds(1));
        if (busy) co_return fail(ErrorCode::Unavailable, "busy");
        co_return "hashed:" + password;
    }
    Task<Result<bool>> verify(std::string password, std::string hash) override {
        ++verifications;
        if (busy) co_return fail(ErrorCode::Unavailable, "busy");
        co_return hash == "hashed:" + password;
    }
    Task<Result<bool>> verify_nothing(std::string) override {
        ++verifications_of_nothing;
        if (busy) co_return fail(ErrorCode::Unavailable, "busy");
        co_return false;
    }

    std::atomic<int> hashes = 0;
    std::atomic<int> wait_for = 0;  // no hash is ready before so many have been asked for
    std::atomic<int> verifications = 0;
    std::atomic<int> verifications_of_nothing = 0;
    std::atomic<bool> busy = false;
};

// Counts how often it is asked for a user by id.
class CountingUserStore : public storage::MemoryUserStore {
public:
    Task<Result<std::optional<User>>> find(UserId id) override {
        ++finds;
        co_return co_await MemoryUserStore::find(id);
    }
    std::atomic<int> finds = 0;
};

UserCache::SteadyClock::time_point hand;

UserCache::SteadyClock::time_point read_hand() {
    return hand;
}

class AccountsTest : public testing::Test {
protected:
    static SignUp request(std::string username, std::string password = "secret1") {
        return {.full_name = "Full Name", .username = std::move(username), .password = std::move(password), .gender = Gender::Female};
    }
    Result<User> sign_up(SignUp wanted) { return runner_.run(accounts_.sign_up(std::move(wanted))); }
    Result<User> sign_in(std::string username, std::string password) {
        return runner_.run(accounts_.sign_in(std::move(username), std::move(password)));
    }
    Result<std::optional<User>> find(UserId id) { return runner_.run(accounts_.find(id)); }

    void expect_refused(SignUp wanted, ErrorCode code, const std::string& text) {
        const int hashes = hasher_.hashes;
        const auto user = sign_up(std::move(wanted));
        ASSERT_FALSE(user.has_value()) << text;
        EXPECT_EQ(user.error(), (Error{code, text}));
        EXPECT_EQ(hasher_.hashes, hashes) << "nothing is hashed for a request that is refused";
    }

    static std::string picture(UserId id, const std::string& username, Gender gender) {
        return id.to_hex() + "/" + username + (gender == Gender::Female ? "/f" : "/m");
    }

    storage::contract::Runner runner_;
    CountingUserStore users_;
    CountingHasher hasher_;
    Accounts accounts_{users_, hasher_, picture, read_hand};
};

TEST_F(AccountsTest, ANewUserIsStoredAsItWasSentWithTheHashOfItsPassword) {
    const auto user = sign_up({.full_name = "  Padded\nName ", .username = " Al ice ", .password = "secret1", .gender = Gender::Female});
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->full_name, "  Padded\nName ");
    EXPECT_EQ(user->username, " Al ice ");
    EXPECT_EQ(user->password_hash, "hashed:secret1");
    EXPECT_EQ(user->gender, Gender::Female);
    EXPECT_EQ(user->profile_picture, user->id.to_hex() + "/ Al ice /f");
    EXPECT_TRUE(runner_.run(users_.find(user->id)).value().has_value());
}

TEST_F(AccountsTest, NamesAreCheckedBeforeAnythingIsDone) {
    expect_refused(request(" "), ErrorCode::InvalidArgument, "Username cannot be empty");
    expect_refused(request("a\u202Eb"), ErrorCode::InvalidArgument, "Username cannot contain text direction characters");
    auto nameless = request("alice");
    nameless.full_name = "";
    expect_refused(nameless, ErrorCode::InvalidArgument, "Full name cannot be empty");
    nameless.full_name = std::string(257, 'x');
    expect_refused(nameless, ErrorCode::InvalidArgument, "Full name must be at most 256 characters");
    nameless.full_name = std::string(256, 'x');
    EXPECT_TRUE(sign_up(nameless).has_value());
}

TEST_F(AccountsTest, PasswordsHaveSixCharactersAndNoNul) {
    expect_refused(request("alice", ""), ErrorCode::InvalidArgument, "Password must be at least 6 characters");
    expect_refused(request("alice", "12345"), ErrorCode::InvalidArgument, "Password must be at least 6 characters");
    expect_refused(request("alice", "äöüß€"), ErrorCode::InvalidArgument, "Password must be at least 6 characters");
    expect_refused(request("alice", "1234567\0"s), ErrorCode::InvalidArgument, "Password cannot contain the NUL character");
    EXPECT_TRUE(sign_up(request("six", "äöüß€😀")).has_value());
    EXPECT_TRUE(sign_up(request("long", std::string(200, 'x'))).has_value());
}

TEST_F(AccountsTest, ANameThatIsTakenIsRefusedBeforeTheHash) {
    ASSERT_TRUE(sign_up(request("Alice")).has_value());
    for (const auto* name : {"Alice", "alice", " ALICE "})
        expect_refused(request(name), ErrorCode::AlreadyExists, "Username already exists");
}

TEST_F(AccountsTest, OfConcurrentSignUpsWithOneNameOneWinsAndTheOthersHearThatItIsTaken) {
    hasher_.wait_for = 16;
    std::vector<Task<Result<User>>> tasks;
    for (int i = 0; i < 16; ++i) tasks.push_back(accounts_.sign_up(request("twin")));
    int won = 0;
    for (const auto& result : runner_.run_all(std::move(tasks))) {
        won += result ? 1 : 0;
        if (!result) EXPECT_EQ(result.error(), (Error{ErrorCode::AlreadyExists, "Username already exists"}));
    }
    EXPECT_EQ(won, 1);
}

TEST_F(AccountsTest, ABusyHasherLeavesNoUserBehind) {
    hasher_.busy = true;
    const auto user = sign_up(request("alice"));
    ASSERT_FALSE(user.has_value());
    EXPECT_EQ(user.error().code, ErrorCode::Unavailable);
    EXPECT_FALSE(runner_.run(users_.find_by_username("alice")).value().has_value());
}

TEST_F(AccountsTest, TheRightPasswordSignsInByNameOrKey) {
    const auto alice = sign_up(request("Alice"));
    ASSERT_TRUE(alice.has_value());
    for (const auto* name : {"Alice", "alice", "\u00A0ALICE\n"}) {
        const auto user = sign_in(name, "secret1");
        ASSERT_TRUE(user.has_value()) << name;
        EXPECT_EQ(user->id, alice->id);
    }
}

TEST_F(AccountsTest, TheExactNameComesBeforeTheKey) {
    // As imports leave them: two users whose keys collide.
    ASSERT_TRUE(sign_up(request("bob", "secret1")).has_value());
    NewUser imported{.id = UserId::generate(),
                     .full_name = "B",
                     .username = "Bob",
                     .username_key = "imported",
                     .password_hash = "hashed:secret2",
                     .gender = Gender::Male,
                     .profile_picture = ""};
    ASSERT_TRUE(runner_.run(users_.create(imported)).has_value());
    EXPECT_EQ(sign_in("Bob", "secret2").value().username, "Bob");
    EXPECT_FALSE(sign_in("Bob", "secret1").has_value());
    EXPECT_EQ(sign_in("BOB", "secret1").value().username, "bob");
}

TEST_F(AccountsTest, AnUnknownNameCostsAsMuchAsAWrongPasswordAndReadsTheSame) {
    ASSERT_TRUE(sign_up(request("alice")).has_value());
    const auto wrong = sign_in("alice", "secret2");
    EXPECT_EQ(hasher_.verifications, 1);
    EXPECT_EQ(hasher_.verifications_of_nothing, 0);
    for (const auto* name : {"nobody", "", " "}) {
        const int before = hasher_.verifications_of_nothing;
        const auto unknown = sign_in(name, "secret2");
        EXPECT_EQ(hasher_.verifications_of_nothing, before + 1) << name;
        ASSERT_FALSE(unknown.has_value() || wrong.has_value());
        EXPECT_EQ(unknown.error(), wrong.error());
    }
    EXPECT_EQ(hasher_.verifications, 1);
    EXPECT_EQ(wrong.error(), (Error{ErrorCode::Unauthenticated, "Invalid username or password"}));
}

TEST_F(AccountsTest, ABusyHasherIsNotAWrongPassword) {
    ASSERT_TRUE(sign_up(request("alice")).has_value());
    hasher_.busy = true;
    EXPECT_EQ(sign_in("alice", "secret1").error().code, ErrorCode::Unavailable);
    EXPECT_EQ(sign_in("nobody", "secret1").error().code, ErrorCode::Unavailable);
}

TEST_F(AccountsTest, AUserIsReadOnceInFiveSeconds) {
    const auto alice = sign_up(request("alice"));
    ASSERT_TRUE(alice.has_value());
    EXPECT_EQ(find(alice->id).value()->username, "alice");
    EXPECT_EQ(find(alice->id).value()->username, "alice");
    EXPECT_EQ(users_.finds, 1);
    hand += Accounts::kCacheFor;
    EXPECT_TRUE(find(alice->id).value().has_value());
    EXPECT_EQ(users_.finds, 2);
}

TEST_F(AccountsTest, ARemovedUserIsUnknownOnceForgotten) {
    const auto alice = sign_up(request("alice"));
    ASSERT_TRUE(alice.has_value() && find(alice->id).value().has_value());
    ASSERT_TRUE(runner_.run(users_.remove(alice->id)).has_value());
    EXPECT_TRUE(find(alice->id).value().has_value());
    accounts_.forget(alice->id);
    EXPECT_FALSE(find(alice->id).value().has_value());
}

TEST_F(AccountsTest, WhoIsNotThereIsNotCached) {
    const auto id = UserId::generate();
    EXPECT_FALSE(find(id).value().has_value());
    NewUser late{.id = id,
                 .full_name = "L",
                 .username = "late",
                 .username_key = "late",
                 .password_hash = "",
                 .gender = Gender::Male,
                 .profile_picture = ""};
    ASSERT_TRUE(runner_.run(users_.create(late)).has_value());
    EXPECT_TRUE(find(id).value().has_value());
}

}  // namespace
}  // namespace parley::chat

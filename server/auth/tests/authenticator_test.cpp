#include "auth/authenticator.hpp"

#include <gtest/gtest.h>

#include "auth/bcrypt_hasher.hpp"
#include "storage/contract/run.hpp"
#include "storage/memory/session_store.hpp"
#include "storage/memory/user_store.hpp"

namespace parley::auth {
namespace {

constexpr const char* kSecret = "a-secret-for-tests";

// Can be told to be out of order.
class FragileSessions : public storage::MemorySessionStore {
public:
    Task<Result<bool>> is_revoked(std::string session) override {
        if (down) co_return fail(ErrorCode::Unavailable, "down");
        co_return co_await MemorySessionStore::is_revoked(std::move(session));
    }
    Task<Result<bool>> revoke(std::string session, chat::Timestamp expires_at) override {
        if (down) co_return fail(ErrorCode::Unavailable, "down");
        last_expiry = expires_at;
        co_return co_await MemorySessionStore::revoke(std::move(session), expires_at);
    }
    bool down = false;
    chat::Timestamp last_expiry{};
};

class AuthenticatorTest : public testing::Test {
protected:
    AuthenticatorTest() { user = runner.run(accounts.sign_up({"Alice", "alice", "secret1", chat::Gender::Female})).value().id; }

    Result<Identity> authenticate(const std::string& token) { return runner.run(authenticator.authenticate(token)); }
    ErrorCode refusal(const std::string& token) {
        const auto identity = authenticate(token);
        return identity ? ErrorCode::Internal : identity.error().code;
    }
    // As the original backend makes them.
    std::string original_token(const std::string& user_id) const {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        return jwt::sign({user_id, "", now, now + std::chrono::days(1)}, kSecret);
    }

    storage::contract::Runner runner{1};
    BcryptHasher hasher{{.cost = 4, .threads = 1}};
    storage::MemoryUserStore users;
    FragileSessions sessions;
    chat::Accounts accounts{users, hasher, [](chat::UserId, const std::string&, chat::Gender) { return ""; }};
    Authenticator authenticator{kSecret, accounts, sessions, std::chrono::days(15)};
    chat::UserId user;
};

TEST_F(AuthenticatorTest, AnIssuedTokenNamesItsUserAndSession) {
    const IssuedToken issued = authenticator.issue(user);
    const auto identity = authenticate(issued.token);
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->user, user);
    EXPECT_EQ(identity->session, issued.identity.session);
    EXPECT_EQ(identity->expires_at, issued.identity.expires_at);
    EXPECT_FALSE(identity->session.empty());
}

TEST_F(AuthenticatorTest, TwoLogInsOfOneSecondAreTwoSessions) {
    const IssuedToken first = authenticator.issue(user);
    const IssuedToken second = authenticator.issue(user);
    EXPECT_NE(first.token, second.token);
    ASSERT_TRUE(runner.run(authenticator.revoke(first.identity)).has_value());
    EXPECT_EQ(refusal(first.token), ErrorCode::Unauthenticated);
    EXPECT_TRUE(authenticate(second.token).has_value());
}

TEST_F(AuthenticatorTest, ATokenOfTheOriginalIsItsOwnSession) {
    const std::string token = original_token(user.to_hex());
    const auto identity = authenticate(token);
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->session.size(), 64U);
    ASSERT_TRUE(runner.run(authenticator.revoke(*identity)).has_value());
    EXPECT_EQ(refusal(token), ErrorCode::Unauthenticated);
    EXPECT_EQ(sessions.last_expiry, identity->expires_at);
}

TEST_F(AuthenticatorTest, ARevocationIsKnownAfterARestart) {
    const IssuedToken issued = authenticator.issue(user);
    ASSERT_TRUE(runner.run(authenticator.revoke(issued.identity)).has_value());
    Authenticator restarted(kSecret, accounts, sessions, std::chrono::days(15));
    const auto identity = runner.run(restarted.authenticate(issued.token));
    ASSERT_FALSE(identity.has_value());
    EXPECT_EQ(identity.error().code, ErrorCode::Unauthenticated);
    EXPECT_EQ(identity.error().message, kSessionEnded);
}

TEST_F(AuthenticatorTest, AStoreThatIsDownIsNotTakenForAnAnswer) {
    const IssuedToken issued = authenticator.issue(user);
    sessions.down = true;
    EXPECT_EQ(refusal(issued.token), ErrorCode::Unavailable);
    EXPECT_FALSE(runner.run(authenticator.revoke(issued.identity)).has_value());
    sessions.down = false;
    EXPECT_TRUE(authenticate(issued.token).has_value());
}

TEST_F(AuthenticatorTest, ADeletedUserIsNotFound) {
    const IssuedToken issued = authenticator.issue(user);
    ASSERT_TRUE(authenticate(issued.token).has_value());
    ASSERT_TRUE(runner.run(users.remove(user)).has_value());
    accounts.forget(user);
    EXPECT_EQ(refusal(issued.token), ErrorCode::NotFound);
}

TEST_F(AuthenticatorTest, WhoWasRememberedIsRecognised) {
    const IssuedToken issued = authenticator.issue(user);
    EXPECT_FALSE(authenticator.recognise(issued.token));
    const auto identity = authenticate(issued.token);
    authenticator.remember(issued.token, identity.value());
    const auto recognised = authenticator.recognise(issued.token);
    ASSERT_TRUE(recognised);
    EXPECT_EQ(recognised->user, user);
    EXPECT_EQ(recognised->session, identity->session);
    std::string forged = issued.token;
    forged.back() = forged.back() == 'A' ? 'E' : 'A';
    EXPECT_FALSE(authenticator.recognise(forged));
}

TEST_F(AuthenticatorTest, WhoseLoginHasEndedIsNotRecognised) {
    const IssuedToken issued = authenticator.issue(user);
    authenticator.remember(issued.token, issued.identity);
    ASSERT_TRUE(authenticate(issued.token).has_value());  // brings the user into the cache
    ASSERT_TRUE(authenticator.recognise(issued.token));
    ASSERT_TRUE(runner.run(authenticator.revoke(issued.identity)).has_value());
    EXPECT_FALSE(authenticator.recognise(issued.token));
}

TEST_F(AuthenticatorTest, WhoIsGoneIsNotRecognised) {
    const IssuedToken issued = authenticator.issue(user);
    authenticator.remember(issued.token, authenticate(issued.token).value());
    ASSERT_TRUE(runner.run(users.remove(user)).has_value());
    accounts.forget(user);
    EXPECT_FALSE(authenticator.recognise(issued.token));
}

TEST_F(AuthenticatorTest, AnExpiredTokenIsNotRecognised) {
    IssuedToken issued = authenticator.issue(user);
    ASSERT_TRUE(authenticate(issued.token).has_value());
    issued.identity.expires_at = chat::system_now();
    authenticator.remember(issued.token, issued.identity);
    EXPECT_FALSE(authenticator.recognise(issued.token));
}

TEST_F(AuthenticatorTest, IdsThatAreNoneAreRefused) {
    EXPECT_EQ(refusal(original_token("0123456789abcdef01234567")), ErrorCode::NotFound);
    EXPECT_EQ(refusal(original_token("")), ErrorCode::NotFound);
    EXPECT_EQ(refusal(original_token("abc")), ErrorCode::Unauthenticated);
    EXPECT_EQ(refusal("garbage"), ErrorCode::Unauthenticated);
}

}  // namespace
}  // namespace parley::auth

#include <fmt/core.h>

#include "storage/mongodb/tests/people.hpp"

namespace parley::storage::mongodb {
namespace {

using Sessions = std::vector<std::string>;

class MongoSessions : public OnEachServer {
protected:
    Result<bool> revoke(Site& site, std::string session, std::chrono::milliseconds for_long = std::chrono::days(15)) {
        return runner_.run(site.sessions.revoke(std::move(session), clock_.now() + for_long));
    }
    bool revoked(Site& site, std::string session) { return runner_.run(site.sessions.is_revoked(std::move(session))).value(); }
    void poll(Site& site) {
        auto work = [&](Client& client) -> Result<bool> {
            site.sessions.poll(client);
            return true;
        };
        EXPECT_TRUE(runner_.run(site.workers.run<bool>(work)).has_value());
    }
    Result<bool> load(Site& site) {
        return runner_.run(site.workers.run<bool>([&](Client& client) { return site.sessions.load(client); }));
    }
};
PARLEY_ON_EACH_SERVER(MongoSessions);

TEST_P(MongoSessions, WhatAnotherServerRevokesIsNoticedByTheNextPollAndToldOnce) {
    const auto other = open();
    ASSERT_TRUE(revoke(*other, "first").has_value());
    EXPECT_FALSE(revoked(*site_, "first")) << "not yet";
    poll(*site_);
    EXPECT_TRUE(revoked(*site_, "first"));
    ASSERT_TRUE(revoke(*other, "second").has_value());
    poll(*site_);
    poll(*site_);
    EXPECT_TRUE(revoked(*site_, "second"));
    EXPECT_EQ(site_->changes.sessions(), (Sessions{"first", "second"}));
}

TEST_P(MongoSessions, OwnRevocationsAreNoNews) {
    ASSERT_TRUE(revoke(*site_, "own").has_value());
    poll(*site_);
    ASSERT_TRUE(load(*site_).has_value());
    EXPECT_TRUE(revoked(*site_, "own"));
    EXPECT_EQ(site_->changes.sessions(), Sessions{});
}

TEST_P(MongoSessions, ALoadTellsWhatWasMissedButNotTheFirst) {
    ASSERT_TRUE(revoke(*site_, "before").has_value());
    const auto other = open();
    EXPECT_TRUE(revoked(*other, "before"));
    EXPECT_EQ(other->changes.sessions(), Sessions{});
    ASSERT_TRUE(revoke(*site_, "missed").has_value());
    ASSERT_TRUE(load(*other).has_value());
    EXPECT_TRUE(revoked(*other, "missed"));
    EXPECT_EQ(other->changes.sessions(), Sessions{"missed"});
}

TEST_P(MongoSessions, ARevocationThatTurnsUpLateIsNoticed) {
    ASSERT_TRUE(revoke(*site_, "latest").has_value());
    poll(*site_);
    const auto now = chat::system_now();
    insert(SessionStore::kRevocations,
           Bson().add("_id", "late").add("expiresAt", now + std::chrono::days(1)).add("revokedAt", now - std::chrono::seconds(50)));
    poll(*site_);
    EXPECT_TRUE(revoked(*site_, "late"));
}

TEST_P(MongoSessions, RevocationsOfExpiredTokensAreNotLoaded) {
    ASSERT_TRUE(revoke(*site_, "short", std::chrono::hours(1)).has_value());
    ASSERT_TRUE(revoke(*site_, "long", std::chrono::hours(3)).has_value());
    clock_.move(std::chrono::hours(2));
    const auto other = open();
    EXPECT_FALSE(revoked(*other, "short"));
    EXPECT_TRUE(revoked(*other, "long"));
}

TEST_P(MongoSessions, ALaterExpiryWinsInEitherOrder) {
    ASSERT_TRUE(revoke(*site_, "session", std::chrono::hours(2)).has_value());
    ASSERT_TRUE(revoke(*site_, "session", std::chrono::hours(5)).has_value());
    ASSERT_TRUE(revoke(*site_, "session", std::chrono::hours(1)).has_value());
    const auto document = find_one(SessionStore::kRevocations, Bson().add("_id", "session"));
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(BsonView(*document).time("expiresAt"), clock_.now() + std::chrono::hours(5));
    const auto revoked_at = BsonView(*document).time("revokedAt");
    ASSERT_TRUE(revoked_at.has_value());
    EXPECT_LT(std::chrono::abs(*revoked_at - chat::system_now()), std::chrono::minutes(1));
}

TEST_P(MongoSessions, RevocationsDuringReloadsAllHold) {
    std::vector<Task<Result<bool>>> tasks;
    for (int i = 0; i < 200; ++i) {
        tasks.push_back(site_->sessions.revoke(fmt::format("session{}", i), clock_.now() + std::chrono::days(1)));
        if (i % 4 == 0) tasks.push_back(site_->workers.run<bool>([this](Client& client) { return site_->sessions.load(client); }));
    }
    for (const auto& result : runner_.run_all(std::move(tasks))) EXPECT_TRUE(result.has_value());
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(revoked(*site_, fmt::format("session{}", i))) << i;
}

TEST_P(MongoSessions, AddressesRememberedByTwoServersAtOnceAreAllKnown) {
    if (GetParam() == TestServer::Kind::FerretDb) GTEST_SKIP() << "FerretDB loses one of two updates of one document";
    const auto other = open();
    const auto user = chat::UserId::generate();
    std::vector<Task<Result<bool>>> tasks;
    for (int i = 0; i < 8; ++i) {
        tasks.push_back((i % 2 == 0 ? *site_ : *other).sessions.remember_address(user, fmt::format("192.0.2.{}", i)));
    }
    for (const auto& result : runner_.run_all(std::move(tasks))) EXPECT_TRUE(result.has_value());
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(runner_.run(site_->sessions.knows_address(user, fmt::format("192.0.2.{}", i))).value()) << i;
}

TEST_P(MongoSessions, TheAddressesOfARemovedUserAreForgotten) {
    const chat::NewUser alice{.id = chat::UserId::generate(),
                              .full_name = {},
                              .username = "alice",
                              .username_key = "alice",
                              .password_hash = {},
                              .profile_picture = {}};
    ASSERT_TRUE(runner_.run(site_->users.create(alice)).has_value());
    ASSERT_TRUE(runner_.run(site_->sessions.remember_address(alice.id, "192.0.2.1")).has_value());
    ASSERT_TRUE(runner_.run(site_->users.remove(alice.id)).has_value());
    EXPECT_FALSE(runner_.run(site_->sessions.knows_address(alice.id, "192.0.2.1")).value());
}

TEST(MongoSessionsAlone, WhileTheDatabaseIsAwayKnownRevocationsHoldAndOthersPass) {
    if (!TestServer::require(TestServer::Kind::Secantus)) return;
    contract::Runner runner;
    TestServer server(TestServer::Kind::Secantus);
    Site site(server.uri("chat"), chat::system_now);
    const auto tomorrow = chat::system_now() + std::chrono::days(1);
    ASSERT_TRUE(runner.run(site.sessions.revoke("ended", tomorrow)).has_value());
    server.stop();
    EXPECT_EQ(runner.run(site.sessions.is_revoked("ended")), true);
    EXPECT_EQ(runner.run(site.sessions.is_revoked("other")), false);
    EXPECT_EQ(contract::code_of(runner.run(site.sessions.revoke("unstored", tomorrow))), ErrorCode::Unavailable);
    EXPECT_EQ(contract::code_of(runner.run(site.users.directory_version())), ErrorCode::Unavailable);
}

}  // namespace
}  // namespace parley::storage::mongodb

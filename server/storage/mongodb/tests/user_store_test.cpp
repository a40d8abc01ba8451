#include <fmt/core.h>

#include "chat/username.hpp"
#include "storage/mongodb/tests/people.hpp"

namespace parley::storage::mongodb {
namespace {

using Names = std::vector<std::string>;
using contract::code_of;

class MongoUsers : public OnEachServer {
protected:
    static chat::NewUser named(const std::string& username) {
        return {.id = chat::UserId::generate(),
                .full_name = "Full " + username,
                .username = username,
                .username_key = chat::username_key(username),
                .password_hash = "hash " + chat::UserId::generate().to_hex(),
                .gender = chat::Gender::Female,
                .profile_picture = "/picture"};
    }
    Result<chat::User> create(Site& site, chat::NewUser user) { return runner_.run(site.users.create(std::move(user))); }

    // As the original would: a user without a key.
    chat::UserId insert_foreign(const std::string& username, chat::UserId id = chat::UserId::generate()) {
        chat::User user{.id = id,
                        .full_name = "Foreign",
                        .username = username,
                        .password_hash = "hash",
                        .gender = {},
                        .profile_picture = {},
                        .created_at = clock_.now(),
                        .updated_at = clock_.now()};
        insert(kUsers, to_bson(user));
        return id;
    }
    void remove_foreign(chat::UserId id) {
        EXPECT_EQ(with_client<std::int64_t>([&](Client& client) { return client.remove_one(kUsers, Bson().add("_id", id)); }), 1);
    }
    void index(Site& site) {
        auto work = [&](Client& client) -> Result<bool> {
            site.usernames.index(client);
            return true;
        };
        EXPECT_TRUE(runner_.run(site.workers.run<bool>(work)).has_value());
    }

    std::optional<chat::UserId> by_key(Site& site, const std::string& key) {
        const auto user = runner_.run(site.users.find_by_username_key(key)).value();
        return user ? std::optional(user->id) : std::nullopt;
    }
    std::string version() { return runner_.run(site_->users.directory_version()).value(); }
    Names directory(chat::DirectoryQuery query = {}) {
        const auto page = runner_.run(site_->users.list(std::move(query)));
        EXPECT_TRUE(page.has_value());
        Names names;
        for (const auto& user : page->users) names.push_back(user.username);
        return names;
    }
    std::int64_t count(const char* collection) {
        return with_client<std::int64_t>([&](Client& client) { return client.estimated_count(collection); }).value();
    }
};
PARLEY_ON_EACH_SERVER(MongoUsers);

TEST_P(MongoUsers, ANewUserHasTheFieldsOfTheOriginalInItsOrder) {
    const auto user = create(*site_, named("alice"));
    ASSERT_TRUE(user.has_value());
    const auto document = find_one(kUsers, Bson().add("_id", user->id));
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(document->bytes(), to_bson(*user).bytes()) << document->json();
}

TEST_P(MongoUsers, OfSignUpsWithOneKeyInTwoProcessesExactlyOneWins) {
    const auto other = open();
    for (int round = 0; round < 5; ++round) {
        std::vector<Task<Result<chat::User>>> tasks;
        for (int i = 0; i < 16; ++i) {
            const auto user = named(std::string(static_cast<std::size_t>(i), ' ') + fmt::format("Twin{}", round));
            tasks.push_back((i % 2 == 0 ? *site_ : *other).users.create(user));
        }
        int created = 0;
        for (const auto& result : runner_.run_all(std::move(tasks))) {
            if (!result) EXPECT_EQ(result.error().code, ErrorCode::AlreadyExists);
            created += result ? 1 : 0;
        }
        EXPECT_EQ(created, 1);
        EXPECT_EQ(count(kUsers), round + 1);
        EXPECT_EQ(count(Usernames::kCollection), round + 1);
    }
}

TEST_P(MongoUsers, ANameIsFreeAMinuteAfterASignUpThatNeverEnded) {
    const auto nobody = chat::UserId::generate();
    auto claim = [&](Client& client) { return site_->usernames.claim(client, "alice", nobody); };
    ASSERT_TRUE(with_client<bool>(claim).has_value());
    EXPECT_EQ(code_of(create(*site_, named("Alice"))), ErrorCode::AlreadyExists);
    clock_.move(std::chrono::seconds(59));
    EXPECT_EQ(code_of(create(*site_, named("Alice"))), ErrorCode::AlreadyExists);
    clock_.move(std::chrono::seconds(2));
    const auto alice = create(*site_, named("Alice"));
    ASSERT_TRUE(alice.has_value());
    EXPECT_EQ(by_key(*site_, "alice"), alice->id);

    clock_.move(std::chrono::hours(1));
    EXPECT_EQ(code_of(create(*site_, named("ALICE"))), ErrorCode::AlreadyExists) << "an old claim of a user who exists holds";
}

TEST_P(MongoUsers, ARefusedSignUpLeavesNoClaim) {
    insert_foreign("alice");
    auto alice = named("alice");
    alice.username_key = "another key";
    EXPECT_EQ(code_of(create(*site_, alice)), ErrorCode::AlreadyExists);
    EXPECT_EQ(count(Usernames::kCollection), 0);
    EXPECT_EQ(count(kUsers), 1);
}

TEST_P(MongoUsers, UsersOfTheOriginalAreFoundByTheirKeysOnceIndexed) {
    const auto alice = insert_foreign(" Alice ");
    EXPECT_EQ(by_key(*site_, "alice"), std::nullopt);
    index(*site_);
    EXPECT_EQ(by_key(*site_, "alice"), alice);
    EXPECT_EQ(code_of(create(*site_, named("ALICE"))), ErrorCode::AlreadyExists);

    const auto bob = insert_foreign("Bob");
    index(*site_);
    EXPECT_EQ(by_key(*site_, "bob"), bob) << "who comes later is found too";
}

TEST_P(MongoUsers, AnIdThatIsOlderThanTheLatestIsIndexedToo) {
    insert_foreign("late");
    index(*site_);
    auto id = chat::UserId::generate();
    const auto seconds = (time_of(id) - std::chrono::seconds(100)).time_since_epoch() / std::chrono::seconds(1);
    for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
    const auto early = insert_foreign("early", id);
    index(*site_);
    EXPECT_EQ(by_key(*site_, "early"), early);
}

TEST_P(MongoUsers, OneIdFromTheFutureHidesNobody) {
    chat::UserId future;
    future.bytes.fill(0xfe);
    insert_foreign("future", future);
    index(*site_);
    const auto present = insert_foreign("present");
    index(*site_);
    EXPECT_EQ(by_key(*site_, "present"), present);
    EXPECT_EQ(by_key(*site_, "future"), future);
}

TEST_P(MongoUsers, OfSeveralWithOneKeyTheFirstHasItAndTheOthersTheirExactNames) {
    const auto first = chat::UserId::generate();
    const auto second = insert_foreign("Alice");
    const auto third = insert_foreign("ALICE");
    index(*site_);
    EXPECT_EQ(by_key(*site_, "alice"), second);
    insert_foreign("aLICE", first);
    index(*site_);
    EXPECT_EQ(by_key(*site_, "alice"), first);
    const auto exact = runner_.run(site_->users.find_by_username("ALICE")).value();
    ASSERT_TRUE(exact.has_value());
    EXPECT_EQ(exact->id, third);
}

TEST_P(MongoUsers, AKeyWhoseHolderIsGoneGoesToTheNext) {
    const auto first = insert_foreign("Alice");
    const auto second = insert_foreign("ALICE");
    index(*site_);
    remove_foreign(first);
    EXPECT_EQ(by_key(*site_, "alice"), std::nullopt);
    index(*site_);
    EXPECT_EQ(by_key(*site_, "alice"), std::nullopt) << "the claim is young: its user may be about to come";
    clock_.move(std::chrono::seconds(61));
    index(*site_);
    EXPECT_EQ(by_key(*site_, "alice"), second);
}

TEST_P(MongoUsers, AllOfManyUsersAreIndexed) {
    std::vector<Bson> documents;
    for (int i = 0; i < 1203; ++i) {
        documents.push_back(Bson().add("_id", chat::UserId::generate()).add("username", fmt::format("User{}", i)));
    }
    std::vector<const Bson*> users;
    for (const auto& document : documents) users.push_back(&document);
    auto insert_all = [&](Client& client) { return client.insert_all(kUsers, users); };
    ASSERT_TRUE(with_client<std::vector<std::size_t>>(insert_all).has_value());
    for (int i = 0; i < 100 && count(Usernames::kCollection) < 1203; ++i) index(*site_);  // it works for some time only
    EXPECT_EQ(count(Usernames::kCollection), 1203);
    EXPECT_TRUE(by_key(*site_, "user1202").has_value());
}

TEST_P(MongoUsers, OddDocumentsAreNobody) {
    insert(kUsers, Bson().add("_id", "text").add("username", "a"));
    insert(kUsers, Bson().add("_id", chat::UserId::generate()).add("username", 7));
    insert(kUsers, Bson().add("_id", chat::UserId::generate()).add("fullName", "nameless"));
    insert_foreign("alice");
    insert_foreign(std::string(2000, 'x'));
    insert_foreign("");
    insert_foreign(std::string("a\0b", 3));
    const auto bob = insert_foreign("Bob");
    index(*site_);
    EXPECT_EQ(directory(), (Names{"alice", std::string(2000, 'x'), "", std::string("a\0b", 3), "Bob"}));
    EXPECT_EQ(directory({.limit = 2, .text = "B"}), (Names{std::string("a\0b", 3), "Bob"}));
    EXPECT_EQ(by_key(*site_, "bob"), bob);
    EXPECT_EQ(by_key(*site_, ""), std::nullopt);
}

TEST_P(MongoUsers, TheVersionSeesWhatOthersChange) {
    std::vector<std::string> versions{version()};
    const auto alice = insert_foreign("alice");
    versions.push_back(version());
    auto edit = [&](Client& client) {
        const Bson change = Bson().add("$set", Bson().add("updatedAt", clock_.now() + std::chrono::milliseconds(1)));
        return client.update(kUsers, Bson().add("_id", alice), change);
    };
    EXPECT_EQ(with_client<std::int64_t>(edit), 1);
    versions.push_back(version());
    const auto bob = insert_foreign("bob");
    versions.push_back(version());
    remove_foreign(alice);
    versions.push_back(version());
    remove_foreign(bob);
    insert_foreign("carol");
    versions.push_back(version());
    for (std::size_t i = 0; i < versions.size(); ++i) {
        for (std::size_t j = i + 1; j < versions.size(); ++j) EXPECT_NE(versions[i], versions[j]) << i << " " << j;
    }
    EXPECT_EQ(version(), versions.back());
}

TEST_P(MongoUsers, RemovingTheLatestAndAnEarlierOneIsNotTheSame) {
    const auto alice = create(*site_, named("alice"));
    const auto bob = create(*site_, named("bob"));
    ASSERT_TRUE(alice && bob);
    const auto both = version();
    ASSERT_TRUE(runner_.run(site_->users.remove(alice->id)).has_value());
    const auto without_alice = version();
    ASSERT_TRUE(
        create(*site_, {.id = alice->id, .full_name = {}, .username = "x", .username_key = "x", .password_hash = {}, .profile_picture = {}})
            .has_value());
    EXPECT_NE(version(), both) << "as many users, the same latest id, the same latest time";
    EXPECT_NE(version(), without_alice);
}

// A database with failures to order.
class MongoUsersAndFailures : public MongoUsers {
protected:
    // Of the inserts that come, after those to skip.
    void fail_inserts(int skip, int times, const Bson& how) {
        auto arm = [&](Client& client) -> Result<bool> {
            Bson data = Bson::copy(*how.get());
            bson_t commands;
            bson_append_array_begin(data.get(), "failCommands", -1, &commands);
            bson_append_utf8(&commands, "0", -1, "insert", -1);
            bson_append_array_end(data.get(), &commands);
            const Bson command =
                Bson().add("configureFailPoint", "failCommand").add("mode", Bson().add("skip", skip).add("times", times)).add("data", data);
            bson_error_t error;
            const bool armed = mongoc_client_command_simple(client.raw(), "admin", command.get(), nullptr, nullptr, &error);
            EXPECT_TRUE(armed) << error.message;
            return armed;
        };
        EXPECT_TRUE(with_client<bool>(arm).has_value());
    }
};
INSTANTIATE_TEST_SUITE_P(, MongoUsersAndFailures, testing::Values(TestServer::Kind::Secantus), name_of);

TEST_P(MongoUsersAndFailures, ASignUpSurvivesConnectionsThatAreCut) {
    fail_inserts(0, 3, Bson().add("closeConnection", true));
    const auto alice = create(*site_, named("alice"));
    ASSERT_TRUE(alice.has_value()) << alice.error().message;
    EXPECT_EQ(directory(), Names{"alice"});
    EXPECT_EQ(by_key(*site_, "alice"), alice->id);
}

TEST_P(MongoUsersAndFailures, AnInsertThatWasDoneButNotConfirmedIsNotDoneTwice) {
    fail_inserts(0, 2, Bson().add("writeConcernError", Bson().add("code", 64).add("errmsg", "waiting for replication timed out")));
    const auto alice = create(*site_, named("alice"));
    ASSERT_TRUE(alice.has_value()) << alice.error().message;
    EXPECT_EQ(directory(), Names{"alice"});
    EXPECT_EQ(by_key(*site_, "alice"), alice->id);
    EXPECT_EQ(code_of(create(*site_, named("alice"))), ErrorCode::AlreadyExists);
}

TEST_P(MongoUsersAndFailures, ASignUpThatWasTooSlowAndLostItsNameIsWithdrawn) {
    const auto other = open();
    fail_inserts(1, 1, Bson().add("blockConnection", true).add("blockTimeMS", 3000));
    const auto slow_user = named("Alice");
    auto slow = runner_.start(site_->users.create(slow_user));
    while (!find_one(Usernames::kCollection, Bson().add("userId", slow_user.id))) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // so that the insert to be held up is the slow one's
    clock_.move(std::chrono::seconds(61));
    const auto quick = create(*other, named("ALICE"));
    ASSERT_TRUE(quick.has_value()) << quick.error().message;
    EXPECT_EQ(code_of(slow.get()), ErrorCode::AlreadyExists);
    EXPECT_EQ(directory(), Names{"ALICE"});
    EXPECT_EQ(by_key(*site_, "alice"), quick->id);
}

}  // namespace
}  // namespace parley::storage::mongodb

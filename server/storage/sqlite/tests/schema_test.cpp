#include "storage/sqlite/schema.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "storage/contract/run.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"
#include "storage/sqlite/tests/version_1_database.hpp"

namespace parley::storage::sqlite {
namespace {

class Nobody : public chat::CommitListener {
public:
    void committed(const chat::Committed&) override {}
};

class Schema : public testing::Test {
protected:
    std::string path() const { return (folder_.path() / "parley.db").string(); }

    // Opens the database as a server does. Its error, or none.
    std::optional<Error> start() {
        const auto opened = Database::open({.data_dir = folder_.path()}, nobody_);
        return opened ? std::nullopt : std::optional(opened.error());
    }

    void execute(const char* sql) {
        auto connection = Connection::open({.path = path()});
        ASSERT_TRUE(connection.has_value());
        ASSERT_TRUE((*connection)->execute(sql).has_value());
    }

    TemporaryFolder folder_;
    Nobody nobody_;
};

TEST_F(Schema, AFreshDatabaseIsOfTheNewestVersionAndOpensAgain) {
    EXPECT_EQ(start(), std::nullopt);
    EXPECT_EQ(start(), std::nullopt);
    auto connection = Connection::open({.path = path()});
    ASSERT_TRUE(connection.has_value());
    EXPECT_EQ((*connection)->query_integer("PRAGMA user_version"), newest_schema_version());
}

TEST_F(Schema, ADatabaseOfANewerServerIsLeftAlone) {
    ASSERT_EQ(start(), std::nullopt);
    execute("PRAGMA user_version = 99");
    const auto refused = start();
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, ErrorCode::Conflict);
    EXPECT_EQ(refused->message, path() + " was written by a newer version of this server (its schema is 99, this one knows " +
                                    std::to_string(newest_schema_version()) + "); start that version");
}

TEST_F(Schema, ADatabaseOfAnotherProgramIsLeftAlone) {
    execute("CREATE TABLE theirs(a)");
    const auto refused = start();
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, ErrorCode::InvalidArgument);
    EXPECT_EQ(refused->message, path() + " is a database of another program; choose another data folder");
}

TEST_F(Schema, AFileThatIsNoDatabaseIsRefusedWithASentence) {
    std::ofstream(path()) << std::string(10'000, 'x');
    const auto refused = start();
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, ErrorCode::InvalidArgument);
    EXPECT_EQ(refused->message, path() + " is damaged or not a database; restore a copy or move it away");
}

TEST_F(Schema, ADatabaseWhoseTablesAreDamagedIsRefusedWithASentence) {
    ASSERT_EQ(start(), std::nullopt);
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);  // behind the header
    file << std::string(3000, '\xff');
    file.close();
    const auto refused = start();
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->message, path() + " is damaged or not a database; restore a copy or move it away");
}

TEST_F(Schema, ADatabaseOfTheFirstVersionKeepsEverythingAndAllOfItCountsAsRead) {
    execute(kVersion1Database);
    storage::contract::Runner runner{1};
    const auto alice = chat::UserId::parse("6b038da7a51ec863ae3a551f").value();
    const auto bob = chat::UserId::parse("6b038da7a51ec863ae3a5520").value();
    const auto carol = chat::UserId::parse("6b038da7a51ec863ae3a5521").value();
    for (const std::size_t unread_of_bob : {0u, 1u}) {  // the second time it is of the newest version already
        auto opened = Database::open({.data_dir = folder_.path()}, nobody_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        Database& database = **opened;
        EXPECT_EQ(runner.run(database.users().find_by_username("bob")).value()->id, bob);
        const auto again = runner.run(database.messages().append({bob, alice, "four", "key four", ""}));
        ASSERT_TRUE(again.has_value());
        EXPECT_TRUE(again->repeated);

        const auto page = runner.run(database.conversations().list({.reader = alice}));
        ASSERT_TRUE(page.has_value());
        std::vector<chat::UserId> peers;
        for (const auto& summary : page->conversations) {
            peers.push_back(summary.peer);
            EXPECT_EQ(summary.state.last_read, std::nullopt);
            EXPECT_EQ(summary.state.unread, summary.peer == bob ? unread_of_bob : 0u);
        }
        if (unread_of_bob == 0) {
            EXPECT_EQ(peers, (std::vector{alice, carol, bob}));
            EXPECT_TRUE(runner.run(database.messages().append({bob, alice, "new"})).has_value());
        } else {
            EXPECT_EQ(peers, (std::vector{bob, alice, carol}));
            EXPECT_EQ(runner.run(database.conversations().mark_read({alice, bob})).value().unread, 0u);
        }
    }
    auto connection = Connection::open({.path = path()});
    ASSERT_TRUE(connection.has_value());
    EXPECT_EQ((*connection)->query_integer("PRAGMA user_version"), newest_schema_version());
    EXPECT_EQ((*connection)->query_integer("SELECT count(*) FROM messages"), 7);
}

}  // namespace
}  // namespace parley::storage::sqlite

#include "storage/sqlite/schema.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "storage/sqlite/database.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"

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

}  // namespace
}  // namespace parley::storage::sqlite

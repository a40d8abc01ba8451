// Into the embedded database: what is kept, what is left out, and what happens when it is interrupted.
#include <fmt/core.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "storage/contract/store_contract.hpp"
#include "storage/sqlite/bulk_loader.hpp"
#include "storage/sqlite/database.hpp"
#include "transfer/documents.hpp"
#include "transfer/embedded_import.hpp"
#include "transfer/embedded_source.hpp"
#include "transfer/stage.hpp"
#include "transfer/tests/samples.hpp"

namespace parley::transfer {
namespace {

using storage::contract::RecordingListener;
using storage::contract::Runner;
using testing::ElementsAre;
using testing::HasSubstr;

class ImportTest : public testing::Test {
protected:
    std::string data() const { return (folder_.path() / "data").string(); }

    Result<bool> import(Source& source) {
        report_ = Report();
        Progress progress(false);
        return import_into_embedded(source, data(), report_, progress);
    }
    void import_well(Source& source) {
        const auto done = import(source);
        ASSERT_TRUE(done.has_value()) << done.error().message;
        EXPECT_FALSE(Stage::left_behind(data()));
    }
    Collecting stored() {
        Collecting collecting;
        Report report;
        Progress progress(false);
        const auto read = EmbeddedSource::open(data()).value()->read(collecting, report, progress);
        EXPECT_TRUE(read.has_value());
        return collecting;
    }
    // A stage as an interrupted run leaves it.
    void leave_stage(Given& source) {
        std::filesystem::create_directories(data());
        Report report;
        Progress progress(false);
        const auto stage = Stage::create(data(), source.order(), report).value();
        ASSERT_TRUE(source.read(*stage, report, progress).has_value());
        ASSERT_TRUE(stage->complete(source.identity(), report).has_value());
    }

    TemporaryFolder folder_;
    Report report_;
};

TEST_F(ImportTest, EverythingComesOutAsItWentIn) {
    Given source(difficult());
    import_well(source);
    EXPECT_EQ(stored().all, difficult());
    EXPECT_EQ(report_.users, 5U);
    EXPECT_EQ(report_.messages, 7U);
    EXPECT_EQ(report_.conversations, 4U);
    EXPECT_EQ(report_.revocations, 2U);
    EXPECT_EQ(report_.skipped(), 0U) << report_.text();
    EXPECT_EQ(
        report_.noted("user names that differ from another's only in letter case or spaces around (kept, each logs in by its exact form)"),
        1U);
    EXPECT_EQ(report_.noted("users without a bcrypt hash, who cannot log in"), 1U);
    EXPECT_EQ(report_.noted("messages whose sender or receiver is no user any more (kept)"), 1U);
}

TEST_F(ImportTest, TheServerServesWhatWasImported) {
    Given source(difficult());
    import_well(source);
    RecordingListener listener;
    Runner runner{1};
    const auto database = storage::sqlite::Database::open({.data_dir = data()}, listener).value();
    const auto zoe = id_of<chat::UserId>(5);
    const auto ada = id_of<chat::UserId>(3);
    const auto page = runner.run(database->messages().history({.reader = zoe, .peer = ada})).value();
    ASSERT_EQ(page.messages.size(), 4U);
    EXPECT_EQ(page.messages[0].text, "first");
    EXPECT_EQ(page.messages[0].receiver, ada);
    EXPECT_EQ(runner.run(database->users().find_by_username("ADA ")).value()->id, id_of<chat::UserId>(9));
    EXPECT_EQ(runner.run(database->users().find_by_username_key("ada")).value()->id, ada) << "the first that signed up";
    EXPECT_TRUE(runner.run(database->sessions().is_revoked("0123abcd")).value());
    const auto next = runner.run(database->messages().append({zoe, ada, "goes on", "", ""}));
    ASSERT_TRUE(next.has_value());
    const auto after = runner.run(database->messages().history({.reader = ada, .peer = zoe})).value();
    EXPECT_EQ(after.messages.back().text, "goes on");
    const auto taken = runner.run(database->users().create({chat::UserId::generate(), "", "Ada", "ada", "", chat::Gender::Male, ""}));
    EXPECT_EQ(taken.error().code, ErrorCode::AlreadyExists);
}

TEST_F(ImportTest, DocumentsAreOrderedByTimeAndIdWhateverOrderTheyComeIn) {
    Given source({.users = {user(3, "c"), user(1, "a"), user(2, "b")},
                  .messages = {message(12, 1, 2, 5), message(11, 2, 1, 5), message(20, 1, 2, 1)},
                  .revocations = {}},
                 Order::ById);
    import_well(source);
    const auto all = stored().all;
    EXPECT_THAT(all.users, ElementsAre(user(1, "a"), user(2, "b"), user(3, "c")));
    EXPECT_THAT(all.messages, ElementsAre(message(20, 1, 2, 1), message(11, 2, 1, 5), message(12, 1, 2, 5)));
}

TEST_F(ImportTest, DuplicateConversationsAreOneAndWhatTheyGetWrongIsCounted) {
    Given source({.users = {user(1, "a"), user(2, "b")},
                  .messages = {message(11, 1, 2, 1), message(12, 2, 1, 2), message(13, 1, 2, 3), message(14, 1, 1, 4)},
                  .revocations = {}},
                 Order::ById);
    source.conversations = {conversation(21, 1, 2, {11, 99}), conversation(22, 2, 1, {12, 12}), conversation(23, 1, 1, {14, 11}),
                            conversation(24, 1, 2, {})};
    import_well(source);
    const auto after = stored();
    EXPECT_EQ(after.all.messages.size(), 4U);
    ASSERT_EQ(after.conversations.size(), 2U);
    EXPECT_THAT(after.conversations[0].messages,
                ElementsAre(id_of<chat::MessageId>(11), id_of<chat::MessageId>(12), id_of<chat::MessageId>(13)));
    EXPECT_EQ(after.conversations[0].version, 3);
    EXPECT_THAT(after.conversations[1].messages, ElementsAre(id_of<chat::MessageId>(14)));
    EXPECT_THAT(after.conversations[1].participants, ElementsAre(id_of<chat::UserId>(1), id_of<chat::UserId>(1)));
    EXPECT_EQ(report_.noted("duplicate conversations merged"), 2U);
    EXPECT_EQ(report_.noted("entries of conversations that name no message (ignored)"), 1U);
    EXPECT_EQ(report_.noted("entries of conversations that name a message again"), 2U);
    EXPECT_EQ(report_.noted("messages that no conversation names (kept, with their two people)"), 1U);
}

TEST_F(ImportTest, ReadMarksAreOfTheirConversationAndTheLatestCounts) {
    Given source({.users = {user(1, "ann"), user(2, "bob"), user(3, "cid")},
                  .messages = {message(11, 1, 2, 1), message(12, 2, 1, 2), message(13, 1, 3, 3)},
                  .revocations = {},
                  .marks = {read_mark(1, 2, 12), read_mark(1, 2, 11), read_mark(1, 2, 13), read_mark(2, 3, 13), read_mark(3, 1, 99)}});
    import_well(source);
    EXPECT_THAT(stored().all.marks, ElementsAre(read_mark(1, 2, 12)));
    EXPECT_EQ(report_.skipped("read mark", "its message is none of these two people's"), 3U);
}

TEST_F(ImportTest, WhatIsThereTwiceIsKeptOnceAndNamed) {
    Given source({.users = {user(1, "ann"), user(2, "ann"), user(1, "bob"), user(3, "Ann")},
                  .messages = {message(11, 1, 3, 1, "kept"), message(11, 1, 5, 2, "the same id"), message(12, 3, 1, 3)},
                  .revocations = {{"s", at(1)}, {"s", at(2)}}});
    import_well(source);
    const auto after = stored();
    EXPECT_THAT(after.all.users, ElementsAre(user(1, "ann"), user(3, "Ann")));
    EXPECT_EQ(after.all.messages.size(), 2U);
    EXPECT_EQ(after.all.messages[0].text, "kept");
    EXPECT_EQ(report_.conversations, 1U) << "none is left of the message that was not kept";
    EXPECT_THAT(after.all.revocations, ElementsAre(Revocation{"s", at(2)}));
    EXPECT_EQ(report_.skipped("user", "its user name is exactly that of one who signed up before"), 1U);
    EXPECT_EQ(report_.skipped("user", "its _id is another user's"), 1U);
    EXPECT_EQ(report_.skipped("message", "its _id is another message's"), 1U);
    EXPECT_THAT(report_.text(), HasSubstr("1 user: its user name is exactly that of one who signed up before (000000000000000000000002)"));
}

TEST_F(ImportTest, TextsThatAreNotUtf8AreMended) {
    Given source(
        {.users = {user(1, "a\xff")}, .messages = {message(11, 1, 1, 1, "ok \xc3\x28 \xf0\x9f\x98\x80 \xf0\x9f\x98")}, .revocations = {}});
    import_well(source);
    EXPECT_EQ(stored().all.users[0].username, "a\uFFFD");
    EXPECT_EQ(stored().all.messages[0].text, "ok \uFFFD( \U0001F600 \uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(report_.noted("messages with bytes that are not UTF-8, now U+FFFD"), 1U);
}

TEST_F(ImportTest, TimesThatAreNoneAreThoseOfTheIdInDocuments) {
    constexpr chat::Timestamp kAbsurd{std::chrono::milliseconds(std::numeric_limits<std::int64_t>::max())};
    Collecting collecting;
    DocumentTaker taker(collecting, report_);
    chat::User ann = user(1, "ann");
    chat::Message first = message(11, 1, 1, 1);
    ann.created_at = first.updated_at = kAbsurd;
    ASSERT_TRUE(taker.user(*storage::mongodb::to_bson(ann).get()).has_value());
    ASSERT_TRUE(taker.message(*storage::mongodb::to_bson(first).get()).has_value());
    ASSERT_TRUE(taker.message(*storage::mongodb::to_bson(message(12, 1, 1, 2)).get()).has_value());
    ann.created_at = first.updated_at = chat::Timestamp();
    EXPECT_THAT(collecting.all.users, ElementsAre(ann));
    EXPECT_THAT(collecting.all.messages, ElementsAre(first, message(12, 1, 1, 2)));
    EXPECT_EQ(report_.noted("users with a time outside the years 1 to 9999, now that of the _id"), 1U);
    EXPECT_EQ(report_.noted("messages with a time outside the years 1 to 9999, now that of the _id"), 1U);
}

TEST_F(ImportTest, AStageThatIsDamagedIsToBeRemoved) {
    std::filesystem::create_directories(data());
    EXPECT_FALSE(import_left_behind(data()));
    std::ofstream(Stage::path_in(data())) << std::string(10'000, 'x');
    EXPECT_TRUE(import_left_behind(data()));
    Given source(difficult());
    const auto refused = import(source);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message, Stage::path_in(data()) + " is damaged; remove it and start again");
    Stage::remove(data());
    import_well(source);
}

TEST_F(ImportTest, ADatabaseThatHasSomethingIsLeftAlone) {
    Given first(difficult());
    import_well(first);
    Given second({.users = {user(50, "other")}, .messages = {}, .revocations = {}});
    const auto refused = import(second);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("has users or messages already, and nothing is overwritten"));
    EXPECT_EQ(second.times_read, 0);
    EXPECT_EQ(stored().all, difficult());
}

TEST_F(ImportTest, ADatabaseThatHasSomethingIsLeftAloneAlsoIfAStageOfTheSameSourceIsThere) {
    Given first(difficult(), Order::AsGiven, "this source");
    import_well(first);
    leave_stage(first);
    EXPECT_EQ(import(first).error().code, ErrorCode::Conflict);
    EXPECT_EQ(stored().all, difficult());
}

TEST_F(ImportTest, ARunningServersFolderIsRefused) {
    RecordingListener listener;
    const auto database = storage::sqlite::Database::open({.data_dir = data()}, listener).value();
    Given source(difficult());
    const auto refused = import(source);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message, data() + " is in use by another server; stop it first, so that nothing changes meanwhile");
    EXPECT_EQ(EmbeddedSource::open(data()).error().code, ErrorCode::AlreadyExists);
}

TEST_F(ImportTest, ADamagedSourceLeavesNothingInTheDatabase) {
    Given source(difficult());
    source.fails = true;
    EXPECT_EQ(import(source).error().message, "the source is damaged");
    EXPECT_EQ(stored().all, Everything());
    source.fails = false;
    import_well(source);
    EXPECT_EQ(stored().all, difficult());
    EXPECT_THAT(report_.resumed, HasSubstr("started again"));
}

TEST_F(ImportTest, GoesOnFromWhatAnInterruptedRunHadRead) {
    Given source(difficult(), Order::AsGiven, "this source");
    leave_stage(source);
    import_well(source);
    EXPECT_EQ(source.times_read, 1) << "it was not read again";
    EXPECT_THAT(report_.resumed, HasSubstr("went on from there"));
    EXPECT_EQ(stored().all, difficult());
}

TEST_F(ImportTest, StartsAgainIfTheSourceIsAnotherOrCannotBeRecognised) {
    for (const std::string fingerprint : {"another source", ""}) {
        std::filesystem::remove_all(data());
        Given before({.users = {user(60, "stale")}, .messages = {}, .revocations = {}}, Order::AsGiven,
                     fingerprint.empty() ? "" : "this source");
        leave_stage(before);
        Given source(difficult(), Order::AsGiven, fingerprint);
        import_well(source);
        EXPECT_EQ(source.times_read, 1);
        EXPECT_EQ(stored().all, difficult());
        EXPECT_THAT(report_.resumed, HasSubstr("started again"));
    }
}

TEST_F(ImportTest, FindsThatAnInterruptedRunHadFinished) {
    Given source(difficult(), Order::AsGiven, "this source");
    leave_stage(source);
    const auto stage = folder_.path() / "stage";
    std::filesystem::copy_file(Stage::path_in(data()), stage);
    import_well(source);
    std::filesystem::copy_file(stage, Stage::path_in(data()));  // as if it had been killed before it removed that
    Given other({.users = {user(50, "other")}, .messages = {}, .revocations = {}}, Order::AsGiven, "another source");
    EXPECT_EQ(import(other).error().code, ErrorCode::Conflict);
    Given live(difficult());  // without a fingerprint: recognised by its name
    EXPECT_EQ(import(live).error().code, ErrorCode::Conflict);
    live.called = source.fingerprint();
    import_well(live);
    EXPECT_THAT(report_.resumed, HasSubstr("had stored everything"));
    std::filesystem::copy_file(stage, Stage::path_in(data()));
    import_well(source);
    EXPECT_THAT(report_.resumed, HasSubstr("had stored everything"));
    EXPECT_EQ(report_.messages, 7U);
    EXPECT_EQ(stored().all, difficult());
}

TEST(BulkLoader, WhatIsNotCommittedIsNotThere) {
    const TemporaryFolder folder;
    const auto lock = storage::sqlite::DataFolder::open(folder.path()).value();
    {
        const auto loader = storage::sqlite::BulkLoader::open(lock).value();
        ASSERT_TRUE(loader->begin().has_value());
        ASSERT_TRUE(loader->add(user(1, "ann")).has_value());
        ASSERT_TRUE(loader->add(message(2, 1, 1, 0)).has_value());
        EXPECT_FALSE(loader->empty().value());
    }
    const auto loader = storage::sqlite::BulkLoader::open(lock).value();
    EXPECT_TRUE(loader->empty().value());
    EXPECT_EQ(loader->finished_token().value(), "");
}

}  // namespace
}  // namespace parley::transfer

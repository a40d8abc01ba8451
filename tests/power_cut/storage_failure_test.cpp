// Disks that are full or broken, and cuts in awkward moments: callers get Unavailable, nothing is announced, and it goes on without a restart.
#include <gtest/gtest.h>

#include <atomic>

#include "power_cut/power_cut_vfs.hpp"
#include "storage/contract/run.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"

namespace parley::power_cut {
namespace {

using storage::contract::Runner;
using storage::sqlite::Database;

class Counter : public chat::CommitListener {
public:
    void committed(const chat::Committed&) override { ++count; }
    std::atomic<int> count = 0;
};

class StorageFailure : public testing::Test {
protected:
    StorageFailure() {
        open();
        alice_ = sign_up("alice");
        bob_ = sign_up("bob");
    }

    std::string path() const { return (folder_.path() / "parley.db").string(); }

    void open() {
        auto opened =
            Database::open({.data_dir = folder_.path(), .checkpoint_pages = 50, .restart_pages = 100, .vfs = vfs_.name()}, listener_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database_ = std::move(*opened);
    }

    chat::UserId sign_up(const std::string& name) {
        const auto id = chat::UserId::generate();
        EXPECT_TRUE(runner_.run(database_->users().create({id, name, name, name, "hash", chat::Gender::Male, ""})).has_value());
        return id;
    }

    Result<chat::Appended> send(const std::string& text, const std::string& key = "") {
        return runner_.run(database_->messages().append({alice_, bob_, text, key, ""}));
    }

    std::vector<Result<chat::Appended>> send_many(int count) {
        std::vector<Task<Result<chat::Appended>>> tasks;
        for (int i = 0; i < count; ++i) tasks.push_back(database_->messages().append({alice_, bob_, "one of many", "", ""}));
        return runner_.run_all(std::move(tasks));
    }

    std::vector<std::string> stored() {
        const auto page = runner_.run(database_->messages().history(
            {.reader = bob_, .peer = alice_, .limit = 100'000, .before = "", .after = "", .from_start = true}));
        EXPECT_TRUE(page.has_value());
        std::vector<std::string> texts;
        if (page) {
            for (const auto& message : page->messages) texts.push_back(message.text);
        }
        return texts;
    }

    void cut_and_reopen() {
        disk_.cut();
        database_.reset();
        disk_.restore_power();
        open();
    }

    storage::sqlite::TemporaryFolder folder_;
    PowerCutDisk disk_{1};
    PowerCutVfs vfs_{disk_};
    Counter listener_;
    Runner runner_{2};
    std::unique_ptr<Database> database_;
    chat::UserId alice_, bob_;
};

void expect_unavailable(const Result<chat::Appended>& result) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::Unavailable);
}

TEST_F(StorageFailure, AFullDiskIsUnavailableAndRecoversWithoutARestart) {
    ASSERT_TRUE(send("before").has_value());
    disk_.set_capacity(0);
    for (const auto& result : send_many(20)) {
        expect_unavailable(result);
        EXPECT_EQ(result.error().message, "storage is full, try again later");
    }
    EXPECT_EQ(stored(), std::vector<std::string>{"before"}) << "what is there can still be read";
    EXPECT_EQ(listener_.count, 1);

    disk_.set_capacity(std::nullopt);
    ASSERT_TRUE(send("after").has_value());
    EXPECT_EQ(stored(), (std::vector<std::string>{"before", "after"}));
    cut_and_reopen();
    EXPECT_EQ(stored(), (std::vector<std::string>{"before", "after"}));
}

TEST_F(StorageFailure, AConversationWhoseFirstMessageFailedBeginsWithTheNext) {
    disk_.set_capacity(0);
    expect_unavailable(send("lost"));
    disk_.set_capacity(std::nullopt);
    ASSERT_TRUE(send("first").has_value());
    ASSERT_TRUE(send("second").has_value());
    EXPECT_EQ(stored(), (std::vector<std::string>{"first", "second"}));
}

TEST_F(StorageFailure, ADiskThatFillsUpUnderLoadKeepsWhatItAcknowledged) {
    disk_.set_capacity(400'000);
    std::size_t taken = 0;
    bool full = false;
    for (int round = 0; round < 500 && !full; ++round) {
        for (const auto& result : send_many(20)) {
            taken += result ? 1 : 0;
            full = full || !result;
        }
    }
    EXPECT_TRUE(full);
    EXPECT_EQ(stored().size(), taken);
    EXPECT_EQ(static_cast<std::size_t>(listener_.count), taken);
    cut_and_reopen();
    EXPECT_EQ(stored().size(), taken);
    disk_.set_capacity(std::nullopt);
    EXPECT_TRUE(send("there is room again").has_value());
}

TEST_F(StorageFailure, AFailedSyncIsNeverASuccessAndIsNotTrustedLater) {
    ASSERT_TRUE(send("before").has_value());
    disk_.fail_syncs(true);
    for (int i = 0; i < 5; ++i) expect_unavailable(send("lost " + std::to_string(i), "key " + std::to_string(i)));
    EXPECT_EQ(listener_.count, 1);
    EXPECT_EQ(stored(), std::vector<std::string>{"before"});

    disk_.fail_syncs(false);
    ASSERT_TRUE(send("after").has_value());
    EXPECT_EQ(stored(), (std::vector<std::string>{"before", "after"}));
    cut_and_reopen();
    EXPECT_EQ(stored(), (std::vector<std::string>{"before", "after"}));
    const auto again = send("lost 0", "key 0");
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->repeated);
}

TEST_F(StorageFailure, SyncsThatFailDuringCheckpointsLoseNothing) {
    std::size_t taken = 0;
    for (int round = 0; round < 60; ++round) {
        disk_.fail_syncs(round % 3 == 1);
        for (const auto& result : send_many(10)) taken += result ? 1 : 0;
    }
    disk_.fail_syncs(false);
    EXPECT_GT(taken, 0u);
    EXPECT_EQ(stored().size(), taken);
    cut_and_reopen();
    EXPECT_EQ(stored().size(), taken);
}

// As after a kill between the commit and the answer: the first result is found by its key.
TEST_F(StorageFailure, ARetryAfterACutFindsItsFirstResult) {
    const auto first = send("hello", "key");
    ASSERT_TRUE(first.has_value());
    cut_and_reopen();
    const auto again = send("hello", "key");
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->message, first->message);
    EXPECT_EQ(stored(), std::vector<std::string>{"hello"});
    EXPECT_EQ(listener_.count, 1);
}

TEST_F(StorageFailure, RevocationsAndAccountsSurviveACut) {
    ASSERT_TRUE(runner_.run(database_->sessions().revoke("session", chat::system_now() + std::chrono::hours(1))).has_value());
    const auto carol = sign_up("carol");
    cut_and_reopen();
    EXPECT_TRUE(runner_.run(database_->sessions().is_revoked("session")).value());
    EXPECT_TRUE(runner_.run(database_->users().find(carol)).value().has_value());
}

TEST_F(StorageFailure, AnAnsweredReadMarkSurvivesACut) {
    std::vector<chat::MessageId> sent;
    for (int i = 0; i < 3; ++i) {
        const auto appended = runner_.run(database_->messages().append({alice_, bob_, std::to_string(i)}));
        ASSERT_TRUE(appended.has_value());
        sent.push_back(appended->message.id);
    }
    for (const auto& message : {sent[0], sent[2]}) {
        const auto marked = runner_.run(database_->conversations().mark_read({bob_, alice_, message}));
        ASSERT_TRUE(marked.has_value());
        cut_and_reopen();
        const auto page = runner_.run(database_->conversations().list({.reader = bob_}));
        ASSERT_TRUE(page.has_value());
        ASSERT_EQ(page->conversations.size(), 1u);
        EXPECT_EQ(page->conversations[0].state, *marked);
        EXPECT_EQ(marked->last_read, message);
    }
}

TEST(FirstStart, ACutAtAnyMomentLeavesAFolderThatTheNextStartCanUse) {
    for (std::uint64_t moment = 1; moment < 60; ++moment) {
        storage::sqlite::TemporaryFolder folder;
        PowerCutDisk disk(moment);
        PowerCutVfs vfs(disk);
        Counter listener;
        disk.cut_after(moment);
        auto first = Database::open({.data_dir = folder.path(), .vfs = vfs.name()}, listener);
        EXPECT_EQ(first.has_value(), disk.powered()) << moment;
        if (first) first->reset();
        disk.restore_power();
        const auto second = Database::open({.data_dir = folder.path(), .vfs = vfs.name()}, listener);
        EXPECT_TRUE(second.has_value()) << moment << ": " << (second ? "" : second.error().message);
    }
}

}  // namespace
}  // namespace parley::power_cut

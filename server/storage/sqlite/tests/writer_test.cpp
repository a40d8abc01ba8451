#include "storage/sqlite/writer.hpp"

#include <gtest/gtest.h>

#include "storage/contract/run.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"

namespace parley::storage::sqlite {
namespace {

using contract::Runner;

// A writer on a database with one table, which a second connection can keep waiting: so tests decide what is in one batch.
class WriterTest : public testing::Test {
protected:
    WriterTest() {
        other_ = Connection::open(connection_).value();
        EXPECT_TRUE(other_->execute("PRAGMA journal_mode=WAL; CREATE TABLE numbers(n INTEGER PRIMARY KEY)").has_value());
        start(WriterOptions{}.pace);
    }

    void start(std::chrono::microseconds pace) {
        WriterOptions options{
            .connection = connection_, .max_waiting = 5, .pace = pace, .now = chat::system_now, .on_commit = [this](int) { ++commits_; }};
        writer_.emplace(Connection::open(connection_).value(), std::move(options));
    }

    static Result<std::int64_t> insert(Transaction& transaction, std::int64_t number) {
        Statement statement = transaction.connection.prepare("INSERT INTO numbers VALUES(?1)");
        statement.bind(number);
        TRY([[maybe_unused]] const bool stored, statement.run());
        return number;
    }

    Task<Result<std::int64_t>> add(std::int64_t number) {
        auto apply = [number](Transaction& transaction) { return insert(transaction, number); };
        auto announce = [this](const std::int64_t& stored) { announced_.push_back(stored); };
        return writer_->run<std::int64_t>(0, std::move(apply), std::move(announce));
    }

    Task<Result<std::int64_t>> fail_half_way(std::int64_t number) {
        auto apply = [number](Transaction& transaction) -> Result<std::int64_t> {
            TRY([[maybe_unused]] const auto stored, insert(transaction, number));
            return fail(ErrorCode::Conflict, "half-way");
        };
        return writer_->run<std::int64_t>(0, std::move(apply));
    }

    // The writer is in BEGIN, waiting for the other connection, and has taken `number`; what is submitted now is the next batch.
    std::future<Result<std::int64_t>> block_with(std::int64_t number) {
        EXPECT_TRUE(other_->execute("BEGIN IMMEDIATE").has_value());
        auto first = runner_.start(add(number));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        return first;
    }
    void unblock() { EXPECT_TRUE(other_->execute("COMMIT").has_value()); }

    // One transaction for 1, and one for three that came together.
    void commit_for_a_crowd() {
        auto blocked = block_with(1);
        std::vector<std::future<Result<std::int64_t>>> crowd;
        for (int i = 0; i < 3; ++i) crowd.push_back(runner_.start(add(10 + i)));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        unblock();
        for (auto& result : crowd) EXPECT_TRUE(result.get().has_value());
    }

    std::int64_t count() { return other_->query_integer("SELECT count(*) FROM numbers").value(); }

    TemporaryFolder folder_;
    ConnectionOptions connection_{.path = (folder_.path() / "test.db").string()};
    std::unique_ptr<Connection> other_;
    std::atomic<int> commits_ = 0;
    std::vector<std::int64_t> announced_;  // the writer's thread; the test's after stop()
    Runner runner_{1};
    std::optional<Writer> writer_;
};

TEST_F(WriterTest, AnOperationThatFailsHalfWayFailsAloneInItsBatch) {
    auto blocked = block_with(1);
    auto before = runner_.start(add(2));
    auto failing = runner_.start(fail_half_way(3));
    auto taken = runner_.start(add(2));  // a constraint fails
    auto after = runner_.start(add(4));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    unblock();
    EXPECT_EQ(blocked.get(), 1);
    EXPECT_EQ(before.get(), 2);
    EXPECT_EQ(failing.get().error().code, ErrorCode::Conflict);
    EXPECT_EQ(taken.get().error().code, ErrorCode::Internal);
    EXPECT_EQ(after.get(), 4);
    EXPECT_EQ(count(), 3);
    writer_->stop();
    EXPECT_EQ(announced_, (std::vector<std::int64_t>{1, 2, 4}));
}

TEST_F(WriterTest, AnExceptionIsADefectThatTheNextBatchDoesNotFeel) {
    auto throwing = [](Transaction& transaction) -> Result<bool> {
        (void)insert(transaction, 1);
        throw std::runtime_error("defect");
    };
    const auto thrown = runner_.run(writer_->run<bool>(0, std::move(throwing)));
    ASSERT_FALSE(thrown.has_value());
    EXPECT_EQ(thrown.error().code, ErrorCode::Internal);
    EXPECT_EQ(runner_.run(add(2)), 2);
    EXPECT_EQ(count(), 1);
}

TEST_F(WriterTest, OneMoreThanMayWaitIsRefusedAtOnce) {
    auto blocked = block_with(1);
    std::vector<std::future<Result<std::int64_t>>> waiting;
    for (int i = 0; i < 5; ++i) waiting.push_back(runner_.start(add(10 + i)));
    const auto refused = runner_.run(add(99));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error(), (Error{ErrorCode::Unavailable, "the server is busy, try again later"}));
    unblock();
    EXPECT_TRUE(blocked.get().has_value());
    for (auto& result : waiting) EXPECT_TRUE(result.get().has_value());
}

TEST_F(WriterTest, ACrowdsNextChangesShareATransaction) {
    start(std::chrono::seconds(1));
    commit_for_a_crowd();
    auto next = runner_.start(add(20));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    auto one_more = runner_.start(add(21));
    EXPECT_TRUE(next.get().has_value());
    EXPECT_TRUE(one_more.get().has_value());
    writer_->stop();
    EXPECT_EQ(commits_, 3);
}

TEST_F(WriterTest, ALoneCallerWaitsForNobody) {
    start(std::chrono::hours(1));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(runner_.run(add(i)).has_value());
}

TEST_F(WriterTest, StoppingDoesNotWaitForACrowd) {
    start(std::chrono::hours(1));
    commit_for_a_crowd();
    auto next = runner_.start(add(20));
    writer_->stop();
    const auto outcome = next.get();
    EXPECT_TRUE(outcome.has_value() || outcome.error().code == ErrorCode::Unavailable);
}

TEST_F(WriterTest, StoppingFinishesWhatWaitsAndRefusesWhatComesLater) {
    auto blocked = block_with(1);
    auto waiting = runner_.start(add(2));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::thread stopping([this] { writer_->stop(); });
    unblock();
    stopping.join();
    EXPECT_TRUE(blocked.get().has_value());
    EXPECT_TRUE(waiting.get().has_value());
    const auto late = runner_.run(add(3));
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, ErrorCode::Unavailable);
    EXPECT_EQ(count(), 2);
}

}  // namespace
}  // namespace parley::storage::sqlite

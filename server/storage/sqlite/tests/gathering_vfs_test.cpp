#include "storage/sqlite/gathering_vfs.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"

namespace parley::storage::sqlite {
namespace {

constexpr int kRows = 2000;  // of 500 bytes: more than is gathered

class GatheringVfsTest : public testing::Test {
protected:
    GatheringVfsTest() : writer_(open(true)) {
        run("PRAGMA journal_mode=WAL; PRAGMA cache_size=10; CREATE TABLE things(n INTEGER PRIMARY KEY, body BLOB)");  // pages are written before the commit
    }

    std::unique_ptr<Connection> open(bool gather_log) { return Connection::open({.path = path(), .gather_log = gather_log}).value(); }
    std::string path() const { return (folder_.path() / "test.db").string(); }
    void run(const char* sql) { ASSERT_TRUE(writer_->execute(sql).has_value()) << writer_->last_trouble(); }
    void add_rows(int from) {
        for (std::int64_t n = from; n < from + kRows; ++n) {
            Statement insert = writer_->prepare("INSERT INTO things VALUES(?1, zeroblob(500))");
            insert.bind(n);
            ASSERT_TRUE(insert.run().has_value());
        }
    }
    static std::int64_t count(Connection& connection) { return connection.query_integer("SELECT count(body) FROM things").value(); }

    TemporaryFolder folder_;
    std::unique_ptr<Connection> writer_;
};

TEST_F(GatheringVfsTest, ACommitIsInTheFileWhenItReturns) {
    const auto reader = open(false);
    for (int i = 1; i <= 3; ++i) {
        run("BEGIN IMMEDIATE");
        add_rows(i * kRows);
        EXPECT_EQ(count(*reader), (i - 1) * kRows);
        run("COMMIT");
        EXPECT_EQ(count(*reader), i * kRows);
    }
    // What a crash now would leave behind.
    const auto copy = (folder_.path() / "copy.db").string();
    std::filesystem::copy_file(path(), copy);
    std::filesystem::copy_file(path() + "-wal", copy + "-wal");
    const auto after_crash = Connection::open({.path = copy}).value();
    EXPECT_EQ(count(*after_crash), 3 * kRows);
    EXPECT_EQ(after_crash->query_integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

TEST_F(GatheringVfsTest, ATransactionReadsItsOwnPagesAndCanBeUndone) {
    run("BEGIN IMMEDIATE");
    add_rows(0);
    EXPECT_EQ(count(*writer_), kRows);
    run("SAVEPOINT half");
    add_rows(kRows);
    EXPECT_EQ(count(*writer_), 2 * kRows);
    run("ROLLBACK TO half");
    EXPECT_EQ(count(*writer_), kRows);
    run("ROLLBACK");
    EXPECT_EQ(count(*writer_), 0);
    run("BEGIN IMMEDIATE");
    add_rows(0);
    run("COMMIT");
    EXPECT_EQ(count(*open(false)), kRows);
}

TEST_F(GatheringVfsTest, TheLogIsCopiedAndBegunAnewByOthers) {
    run("BEGIN IMMEDIATE");
    add_rows(0);
    run("COMMIT");
    const auto other = open(false);
    ASSERT_EQ(other->checkpoint(Connection::CheckpointMode::Truncate).value().log_pages, 0);
    run("BEGIN IMMEDIATE");
    add_rows(kRows);
    run("COMMIT");
    EXPECT_EQ(count(*other), 2 * kRows);
    ASSERT_TRUE(writer_->checkpoint(Connection::CheckpointMode::Restart).has_value());
    writer_.reset();
    EXPECT_EQ(count(*other), 2 * kRows);
}

// What was undone must not come upon what others wrote in its place.
TEST_F(GatheringVfsTest, WhatWasUndoneIsNotWrittenOverWhatOthersCommitted) {
    const auto other = open(false);
    run("BEGIN IMMEDIATE");
    add_rows(0);
    run("ROLLBACK");
    ASSERT_TRUE(other
                    ->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                              " INSERT INTO things SELECT -i, randomblob(500) FROM n")
                    .has_value());
    run("BEGIN IMMEDIATE");
    add_rows(0);
    run("COMMIT");
    writer_.reset();
    EXPECT_EQ(count(*other), kRows + 3000);
    EXPECT_EQ(other->query_integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

// The system's VFS, whose logs find the disk full when they are told to.
class FullDisk {
public:
    FullDisk() : vfs_(*sqlite3_vfs_find(nullptr)) {
        vfs_.zName = "full-disk";
        vfs_.xOpen = [](sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
            sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
            const int code = system->xOpen(system, name, file, flags, out_flags);
            if (code != SQLITE_OK || !(flags & SQLITE_OPEN_WAL)) return code;
            system_write = file->pMethods->xWrite;
            methods = *file->pMethods;
            methods.xWrite = [](sqlite3_file* log, const void* data, int count, sqlite3_int64 offset) {
                return full ? SQLITE_FULL : system_write(log, data, count, offset);
            };
            file->pMethods = &methods;
            return code;
        };
        sqlite3_vfs_register(&vfs_, 0);
    }
    ~FullDisk() { sqlite3_vfs_unregister(&vfs_); }

    static inline bool full = false;

private:
    static inline sqlite3_io_methods methods{};
    static inline decltype(sqlite3_io_methods::xWrite) system_write = nullptr;
    sqlite3_vfs vfs_;
};

// A statement that fails for want of room is undone alone: what came before it is still there, and whatever can be committed is whole.
TEST(GatheringVfs, WhatCouldNotBeWrittenIsNotLostForTheCommit) {
    const FullDisk disk;
    const TemporaryFolder folder;
    const auto path = (folder.path() / "test.db").string();
    const auto writer = Connection::open({.path = path, .vfs = "full-disk", .gather_log = true}).value();
    ASSERT_TRUE(writer->execute("PRAGMA journal_mode=WAL; PRAGMA cache_size=10; CREATE TABLE things(n INTEGER PRIMARY KEY, body BLOB)")
                    .has_value());
    ASSERT_TRUE(writer
                    ->execute("BEGIN IMMEDIATE; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
                              " INSERT INTO things SELECT i, zeroblob(500) FROM n")
                    .has_value());
    FullDisk::full = true;
    EXPECT_FALSE(writer->execute("INSERT INTO things SELECT n + 1000, body FROM things ORDER BY n DESC").has_value());
    FullDisk::full = false;
    const bool committed = writer->execute("COMMIT").has_value();
    if (writer->in_transaction()) (void)writer->execute("ROLLBACK");
    ASSERT_TRUE(writer->execute("INSERT INTO things VALUES(5000, NULL)").has_value());
    const auto reader = Connection::open({.path = path}).value();
    EXPECT_EQ(reader->query_integer("SELECT count(n) + 0 * count(body) FROM things").value_or(-1), committed ? 201 : 1);
    EXPECT_EQ(reader->query_integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").value_or(-1), 0);
}

TEST(GatheringVfs, OfANameThatNobodyHasThereIsNone) {
    EXPECT_EQ(GatheringVfs::over("no such thing"), nullptr);
}

}  // namespace
}  // namespace parley::storage::sqlite

#include "storage/sqlite/database.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "storage/contract/store_contract.hpp"
#include "storage/sqlite/message_store.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"

namespace parley::storage::sqlite {
namespace {

using contract::HandClock;
using contract::RecordingListener;
using contract::Runner;

class DatabaseTest : public testing::Test {
protected:
    std::filesystem::path data() const { return folder_.path() / "data"; }

    DatabaseOptions options() {
        DatabaseOptions options{.data_dir = data()};
        options.clock = [this] { return clock_.now(); };
        return options;
    }
    void open(DatabaseOptions options) {
        auto opened = Database::open(std::move(options), listener_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database_ = std::move(*opened);
    }

    chat::UserId sign_up(const std::string& name) {
        const auto id = chat::UserId::generate();
        EXPECT_TRUE(runner_.run(database_->users().create({id, name, name, name, "hash", chat::Gender::Male, ""})).has_value());
        return id;
    }
    Result<chat::Appended> send(chat::UserId from, chat::UserId to, std::string text, std::string key = "") {
        return runner_.run(database_->messages().append({from, to, std::move(text), std::move(key), ""}));
    }

    std::unique_ptr<Connection> look_inside() { return Connection::open({.path = (data() / "parley.db").string()}).value(); }
    std::int64_t count(const char* sql) { return look_inside()->query_integer(sql).value(); }

    // Waits until the database says so; generous, because it may be slow and must not be never.
    bool comes_to(const char* sql, std::int64_t expected) {
        for (int i = 0; i < 1000; ++i) {
            if (count(sql) == expected) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    TemporaryFolder folder_;
    HandClock clock_;
    RecordingListener listener_;
    Runner runner_{2};
    std::unique_ptr<Database> database_;
};

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
}

TEST_F(DatabaseTest, ASecondOwnerOfTheFolderIsRefusedWithASentence) {
    open(options());
    const auto second = Database::open(options(), listener_);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error(), (Error{ErrorCode::AlreadyExists, data().string() + " is in use by another server"}));
    database_.reset();
    EXPECT_TRUE(Database::open(options(), listener_).has_value());
}

TEST_F(DatabaseTest, FolderAndFilesAreForTheOwnerAlone) {
    std::filesystem::create_directory(data());
    std::ofstream(data() / "parley.db").close();  // of an earlier, careless hand
    open(options());
    sign_up("alice");
    for (const char* name : {"parley.db", "parley.db-wal", "parley.db-shm", "lock"}) EXPECT_EQ(mode_of(data() / name), 0600u) << name;
    database_.reset();

    auto deeper = options();
    deeper.data_dir = folder_.path() / "new" / "data";
    open(deeper);
    EXPECT_EQ(mode_of(deeper.data_dir), 0700u);
}

TEST_F(DatabaseTest, AFolderThatCannotBeOneIsRefusedWithASentence) {
    std::ofstream(data()).close();
    const auto opened = Database::open(options(), listener_);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(opened.error().message, "cannot use " + (data() / "lock").string() + ": Not a directory");
}

TEST_F(DatabaseTest, AfterStoppingStoresAnswerUnavailableAndTheLogIsGone) {
    open(options());
    const auto alice = sign_up("alice");
    database_->stop();
    EXPECT_FALSE(std::filesystem::exists(data() / "parley.db-wal"));
    EXPECT_EQ(contract::code_of(send(alice, alice, "late")), ErrorCode::Unavailable);
    EXPECT_EQ(contract::code_of(runner_.run(database_->users().find(alice))), ErrorCode::Unavailable);
}

TEST_F(DatabaseTest, OldIdempotencyKeysAreSweptAndYoungOnesKept) {
    auto often = options();
    often.sweep_every = std::chrono::milliseconds(20);
    open(often);
    const auto alice = sign_up("alice");
    constexpr int kOld = 1200;  // more than one sweep takes
    std::vector<Task<Result<chat::Appended>>> tasks;
    for (int i = 0; i < kOld; ++i) tasks.push_back(database_->messages().append({alice, alice, "old", "old " + std::to_string(i), ""}));
    for (const auto& result : runner_.run_all(std::move(tasks))) ASSERT_TRUE(result.has_value());
    clock_.move(MessageStore::kKeysKeptFor - std::chrono::hours(1));
    ASSERT_TRUE(send(alice, alice, "young", "young").has_value());
    EXPECT_EQ(count("SELECT count(*) FROM idempotency"), kOld + 1) << "24 hours are promised";
    clock_.move(std::chrono::hours(2));
    EXPECT_TRUE(comes_to("SELECT count(*) FROM idempotency", 1));
    EXPECT_TRUE(send(alice, alice, "young", "young").value().repeated);
    EXPECT_FALSE(send(alice, alice, "new", "old 0").value().repeated);
}

TEST_F(DatabaseTest, RevocationsAreSweptAfterTheirTokensExpired) {
    auto often = options();
    often.sweep_every = std::chrono::milliseconds(20);
    open(often);
    auto& sessions = database_->sessions();
    ASSERT_TRUE(runner_.run(sessions.revoke("short", clock_.now() + std::chrono::hours(1))).has_value());
    ASSERT_TRUE(runner_.run(sessions.revoke("long", clock_.now() + std::chrono::hours(3))).has_value());
    clock_.move(std::chrono::hours(2));
    EXPECT_TRUE(comes_to("SELECT count(*) FROM revocations", 1));
    EXPECT_TRUE(runner_.run(sessions.is_revoked("long")).value());
    EXPECT_FALSE(runner_.run(sessions.is_revoked("short")).value());
}

TEST_F(DatabaseTest, ImportedNamesMayShareAKeyAndNewOnesMayNot) {
    open(options());
    const auto inside = look_inside();
    for (const char* name : {"ALICE", "Alice"}) {
        Statement import = inside->prepare(
            "INSERT INTO users(id, username, username_key, imported, full_name, full_name_search, username_search, password_hash, gender,"
            " profile_picture, created_ms, updated_ms) VALUES(?1, ?2, 'alice', 1, ?2, 'alice', 'alice', 'hash', 0, '', 0, 0)");
        const auto id = chat::UserId::generate();
        import.bind(id, std::string_view(name));
        ASSERT_TRUE(import.run().has_value());
    }
    auto& users = database_->users();
    EXPECT_EQ(runner_.run(users.find_by_username("Alice")).value()->username, "Alice");
    EXPECT_EQ(runner_.run(users.find_by_username_key("alice")).value()->username, "ALICE") << "the first that signed up";
    const auto created = runner_.run(users.create({chat::UserId::generate(), "x", "alice", "alice", "hash", chat::Gender::Male, ""}));
    EXPECT_EQ(contract::code_of(created), ErrorCode::AlreadyExists);
}

TEST_F(DatabaseTest, APageOfLongTextsEndsEarlyAndSaysSo) {
    open(options());
    const auto alice = sign_up("alice");
    constexpr std::size_t kMessages = 30;
    for (std::size_t i = 0; i < kMessages; ++i) ASSERT_TRUE(send(alice, alice, std::string(100'000, 'x')).has_value());
    chat::HistoryQuery query{.reader = alice, .peer = alice, .limit = 100, .before = "", .after = "", .from_start = true};
    std::size_t pages = 0, messages = 0;
    for (bool more = true; more; ++pages) {
        const auto page = runner_.run(database_->messages().history(query)).value();
        EXPECT_LE(page.messages.size(), MessageStore::kPageBytes / 100'000 + 1);
        messages += page.messages.size();
        more = page.more;
        query.after = database_->messages().cursor_of(page.messages.back());
    }
    EXPECT_EQ(messages, kMessages);
    EXPECT_GT(pages, 2u);
}

// A conversation of 100,000 messages, and those who go on sending to it.
class LongConversation : public DatabaseTest {
protected:
    static constexpr int kStored = 100'000;

    LongConversation() {
        open(small_log());
        alice_ = sign_up("alice");
        bob_ = sign_up("bob");
        EXPECT_TRUE(send(alice_, bob_, "1").has_value());
        database_.reset();
        fill();
        open(small_log());
    }

    DatabaseOptions small_log() {
        auto small = options();
        small.checkpoint_pages = 100;
        small.restart_pages = 200;
        return small;
    }

    // Messages 2 to kStored, whose texts are their numbers.
    void fill() {
        const auto inside = look_inside();
        Statement insert = inside->prepare(
            "WITH RECURSIVE n(i) AS (VALUES(2) UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
            " INSERT INTO messages(id, conversation, seq, sender, created_ms, updated_ms, body)"
            " SELECT randomblob(12), 1, i, ?2, 1700000000000, 1700000000000, CAST(i AS TEXT) FROM n");
        insert.bind(kStored, alice_);
        ASSERT_TRUE(insert.run().has_value());
    }

    // The number of messages until `stop` was seen, -1 if one was refused.
    static Task<int> send_until(chat::MessageStore* store, chat::UserId from, chat::UserId to, const std::atomic<bool>* stop) {
        int sent = 0;
        while (!*stop) {
            chat::Draft draft{from, to, std::string(2000, 'x'), "", ""};
            const auto appended = co_await store->append(std::move(draft));
            if (!appended) co_return -1;
            ++sent;
        }
        co_return sent;
    }

    // Reads all that was stored first, page by page. The number of the first message out of place, 0 for none.
    static Task<int> read_all(chat::MessageStore* store, chat::UserId reader, chat::UserId peer) {
        chat::HistoryQuery query{.reader = reader, .peer = peer, .limit = 200, .before = "", .after = "", .from_start = true};
        int number = 0;
        while (number < kStored) {
            const auto page = co_await store->history(query);
            if (!page || page->messages.empty()) co_return number + 1;
            for (const auto& message : page->messages) {
                if (++number <= kStored && message.text != std::to_string(number)) co_return number;
            }
            query.after = store->cursor_of(page->messages.back());
        }
        co_return 0;
    }

    chat::UserId alice_, bob_;
};

TEST_F(LongConversation, IsReadInPagesWhileWritesGoOnAndTheLogStaysBounded) {
    auto* const store = &database_->messages();
    std::atomic<bool> stop = false;
    std::vector<std::future<int>> senders;
    for (int i = 0; i < 8; ++i) senders.push_back(runner_.start(send_until(store, alice_, bob_, &stop)));
    std::uintmax_t largest_log = 0;
    for (int round = 0; round < 3; ++round) {
        auto reading = runner_.start(read_all(store, bob_, alice_));
        while (reading.wait_for(std::chrono::milliseconds(2)) != std::future_status::ready) {
            largest_log = std::max(largest_log, std::filesystem::file_size(data() / "parley.db-wal"));
        }
        EXPECT_EQ(reading.get(), 0);
    }
    const auto enough = [this] { return listener_.events().size() > 10'000; };
    while (!enough()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    largest_log = std::max(largest_log, std::filesystem::file_size(data() / "parley.db-wal"));
    stop = true;
    int sent = 0;
    for (auto& sender : senders) {
        const int count = sender.get();
        EXPECT_GE(count, 0);
        sent += count;
    }
    const auto written = static_cast<std::uintmax_t>(sent) * 2000;
    EXPECT_GT(written, 20'000'000u);
    EXPECT_LT(largest_log, 8'000'000u) << "of " << written << " bytes of texts written";
}

}  // namespace
}  // namespace parley::storage::sqlite

// What the contract does not say: what a list costs at most, what counts as read from the beginning, and that queries find their way by indexes.
#include "storage/sqlite/conversation_store.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ranges>

#include "storage/contract/store_contract.hpp"
#include "storage/sqlite/bulk_loader.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"

namespace parley::storage::sqlite {
namespace {

class ConversationStoreTest : public testing::Test {
protected:
    std::filesystem::path data() const { return folder_.path() / "data"; }

    void open() {
        auto opened = Database::open({.data_dir = data()}, listener_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database_ = std::move(*opened);
    }
    chat::UserId sign_up(const std::string& name) {
        const auto id = chat::UserId::generate();
        EXPECT_TRUE(runner_.run(database_->users().create({id, name, name, name, "hash", chat::Gender::Male, ""})).has_value());
        return id;
    }
    chat::MessageId send(chat::UserId from, chat::UserId to, std::string text = "x") {
        const auto appended = runner_.run(database_->messages().append({from, to, std::move(text)}));
        EXPECT_TRUE(appended.has_value());
        return appended ? appended->message.id : chat::MessageId{};
    }
    void send_many(chat::UserId from, chat::UserId to, int count, const std::string& text = "x") {
        std::vector<Task<Result<chat::Appended>>> sends;
        for (int i = 0; i < count; ++i) sends.push_back(database_->messages().append({from, to, text}));
        for (const auto& sent : runner_.run_all(std::move(sends))) ASSERT_TRUE(sent.has_value());
    }
    chat::ConversationPage list(chat::ConversationQuery query) {
        auto page = runner_.run(database_->conversations().list(std::move(query)));
        EXPECT_TRUE(page.has_value());
        return page ? *std::move(page) : chat::ConversationPage{};
    }

    TemporaryFolder folder_;
    contract::RecordingListener listener_;
    contract::Runner runner_{2};
    std::unique_ptr<Database> database_;
};

// What a client knows who hears of everything: of bob's messages to alice, those after her mark and after her own last one.
class CountingListener : public chat::CommitListener {
public:
    explicit CountingListener(std::function<bool(const chat::Message&)> is_own) : is_own_(std::move(is_own)) {}

    void committed(const chat::Committed& event) override { heard_.push_back(event.message); }
    void marked_read(const chat::MarkedRead& event) override {
        std::size_t unread = 0;
        for (const auto& message : std::views::reverse(heard_)) {
            if (message.id == event.last_read || is_own_(message)) break;
            ++unread;
        }
        ++marks_;
        EXPECT_EQ(event.unread, std::min(unread, chat::kMaxUnreadCounted)) << marks_;
    }
    std::size_t marks() const { return marks_; }

private:
    const std::function<bool(const chat::Message&)> is_own_;
    std::vector<chat::Message> heard_;
    std::size_t marks_ = 0;
};

TEST_F(ConversationStoreTest, WhatIsHeardOfAMarkCountsJustWhatWasHeardBefore) {
    CountingListener counting([](const chat::Message& message) { return message.text == "own"; });
    auto opened = Database::open({.data_dir = data()}, counting);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    database_ = std::move(*opened);
    const auto alice = sign_up("alice");
    const auto bob = sign_up("bob");
    constexpr int kRounds = 30;
    for (int round = 0; round < kRounds; ++round) {
        const auto first = send(bob, alice);
        std::vector<std::future<Result<chat::Appended>>> sent;
        std::vector<std::future<Result<chat::ReadState>>> marked;
        marked.push_back(runner_.start(database_->conversations().mark_read({alice, bob, first})));
        for (int i = 0; i < 20; ++i) sent.push_back(runner_.start(database_->messages().append({bob, alice, "x"})));
        marked.push_back(runner_.start(database_->conversations().mark_read({alice, bob})));
        if (round % 3 == 0) sent.push_back(runner_.start(database_->messages().append({alice, bob, "own"})));
        marked.push_back(runner_.start(database_->conversations().mark_read({alice, bob, first})));
        for (auto& send : sent) EXPECT_TRUE(send.get().has_value());
        for (auto& mark : marked) EXPECT_TRUE(mark.get().has_value());
    }
    EXPECT_GE(counting.marks(), static_cast<std::size_t>(kRounds));
    const auto first_of_many = send(bob, alice);
    send_many(bob, alice, 1500);
    EXPECT_TRUE(runner_.run(database_->conversations().mark_read({alice, bob, first_of_many})).has_value());
    database_.reset();
}

TEST_F(ConversationStoreTest, WhatAnOlderServerStoredCountsAsReadAndWhatComesThenDoesNot) {
    open();
    const auto alice = sign_up("alice");
    const auto bob = sign_up("bob");
    const auto carol = sign_up("carol");
    send_many(bob, alice, 3);
    send_many(carol, alice, 2);
    database_.reset();
    {  // as the first version left it
        const auto inside = Connection::open({.path = (data() / "parley.db").string()}).value();
        ASSERT_TRUE(
            inside->execute("ALTER TABLE members DROP COLUMN read_seq; DELETE FROM meta WHERE key = 'read_until'; PRAGMA user_version=1")
                .has_value());
    }
    open();
    send_many(carol, alice, 2);
    const auto dave = sign_up("dave");
    const auto first = send(dave, alice);
    const auto page = list({.reader = alice});
    ASSERT_EQ(page.conversations.size(), 3u);
    EXPECT_EQ(page.conversations[0].state, (chat::ReadState{std::nullopt, 1})) << "a new conversation";
    EXPECT_EQ(page.conversations[1].state, (chat::ReadState{std::nullopt, 2})) << "an old one";
    EXPECT_EQ(page.conversations[2].state, (chat::ReadState{std::nullopt, 0}));
    EXPECT_EQ(runner_.run(database_->conversations().mark_read({alice, dave})), (chat::ReadState{first, 0}));

    database_.reset();
    open();
    EXPECT_EQ(list({.reader = alice}).conversations[1].state.unread, 2u) << "once and for all";
}

TEST_F(ConversationStoreTest, WhatAnImportBroughtCountsAsRead) {
    const chat::Timestamp then = chat::system_now();
    const auto alice = chat::UserId::generate();
    const auto bob = chat::UserId::generate();
    {
        auto lock = DataFolder::open(data()).value();
        auto loader = BulkLoader::open(lock).value();
        ASSERT_TRUE(loader->begin().has_value());
        for (const auto& [id, name] : {std::pair(alice, "alice"), std::pair(bob, "bob")}) {
            ASSERT_TRUE(loader->add(chat::User{id, name, name, "hash", chat::Gender::Male, "", then, then}).has_value());
        }
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(loader->add(chat::Message{chat::MessageId::generate(), bob, alice, "imported", then, then}).has_value());
        }
        ASSERT_TRUE(loader->commit("token").has_value());
    }
    open();
    EXPECT_EQ(list({.reader = alice}).conversations[0].state, chat::ReadState{});
    send(bob, alice);
    EXPECT_EQ(list({.reader = alice}).conversations[0].state, (chat::ReadState{std::nullopt, 1}));
}

TEST_F(ConversationStoreTest, APageOfLongTextsEndsEarlyAndSaysSo) {
    open();
    const auto alice = sign_up("alice");
    const std::string text(300'000, 'x');
    for (int i = 0; i < 6; ++i) send(alice, sign_up("peer" + std::to_string(i)), text);
    const auto first = list({.reader = alice});
    EXPECT_EQ(first.conversations.size(), 4u);
    ASSERT_TRUE(first.next.has_value());
    const auto second = list({.reader = alice, .after = *first.next});
    EXPECT_EQ(second.conversations.size(), 2u);
    EXPECT_FALSE(second.next.has_value());
}

TEST_F(ConversationStoreTest, APageThatIsDearToCountEndsEarlyAndSaysSo) {
    open();
    const auto alice = sign_up("alice");
    constexpr int kPeers = ConversationStore::kPageSteps / chat::kMaxUnreadCounted + 2;
    for (int i = 0; i < kPeers; ++i) send_many(sign_up("peer" + std::to_string(i)), alice, 1001);
    const auto first = list({.reader = alice});
    EXPECT_EQ(first.conversations.size(), ConversationStore::kPageSteps / chat::kMaxUnreadCounted);
    ASSERT_TRUE(first.next.has_value());
    const auto second = list({.reader = alice, .after = *first.next});
    EXPECT_EQ(second.conversations.size(), kPeers - first.conversations.size());
    EXPECT_FALSE(second.next.has_value());
}

TEST_F(ConversationStoreTest, TheCursorOfAnotherListIsNone) {
    open();
    const auto alice = sign_up("alice");
    const auto bob = sign_up("bob");
    send(alice, bob);
    send(alice, alice);
    const auto users = runner_.run(database_->users().list({.limit = 1}));
    ASSERT_TRUE(users && users->next);
    const auto refused = runner_.run(database_->conversations().list({.reader = alice, .after = *users->next}));
    EXPECT_EQ(contract::code_of(refused), ErrorCode::InvalidArgument);
    const auto page = list({.reader = alice, .limit = 1});
    ASSERT_TRUE(page.next.has_value());
    EXPECT_EQ(contract::code_of(runner_.run(database_->users().list({.after = *page.next}))), ErrorCode::InvalidArgument);
}

TEST_F(ConversationStoreTest, AMarkThatDoesNotMoveWritesNothing) {
    open();
    const auto alice = sign_up("alice");
    const auto bob = sign_up("bob");
    send(bob, alice);
    const auto mark = [&] { return runner_.run(database_->conversations().mark_read({alice, bob})).has_value(); };
    const auto log_bytes = [&] { return std::filesystem::file_size(data() / "parley.db-wal"); };
    const auto before = log_bytes();
    EXPECT_TRUE(mark());
    const auto after = log_bytes();
    EXPECT_GT(after, before);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(mark());
    EXPECT_EQ(log_bytes(), after);
}

}  // namespace
}  // namespace parley::storage::sqlite

#include "chat/messaging.hpp"

#include <gtest/gtest.h>

#include "storage/contract/run.hpp"
#include "storage/memory/message_store.hpp"
#include "storage/memory/user_store.hpp"

namespace parley::chat {
namespace {

// Nobody signs up or in here.
class NoHasher : public PasswordHasher {
public:
    Task<Result<std::string>> hash(std::string) override { co_return fail(ErrorCode::Unavailable, "no hasher"); }
    Task<Result<bool>> verify(std::string, std::string) override { co_return fail(ErrorCode::Unavailable, "no hasher"); }
    Task<Result<bool>> verify_nothing(std::string) override { co_return fail(ErrorCode::Unavailable, "no hasher"); }
};

class LastCommitted : public CommitListener {
public:
    void committed(const Committed& event) override { last = event; }
    std::optional<Committed> last;
};

class MessagingTest : public testing::Test {
protected:
    UserId user(const std::string& name) {
        NewUser user{.id = UserId::generate(),
                     .full_name = name,
                     .username = name,
                     .username_key = name,
                     .password_hash = "",
                     .gender = Gender::Male,
                     .profile_picture = ""};
        return runner_.run(users_.create(user)).value().id;
    }
    static std::string picture(UserId, const std::string&, Gender) { return ""; }

    Result<Appended> send(Draft draft) { return runner_.run(messaging_.send(std::move(draft))); }
    Result<MessagePage> history(HistoryQuery query) { return runner_.run(messaging_.history(std::move(query))); }

    void expect_refused(Draft draft, ErrorCode code, const std::string& text) {
        listener_.last.reset();
        const auto sent = send(std::move(draft));
        ASSERT_FALSE(sent.has_value()) << text;
        EXPECT_EQ(sent.error(), (Error{code, text}));
        EXPECT_FALSE(listener_.last.has_value());
    }

    storage::contract::Runner runner_;
    LastCommitted listener_;
    storage::MemoryUserStore users_;
    storage::MemoryMessageStore store_{users_, listener_};
    NoHasher hasher_;
    Accounts accounts_{users_, hasher_, picture};
    Messaging messaging_{accounts_, store_};
    const UserId alice_ = user("alice");
    const UserId bob_ = user("bob");
};

TEST_F(MessagingTest, AMessageIsStoredAnnouncedAndRead) {
    const auto version = runner_.run(messaging_.history_version(alice_, bob_)).value();
    const auto sent = send({alice_, bob_, "  hello ", "key", "socket"});
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->message.text, "  hello ");
    ASSERT_TRUE(listener_.last.has_value());
    EXPECT_EQ(listener_.last->origin, "socket");
    EXPECT_EQ(history({.reader = bob_, .peer = alice_}).value().messages, std::vector<Message>{sent->message});
    EXPECT_NE(runner_.run(messaging_.history_version(alice_, bob_)).value(), version);
}

TEST_F(MessagingTest, ATextIsNotEmptyButMayBeASpace) {
    expect_refused({alice_, bob_, ""}, ErrorCode::InvalidArgument, "Message cannot be empty");
    for (const auto& text : {std::string(" "), std::string("\n"), std::string("\0", 1)}) {
        EXPECT_TRUE(send({alice_, bob_, text}).has_value());
    }
}

TEST_F(MessagingTest, AReceiverWhoDoesNotExistIsNotFound) {
    expect_refused({alice_, UserId::generate(), "hello"}, ErrorCode::NotFound, "User not found");
}

TEST_F(MessagingTest, AReceiverWhomOnlyTheCacheStillKnowsIsNotFound) {
    ASSERT_TRUE(send({alice_, bob_, "hello"}).has_value());
    ASSERT_TRUE(runner_.run(users_.remove(bob_)).has_value());
    ASSERT_TRUE(runner_.run(accounts_.find(bob_)).value().has_value());
    expect_refused({alice_, bob_, "hello?"}, ErrorCode::NotFound, "User not found");
}

TEST_F(MessagingTest, AClientIdIsAtMost128PrintableAsciiCharacters) {
    EXPECT_TRUE(send({alice_, bob_, "a", std::string(128, 'k'), ""}).has_value());
    EXPECT_TRUE(send({alice_, bob_, "b", " ~!\"", ""}).has_value());
    for (const auto& id : {std::string(129, 'k'), std::string("a\n"), std::string("\x7F"), std::string("é"), std::string("\0", 1)}) {
        expect_refused({alice_, bob_, "hello", id, ""}, ErrorCode::InvalidArgument,
                       "An idempotency key has at most 128 characters, all of them printable ASCII");
    }
}

TEST_F(MessagingTest, ARetryIsTheFirstResultAndOtherwiseAConflict) {
    const auto first = send({alice_, bob_, "hello", "key", ""});
    const auto again = send({alice_, bob_, "hello", "key", ""});
    ASSERT_TRUE(first.has_value() && again.has_value());
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->message, first->message);
    EXPECT_EQ(send({alice_, bob_, "other", "key", ""}).error().code, ErrorCode::Conflict);
}

TEST_F(MessagingTest, APageHasOneCursorAtMost) {
    const auto sent = send({alice_, bob_, "hello"});
    ASSERT_TRUE(sent.has_value());
    const auto cursor = store_.cursor_of(sent->message);
    const auto both = history({.reader = alice_, .peer = bob_, .limit = 10, .before = cursor, .after = cursor, .from_start = true});
    ASSERT_FALSE(both.has_value());
    EXPECT_EQ(both.error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(history({.reader = alice_, .peer = bob_, .limit = 10, .before = cursor, .from_start = true}).has_value());
}

TEST_F(MessagingTest, ThePeerWhoDoesNotExistHasAnEmptyHistory) {
    EXPECT_TRUE(history({.reader = alice_, .peer = UserId::generate()}).value().messages.empty());
}

}  // namespace
}  // namespace parley::chat

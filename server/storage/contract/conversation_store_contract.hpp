// The contract of chat::ConversationStore as tests; see store_contract.hpp for how a storage runs them.
#pragma once

#include <algorithm>

#include "chat/conversation_store.hpp"
#include "storage/contract/store_contract.hpp"

namespace parley::storage::contract {

template <class Backend>
class ConversationStoreContract : public StoreContract<Backend> {
protected:
    using Ids = std::vector<chat::UserId>;

    chat::ConversationStore& conversations() { return this->backend_.conversations(); }

    // A message that must be taken, a millisecond after the one before.
    chat::Message send(chat::UserId from, chat::UserId to, std::string text = "hello") {
        this->clock_.move(std::chrono::milliseconds(1));
        const auto appended = this->runner_.run(this->messages().append({from, to, std::move(text)}));
        EXPECT_TRUE(appended.has_value());
        return appended ? appended->message : chat::Message{};
    }

    Result<chat::ConversationPage> page(chat::ConversationQuery query) { return this->runner_.run(conversations().list(std::move(query))); }
    std::vector<chat::ConversationSummary> list(chat::UserId reader) {
        auto whole = page({.reader = reader, .limit = 500});
        EXPECT_TRUE(whole.has_value());
        EXPECT_FALSE(whole && whole->next);
        return whole ? std::move(whole->conversations) : std::vector<chat::ConversationSummary>{};
    }
    Ids peers(chat::UserId reader) {
        Ids ids;
        for (const auto& summary : list(reader)) ids.push_back(summary.peer);
        return ids;
    }
    // Of a conversation that must be there.
    chat::ReadState state(chat::UserId reader, chat::UserId peer) {
        for (const auto& summary : list(reader)) {
            if (summary.peer == peer) return summary.state;
        }
        ADD_FAILURE() << "no such conversation";
        return {};
    }

    Result<chat::ReadState> mark(chat::ReadMark mark) { return this->runner_.run(conversations().mark_read(std::move(mark))); }
    // One that must be taken.
    chat::ReadState read(chat::UserId reader, chat::UserId peer, std::optional<chat::MessageId> message = {}, std::string origin = "") {
        const auto marked = mark({reader, peer, message, std::move(origin)});
        EXPECT_TRUE(marked.has_value());
        return marked.value_or(chat::ReadState{});
    }

    chat::UserId alice_ = this->sign_up("alice");
    chat::UserId bob_ = this->sign_up("bob");
    chat::UserId carol_ = this->sign_up("carol");
};

TYPED_TEST_SUITE_P(ConversationStoreContract);

TYPED_TEST_P(ConversationStoreContract, WhoNeverTalkedHasNoConversations) {
    this->send(this->alice_, this->bob_);
    EXPECT_TRUE(this->list(this->carol_).empty());
    EXPECT_TRUE(this->list(chat::UserId::generate()).empty());
}

TYPED_TEST_P(ConversationStoreContract, BothSeeTheirConversationWithItsLastMessageAndTheOther) {
    this->send(this->alice_, this->bob_, "hello");
    const auto last = this->send(this->bob_, this->alice_, "hi");
    for (const bool first : {true, false}) {
        const auto reader = first ? this->alice_ : this->bob_;
        const auto list = this->list(reader);
        ASSERT_EQ(list.size(), 1u);
        EXPECT_EQ(list[0].peer, first ? this->bob_ : this->alice_);
        EXPECT_EQ(list[0].last_message, last);
        ASSERT_TRUE(list[0].user.has_value());
        EXPECT_EQ(list[0].user->id, list[0].peer);
        EXPECT_EQ(list[0].user->username, first ? "bob" : "alice");
        EXPECT_EQ(list[0].user->full_name, first ? "Full bob" : "Full alice");
        EXPECT_EQ(list[0].user->profile_picture, first ? "/api/avatars/bob.svg" : "/api/avatars/alice.svg");
        EXPECT_EQ(list[0].user->gender, chat::Gender::Female);
        EXPECT_EQ(list[0].user->created_at, this->runner_.run(this->users().find(list[0].peer)).value()->created_at);
        EXPECT_EQ(list[0].user->password_hash, "");
    }
}

TYPED_TEST_P(ConversationStoreContract, TheLatestActivityComesFirst) {
    using Ids = typename TestFixture::Ids;
    this->send(this->alice_, this->bob_);
    this->send(this->carol_, this->alice_);
    this->send(this->alice_, this->alice_, "a note");
    this->send(this->bob_, this->carol_, "between others");
    EXPECT_EQ(this->peers(this->alice_), (Ids{this->alice_, this->carol_, this->bob_}));
    this->send(this->bob_, this->alice_);
    EXPECT_EQ(this->peers(this->alice_), (Ids{this->bob_, this->alice_, this->carol_}));
    EXPECT_EQ(this->peers(this->bob_), (Ids{this->alice_, this->carol_}));
}

TYPED_TEST_P(ConversationStoreContract, PagesFollowEachOtherToTheEnd) {
    typename TestFixture::Ids expected;
    for (int i = 0; i < 7; ++i) {
        expected.push_back(this->sign_up("peer" + std::to_string(i)));
        this->send(i % 2 == 0 ? this->alice_ : expected.back(), i % 2 == 0 ? expected.back() : this->alice_);
    }
    std::reverse(expected.begin(), expected.end());
    for (const std::size_t limit : {1u, 2u, 3u, 6u, 7u, 8u}) {
        typename TestFixture::Ids seen;
        chat::ConversationQuery query{.reader = this->alice_, .limit = limit};
        for (bool more = true; more;) {
            const auto page = this->page(query);
            ASSERT_TRUE(page.has_value());
            EXPECT_LE(page->conversations.size(), limit);
            EXPECT_FALSE(page->conversations.empty());
            for (const auto& summary : page->conversations) seen.push_back(summary.peer);
            more = page->next.has_value();
            if (more) query.after = *page->next;
        }
        EXPECT_EQ(seen, expected) << limit;
    }
}

TYPED_TEST_P(ConversationStoreContract, WhoeverWritesBetweenTwoPagesIsNotNamedTwice) {
    using Ids = typename TestFixture::Ids;
    this->send(this->alice_, this->bob_);
    this->send(this->alice_, this->alice_);
    this->send(this->alice_, this->carol_);
    const auto first = this->page({.reader = this->alice_, .limit = 2});
    ASSERT_TRUE(first && first->next);
    this->send(this->carol_, this->alice_);
    const auto second = this->page({.reader = this->alice_, .limit = 2, .after = *first->next});
    ASSERT_TRUE(second.has_value());
    ASSERT_EQ(second->conversations.size(), 1u);
    EXPECT_EQ(second->conversations[0].peer, this->bob_);
    EXPECT_EQ(this->peers(this->alice_), (Ids{this->carol_, this->alice_, this->bob_}));
}

TYPED_TEST_P(ConversationStoreContract, CursorsThatAreNoneAreRefused) {
    this->send(this->alice_, this->bob_);
    for (const std::string& cursor : {std::string("x"), std::string("0"), std::string("0123456789abcdef01234567"),
                                      std::string("AAAAAAAAAAAAAAAA"), std::string(1000, 'A'), std::string("a\0b", 3), std::string("💥")}) {
        const auto page = this->page({.reader = this->alice_, .after = cursor});
        EXPECT_EQ(code_of(page), ErrorCode::InvalidArgument) << cursor;
    }
}

TYPED_TEST_P(ConversationStoreContract, UnreadIsWhatTheOtherWroteAfterOnesOwnLastMessage) {
    this->send(this->bob_, this->alice_);
    this->send(this->bob_, this->alice_);
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{std::nullopt, 2}));
    EXPECT_EQ(this->state(this->bob_, this->alice_), (chat::ReadState{std::nullopt, 0}));
    this->send(this->alice_, this->bob_);
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{std::nullopt, 0}));
    EXPECT_EQ(this->state(this->bob_, this->alice_), (chat::ReadState{std::nullopt, 1}));
    this->send(this->bob_, this->alice_);
    EXPECT_EQ(this->state(this->alice_, this->bob_).unread, 1u);
    this->send(this->carol_, this->alice_);
    EXPECT_EQ(this->state(this->alice_, this->bob_).unread, 1u);
    EXPECT_EQ(this->state(this->alice_, this->carol_).unread, 1u);
}

TYPED_TEST_P(ConversationStoreContract, NotesToSelfAreNeverUnread) {
    const auto first = this->send(this->alice_, this->alice_);
    this->send(this->alice_, this->alice_);
    EXPECT_EQ(this->state(this->alice_, this->alice_), (chat::ReadState{std::nullopt, 0}));
    EXPECT_EQ(this->read(this->alice_, this->alice_, first.id), (chat::ReadState{first.id, 0}));
    EXPECT_EQ(this->state(this->alice_, this->alice_), (chat::ReadState{first.id, 0}));
}

TYPED_TEST_P(ConversationStoreContract, WhatIsMarkedIsReadForThatReaderInThatConversationOnly) {
    const auto first = this->send(this->bob_, this->alice_);
    const auto second = this->send(this->bob_, this->alice_);
    const auto third = this->send(this->bob_, this->alice_);
    this->send(this->carol_, this->alice_);
    EXPECT_EQ(this->read(this->alice_, this->bob_, second.id), (chat::ReadState{second.id, 1}));
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{second.id, 1}));
    EXPECT_EQ(this->state(this->alice_, this->carol_), (chat::ReadState{std::nullopt, 1}));
    EXPECT_EQ(this->state(this->bob_, this->alice_), (chat::ReadState{std::nullopt, 0}));
    EXPECT_EQ(this->read(this->bob_, this->alice_, first.id), (chat::ReadState{first.id, 0})) << "one's own";
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{second.id, 1}));
    EXPECT_EQ(this->read(this->alice_, this->bob_), (chat::ReadState{third.id, 0}));
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{third.id, 0}));
    this->send(this->bob_, this->alice_);
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{third.id, 1}));
}

TYPED_TEST_P(ConversationStoreContract, AMarkNeverGoesBackAndIsToldOfWhenItMoves) {
    const auto first = this->send(this->bob_, this->alice_);
    const auto second = this->send(this->bob_, this->alice_);
    this->send(this->bob_, this->alice_);
    EXPECT_EQ(this->read(this->alice_, this->bob_, second.id, "tab-1"), (chat::ReadState{second.id, 1}));
    EXPECT_EQ(this->read(this->alice_, this->bob_, second.id), (chat::ReadState{second.id, 1}));
    EXPECT_EQ(this->read(this->alice_, this->bob_, first.id), (chat::ReadState{second.id, 1}));
    ASSERT_EQ(this->listener_.marks().size(), 1u);
    const auto told = this->listener_.marks()[0];
    EXPECT_EQ(told.reader, this->alice_);
    EXPECT_EQ(told.peer, this->bob_);
    EXPECT_EQ(told.last_read, second.id);
    EXPECT_EQ(told.unread, 1u);
    EXPECT_EQ(told.origin, "tab-1");
    this->read(this->alice_, this->bob_);
    this->read(this->alice_, this->bob_);
    EXPECT_EQ(this->listener_.marks().size(), 2u);
}

TYPED_TEST_P(ConversationStoreContract, AMessageOfAnotherConversationIsNotFound) {
    const auto ours = this->send(this->bob_, this->alice_);
    const auto carols = this->send(this->carol_, this->alice_);
    const auto of_others = this->send(this->bob_, this->carol_);
    for (const auto& message : {carols.id, of_others.id, chat::MessageId::generate()}) {
        EXPECT_EQ(code_of(this->mark({this->alice_, this->bob_, message})), ErrorCode::NotFound);
    }
    EXPECT_EQ(code_of(this->mark({this->alice_, this->alice_, ours.id})), ErrorCode::NotFound);
    EXPECT_EQ(code_of(this->mark({this->alice_, chat::UserId::generate(), ours.id})), ErrorCode::NotFound);
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{std::nullopt, 1}));
    EXPECT_EQ(this->state(this->alice_, this->carol_), (chat::ReadState{std::nullopt, 1}));
    EXPECT_TRUE(this->listener_.marks().empty());
}

TYPED_TEST_P(ConversationStoreContract, WhereNobodyTalkedThereIsNothingToMark) {
    EXPECT_EQ(this->read(this->alice_, this->bob_), chat::ReadState{});
    EXPECT_EQ(this->read(this->alice_, chat::UserId::generate()), chat::ReadState{});
    EXPECT_TRUE(this->listener_.marks().empty());
    EXPECT_TRUE(this->list(this->alice_).empty());
}

TYPED_TEST_P(ConversationStoreContract, AThousandUnreadStandForMore) {
    constexpr int kMessages = 1010;
    std::vector<Task<Result<chat::Appended>>> sends;
    for (int i = 0; i < kMessages; ++i) sends.push_back(this->messages().append({this->bob_, this->alice_, std::to_string(i)}));
    for (const auto& sent : this->runner_.run_all(std::move(sends))) ASSERT_TRUE(sent.has_value());
    const auto history = this->runner_.run(this->messages().history({.reader = this->alice_, .peer = this->bob_, .limit = kMessages}));
    ASSERT_TRUE(history.has_value());
    const auto& messages = history->messages;
    ASSERT_EQ(messages.size(), static_cast<std::size_t>(kMessages));

    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{std::nullopt, 1000}));
    EXPECT_EQ(this->read(this->alice_, this->bob_, messages[5].id), (chat::ReadState{messages[5].id, 1000}));
    EXPECT_EQ(this->read(this->alice_, this->bob_, messages[9].id), (chat::ReadState{messages[9].id, 1000}));
    EXPECT_EQ(this->read(this->alice_, this->bob_, messages[10].id), (chat::ReadState{messages[10].id, 999}));
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{messages[10].id, 999}));
}

TYPED_TEST_P(ConversationStoreContract, ConcurrentMarksEndAtTheLatestAndAreToldInOrder) {
    std::vector<chat::MessageId> sent;
    for (int i = 0; i < 24; ++i) sent.push_back(this->send(this->bob_, this->alice_).id);
    std::vector<Task<Result<chat::ReadState>>> marks;
    for (int i = 0; i < 24; ++i) {
        const auto message = sent[static_cast<std::size_t>(i * 7 % 24)];
        marks.push_back(this->conversations().mark_read({this->alice_, this->bob_, message, ""}));
    }
    for (const auto& marked : this->runner_.run_all(std::move(marks))) EXPECT_TRUE(marked.has_value());
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{sent.back(), 0}));
    const auto told = this->listener_.marks();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().last_read, sent.back());
    EXPECT_TRUE(std::ranges::is_sorted(told, std::ranges::greater(), &chat::MarkedRead::unread));
}

TYPED_TEST_P(ConversationStoreContract, TheConversationWithSomebodyWhoIsGoneStays) {
    const auto message = this->send(this->bob_, this->alice_);
    ASSERT_TRUE(this->runner_.run(this->users().remove(this->bob_)).has_value());
    const auto list = this->list(this->alice_);
    ASSERT_EQ(list.size(), 1u);
    EXPECT_EQ(list[0].peer, this->bob_);
    EXPECT_FALSE(list[0].user.has_value());
    EXPECT_EQ(list[0].last_message, message);
    EXPECT_EQ(list[0].state.unread, 1u);
    EXPECT_EQ(this->read(this->alice_, this->bob_), (chat::ReadState{message.id, 0}));
}

TYPED_TEST_P(ConversationStoreContract, MarksAreThereAfterReopening) {
    PARLEY_DURABLE_ONLY(TypeParam);
    const auto first = this->send(this->bob_, this->alice_);
    this->send(this->bob_, this->alice_);
    this->send(this->alice_, this->carol_);
    this->read(this->alice_, this->bob_, first.id);
    this->reopen();
    EXPECT_EQ(this->state(this->alice_, this->bob_), (chat::ReadState{first.id, 1}));
    EXPECT_EQ(this->state(this->alice_, this->carol_), (chat::ReadState{std::nullopt, 0}));
    EXPECT_EQ(this->state(this->carol_, this->alice_), (chat::ReadState{std::nullopt, 1}));
    EXPECT_EQ(this->read(this->alice_, this->bob_, first.id), (chat::ReadState{first.id, 1}));
    EXPECT_EQ(this->listener_.marks().size(), 1u);
}

REGISTER_TYPED_TEST_SUITE_P(ConversationStoreContract, WhoNeverTalkedHasNoConversations,
                            BothSeeTheirConversationWithItsLastMessageAndTheOther, TheLatestActivityComesFirst,
                            PagesFollowEachOtherToTheEnd, WhoeverWritesBetweenTwoPagesIsNotNamedTwice, CursorsThatAreNoneAreRefused,
                            UnreadIsWhatTheOtherWroteAfterOnesOwnLastMessage, NotesToSelfAreNeverUnread,
                            WhatIsMarkedIsReadForThatReaderInThatConversationOnly, AMarkNeverGoesBackAndIsToldOfWhenItMoves,
                            AMessageOfAnotherConversationIsNotFound, WhereNobodyTalkedThereIsNothingToMark, AThousandUnreadStandForMore,
                            ConcurrentMarksEndAtTheLatestAndAreToldInOrder, TheConversationWithSomebodyWhoIsGoneStays,
                            MarksAreThereAfterReopening);

}  // namespace parley::storage::contract

// The contract of chat::MessageStore as tests; see store_contract.hpp for how a storage runs them.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "storage/contract/store_contract.hpp"

namespace parley::storage::contract {

template <class Backend>
class MessageStoreContract : public StoreContract<Backend> {
protected:
    using Texts = std::vector<std::string>;

    Result<chat::Appended> append(chat::Draft draft) { return this->runner_.run(this->messages().append(std::move(draft))); }

    // A message that must be taken.
    chat::Message send(chat::UserId from, chat::UserId to, std::string text) {
        const auto appended = append({from, to, std::move(text)});
        EXPECT_TRUE(appended.has_value());
        return appended ? appended->message : chat::Message{};
    }

    Result<chat::MessagePage> page(chat::HistoryQuery query) { return this->runner_.run(this->messages().history(std::move(query))); }

    std::vector<chat::Message> history(chat::UserId reader, chat::UserId peer) {
        const auto whole = page({.reader = reader, .peer = peer, .limit = 100'000, .from_start = true});
        EXPECT_TRUE(whole.has_value());
        EXPECT_FALSE(whole && whole->more);
        return whole ? whole->messages : std::vector<chat::Message>{};
    }

    static Texts texts(const std::vector<chat::Message>& messages) {
        Texts result;
        for (const auto& message : messages) result.push_back(message.text);
        return result;
    }
    Texts texts(chat::UserId reader, chat::UserId peer) { return texts(history(reader, peer)); }

    std::string version(chat::UserId reader, chat::UserId peer) {
        return this->runner_.run(this->messages().history_version(reader, peer)).value();
    }

    std::string cursor(const chat::Message& message) { return this->messages().cursor_of(message); }

    std::vector<Result<chat::Appended>> append_all(std::vector<chat::Draft> drafts) {
        std::vector<Task<Result<chat::Appended>>> tasks;
        for (auto& draft : drafts) tasks.push_back(this->messages().append(std::move(draft)));
        return this->runner_.run_all(std::move(tasks));
    }

    // Sends `count` messages one after the other, as one person does. True if all were taken.
    static Task<bool> send_many(chat::MessageStore* store, chat::UserId from, chat::UserId to, int count, std::string name) {
        for (int i = 0; i < count; ++i) {
            chat::Draft draft{from, to, name + ":" + std::to_string(i)};
            const auto appended = co_await store->append(std::move(draft));
            if (!appended) co_return false;
        }
        co_return true;
    }

    // Reads the whole conversation until it has `count` messages. True if every reading was a continuation of the one before.
    static Task<bool> watch_prefixes(chat::MessageStore* store, chat::UserId reader, chat::UserId peer, std::size_t count) {
        std::vector<chat::Message> seen;
        while (seen.size() < count) {
            chat::HistoryQuery query{.reader = reader, .peer = peer, .limit = count + 1, .from_start = true};
            const auto page = co_await store->history(std::move(query));
            if (!page || page->messages.size() < seen.size()) co_return false;
            if (!std::equal(seen.begin(), seen.end(), page->messages.begin())) co_return false;
            seen = page->messages;
            co_await sleep_for(std::chrono::milliseconds(1));
        }
        co_return true;
    }

    // For each of the conversation's pages as `next` walks them: at most `limit` messages, and `more` exactly until the last.
    Texts walk(chat::HistoryQuery query, bool forwards) {
        std::vector<Texts> pages;
        for (;;) {
            const auto page = this->page(query);
            EXPECT_TRUE(page.has_value());
            if (!page) break;
            EXPECT_LE(page->messages.size(), query.limit);
            pages.push_back(texts(page->messages));
            if (!page->more) break;
            EXPECT_EQ(page->messages.size(), query.limit);
            if (page->messages.empty()) break;
            query.after = forwards ? cursor(page->messages.back()) : "";
            query.before = forwards ? "" : cursor(page->messages.front());
        }
        if (!forwards) std::reverse(pages.begin(), pages.end());
        Texts all;
        for (const auto& part : pages) all.insert(all.end(), part.begin(), part.end());
        return all;
    }

    chat::UserId alice_ = this->sign_up("alice");
    chat::UserId bob_ = this->sign_up("bob");
    chat::UserId carol_ = this->sign_up("carol");
};

TYPED_TEST_SUITE_P(MessageStoreContract);

TYPED_TEST_P(MessageStoreContract, WhatWasSentIsReadByBothInTheOrderOfSending) {
    const auto first = this->send(this->alice_, this->bob_, "hello");
    this->clock_.move(std::chrono::milliseconds(5));
    const auto second = this->send(this->bob_, this->alice_, "hi");
    EXPECT_EQ(first.sender, this->alice_);
    EXPECT_EQ(first.receiver, this->bob_);
    EXPECT_EQ(first.text, "hello");
    EXPECT_EQ(second.created_at, this->clock_.now());
    EXPECT_EQ(second.updated_at, second.created_at);
    EXPECT_EQ(second.created_at - first.created_at, std::chrono::milliseconds(5));
    EXPECT_NE(first.id, second.id);
    EXPECT_EQ(this->history(this->alice_, this->bob_), (std::vector<chat::Message>{first, second}));
    EXPECT_EQ(this->history(this->bob_, this->alice_), (std::vector<chat::Message>{first, second}));
}

TYPED_TEST_P(MessageStoreContract, ThoseWhoNeverTalkedHaveAnEmptyHistory) {
    this->send(this->alice_, this->bob_, "hello");
    EXPECT_EQ(this->texts(this->alice_, this->carol_), typename TestFixture::Texts{});
    EXPECT_EQ(this->texts(this->alice_, chat::UserId::generate()), typename TestFixture::Texts{});
    EXPECT_EQ(this->version(this->alice_, this->carol_), "");
}

TYPED_TEST_P(MessageStoreContract, NotesToSelfAreAConversationOfTheirOwn) {
    this->send(this->alice_, this->alice_, "note");
    this->send(this->alice_, this->bob_, "for bob");
    this->send(this->bob_, this->bob_, "bob's note");
    EXPECT_EQ(this->texts(this->alice_, this->alice_), typename TestFixture::Texts{"note"});
    EXPECT_EQ(this->texts(this->alice_, this->bob_), typename TestFixture::Texts{"for bob"});
    EXPECT_EQ(this->texts(this->bob_, this->bob_), typename TestFixture::Texts{"bob's note"});
}

TYPED_TEST_P(MessageStoreContract, AReceiverWhoDoesNotExistIsNotFoundAndNothingIsStored) {
    const auto nobody = chat::UserId::generate();
    EXPECT_EQ(code_of(this->append({this->alice_, nobody, "hello", "key", ""})), ErrorCode::NotFound);
    EXPECT_EQ(this->texts(this->alice_, nobody), typename TestFixture::Texts{});
    EXPECT_EQ(this->version(this->alice_, nobody), "");
    EXPECT_TRUE(this->listener_.events().empty());
    EXPECT_TRUE(this->append({this->alice_, this->bob_, "hello", "key", ""}).has_value()) << "the key of a refused message stays free";
}

TYPED_TEST_P(MessageStoreContract, TheMessagesOfARemovedUserStayButNoneAreAdded) {
    this->send(this->alice_, this->bob_, "hello");
    ASSERT_TRUE(this->runner_.run(this->users().remove(this->bob_)).has_value());
    EXPECT_EQ(this->texts(this->alice_, this->bob_), typename TestFixture::Texts{"hello"});
    EXPECT_EQ(code_of(this->append({this->alice_, this->bob_, "still there?"})), ErrorCode::NotFound);
}

TYPED_TEST_P(MessageStoreContract, TextsComeBackByteForByte) {
    const typename TestFixture::Texts given{std::string("a\0b\0", 4),     std::string("\0", 1),     " ", "\n", "👋🏽 hi 🎉",
                                            "'; DROP TABLE messages; --", std::string(100'000, 'x')};
    for (const auto& text : given) EXPECT_EQ(this->send(this->alice_, this->bob_, text).text, text);
    EXPECT_EQ(this->texts(this->bob_, this->alice_), given);
}

TYPED_TEST_P(MessageStoreContract, ConcurrentFirstMessagesFromBothSidesShareOneConversation) {
    std::vector<chat::Draft> drafts;
    for (int i = 0; i < 16; ++i) {
        drafts.push_back({this->alice_, this->bob_, "a" + std::to_string(i)});
        drafts.push_back({this->bob_, this->alice_, "b" + std::to_string(i)});
    }
    for (const auto& result : this->append_all(drafts)) EXPECT_TRUE(result.has_value());
    EXPECT_EQ(this->history(this->alice_, this->bob_).size(), 32u);
    EXPECT_EQ(this->history(this->alice_, this->bob_), this->history(this->bob_, this->alice_));
}

TYPED_TEST_P(MessageStoreContract, EightSendersReadersAndTheListenerAgreeOnOneOrder) {
    constexpr int kSenders = 8;
    constexpr int kEach = 200;
    auto* store = &this->messages();
    auto watching = this->runner_.start(this->watch_prefixes(store, this->bob_, this->alice_, kSenders * kEach));
    std::vector<Task<bool>> tasks;
    for (int i = 0; i < kSenders; ++i) {
        const auto from = i % 2 == 0 ? this->alice_ : this->bob_;
        tasks.push_back(this->send_many(store, from, i % 2 == 0 ? this->bob_ : this->alice_, kEach, std::to_string(i)));
    }
    for (const bool sent : this->runner_.run_all(std::move(tasks))) EXPECT_TRUE(sent);
    EXPECT_TRUE(watching.get());

    const auto history = this->history(this->alice_, this->bob_);
    std::vector<chat::Message> announced;
    for (const auto& event : this->listener_.events()) announced.push_back(event.message);
    EXPECT_TRUE(history == announced) << history.size() << " stored, " << announced.size() << " announced";
    std::map<std::string, int> next;
    for (const auto& message : history) {
        const auto colon = message.text.find(':');
        EXPECT_EQ(std::stoi(message.text.substr(colon + 1)), next[message.text.substr(0, colon)]++);
    }
}

TYPED_TEST_P(MessageStoreContract, TheListenerHearsOfAMessageOnceBeforeAppendReturns) {
    const auto appended = this->append({this->alice_, this->bob_, "hello", "key", "socket-1"});
    ASSERT_TRUE(appended.has_value());
    auto events = this->listener_.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].message, appended->message);
    EXPECT_EQ(events[0].client_id, "key");
    EXPECT_EQ(events[0].origin, "socket-1");
    ASSERT_TRUE(this->append({this->alice_, this->bob_, "hello", "key", "socket-2"}).has_value());
    EXPECT_EQ(this->listener_.events().size(), 1u) << "a repeated message is not announced";
}

TYPED_TEST_P(MessageStoreContract, TimesNeverDecreaseThoughTheClockSteppedBack) {
    std::vector<chat::Message> sent{this->send(this->alice_, this->bob_, "1")};
    this->clock_.move(-std::chrono::hours(1));
    sent.push_back(this->send(this->bob_, this->alice_, "2"));
    if constexpr (TypeParam::kDurable) this->reopen();
    sent.push_back(this->send(this->alice_, this->bob_, "3"));
    this->clock_.move(std::chrono::hours(2));
    sent.push_back(this->send(this->alice_, this->bob_, "4"));
    EXPECT_TRUE(std::is_sorted(sent.begin(), sent.end(), [](const auto& a, const auto& b) { return a.created_at < b.created_at; }));
    EXPECT_EQ(sent.back().created_at, this->clock_.now());
    EXPECT_EQ(this->history(this->alice_, this->bob_), sent);
}

TYPED_TEST_P(MessageStoreContract, ARetryWithItsKeyReturnsTheFirstResult) {
    const auto first = this->append({this->alice_, this->bob_, "hello", "key", ""});
    this->clock_.move(std::chrono::hours(24) - std::chrono::seconds(1));
    this->send(this->alice_, this->bob_, "in between");
    const auto again = this->append({this->alice_, this->bob_, "hello", "key", ""});
    ASSERT_TRUE(first.has_value() && again.has_value());
    EXPECT_FALSE(first->repeated);
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->message, first->message);
    EXPECT_EQ(this->texts(this->alice_, this->bob_), (typename TestFixture::Texts{"hello", "in between"}));
}

TYPED_TEST_P(MessageStoreContract, AKeyUsedAgainForSomethingElseIsAConflict) {
    ASSERT_TRUE(this->append({this->alice_, this->bob_, "hello", "key", ""}).has_value());
    EXPECT_EQ(code_of(this->append({this->alice_, this->bob_, "other", "key", ""})), ErrorCode::Conflict);
    EXPECT_EQ(code_of(this->append({this->alice_, this->carol_, "hello", "key", ""})), ErrorCode::Conflict);
    EXPECT_EQ(code_of(this->append({this->alice_, this->alice_, "hello", "key", ""})), ErrorCode::Conflict);
    EXPECT_EQ(this->texts(this->alice_, this->bob_), typename TestFixture::Texts{"hello"});
    EXPECT_EQ(this->texts(this->alice_, this->carol_), typename TestFixture::Texts{});
    EXPECT_EQ(this->listener_.events().size(), 1u);
}

TYPED_TEST_P(MessageStoreContract, KeysArePerSenderAndNoKeyIsNoKey) {
    for (const auto& [from, to, key] : {std::tuple(this->alice_, this->bob_, "key"), std::tuple(this->bob_, this->alice_, "key"),
                                        std::tuple(this->alice_, this->bob_, "KEY"), std::tuple(this->alice_, this->bob_, ""),
                                        std::tuple(this->alice_, this->bob_, "")}) {
        const auto appended = this->append({from, to, "hello", key, ""});
        ASSERT_TRUE(appended.has_value());
        EXPECT_FALSE(appended->repeated);
    }
    EXPECT_EQ(this->history(this->alice_, this->bob_).size(), 5u);
}

TYPED_TEST_P(MessageStoreContract, OfConcurrentDuplicatesOneIsStoredAndAllGetIt) {
    const auto results = this->append_all(std::vector<chat::Draft>(32, {this->alice_, this->bob_, "hello", "key", ""}));
    const auto stored = this->history(this->alice_, this->bob_);
    ASSERT_EQ(stored.size(), 1u);
    int first_ones = 0;
    for (const auto& result : results) {
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->message, stored[0]);
        first_ones += result->repeated ? 0 : 1;
    }
    EXPECT_EQ(first_ones, 1);
    EXPECT_EQ(this->listener_.events().size(), 1u);
}

TYPED_TEST_P(MessageStoreContract, OfConcurrentTextsUnderOneKeyOneIsStoredAndTheOthersConflict) {
    std::vector<chat::Draft> drafts;
    for (int i = 0; i < 16; ++i) drafts.push_back({this->alice_, this->bob_, "text " + std::to_string(i), "key", ""});
    int stored = 0;
    for (const auto& result : this->append_all(drafts)) {
        if (!result) EXPECT_EQ(result.error().code, ErrorCode::Conflict);
        stored += result ? 1 : 0;
    }
    EXPECT_EQ(stored, 1);
    EXPECT_EQ(this->history(this->alice_, this->bob_).size(), 1u);
}

TYPED_TEST_P(MessageStoreContract, PagesInEitherDirectionTogetherAreTheHistory) {
    typename TestFixture::Texts all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(std::to_string(i));
        this->send(i % 3 == 0 ? this->bob_ : this->alice_, i % 3 == 0 ? this->alice_ : this->bob_, all.back());
        this->send(this->alice_, this->carol_, "elsewhere");
    }
    for (const std::size_t limit : {1u, 2u, 3u, 5u, 9u, 10u, 11u}) {
        chat::HistoryQuery query{.reader = this->alice_, .peer = this->bob_, .limit = limit, .from_start = true};
        EXPECT_EQ(this->walk(query, true), all) << limit;
        query.from_start = false;
        EXPECT_EQ(this->walk(query, false), all) << limit;
    }
}

TYPED_TEST_P(MessageStoreContract, ACursorIsAPlaceBetweenMessages) {
    std::vector<chat::Message> sent;
    for (int i = 0; i < 6; ++i) sent.push_back(this->send(this->alice_, this->bob_, std::to_string(i)));
    const auto ask = [&](std::size_t limit, std::string before, std::string after, bool from_start) {
        return this->page({this->alice_, this->bob_, limit, std::move(before), std::move(after), from_start}).value();
    };
    const auto expect = [&](const chat::MessagePage& page, std::size_t first, std::size_t last, bool more) {
        EXPECT_EQ(page.messages,
                  std::vector<chat::Message>(sent.begin() + static_cast<long>(first), sent.begin() + static_cast<long>(last)));
        EXPECT_EQ(page.more, more);
    };
    expect(ask(2, "", "", true), 0, 2, true);
    expect(ask(2, "", "", false), 4, 6, true);
    expect(ask(6, "", "", false), 0, 6, false);
    for (const bool from_start : {true, false}) {
        expect(ask(2, this->cursor(sent[4]), "", from_start), 2, 4, true);
        expect(ask(4, this->cursor(sent[4]), "", from_start), 0, 4, false);
        expect(ask(2, this->cursor(sent[0]), "", from_start), 0, 0, false);
        expect(ask(2, "", this->cursor(sent[1]), from_start), 2, 4, true);
        expect(ask(4, "", this->cursor(sent[1]), from_start), 2, 6, false);
        expect(ask(2, "", this->cursor(sent[5]), from_start), 6, 6, false);
    }
    const auto newer = this->send(this->bob_, this->alice_, "6");
    EXPECT_EQ(ask(10, "", this->cursor(sent[5]), true).messages, std::vector<chat::Message>{newer});
}

TYPED_TEST_P(MessageStoreContract, CursorsFitIntoAUrl) {
    const auto sent = this->send(this->alice_, this->bob_, "hello");
    const auto cursor = this->cursor(sent);
    EXPECT_FALSE(cursor.empty());
    EXPECT_EQ(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"), std::string::npos) << cursor;
    EXPECT_EQ(cursor, this->cursor(this->history(this->bob_, this->alice_).at(0)));
}

TYPED_TEST_P(MessageStoreContract, ACursorThatIsNoneIsRefused) {
    const auto sent = this->send(this->alice_, this->bob_, "hello");
    for (const auto& cursor : {std::string("x"), std::string("-1"), std::string("1 OR 1"), std::string(100'000, '9'), std::string("\0", 1),
                               this->cursor(sent) + "x", this->cursor(sent).substr(1)}) {
        EXPECT_EQ(code_of(this->page({this->alice_, this->bob_, 10, cursor, "", true})), ErrorCode::InvalidArgument)
            << cursor.substr(0, 50);
        EXPECT_EQ(code_of(this->page({this->alice_, this->bob_, 10, "", cursor, true})), ErrorCode::InvalidArgument)
            << cursor.substr(0, 50);
    }
}

TYPED_TEST_P(MessageStoreContract, ACursorOfAnotherConversationShowsNothingOfIt) {
    std::vector<std::string> foreign;
    for (int i = 0; i < 3; ++i) foreign.push_back(this->cursor(this->send(this->bob_, this->carol_, "secret")));
    this->send(this->alice_, this->bob_, "hello");
    std::vector<chat::HistoryQuery> queries;
    for (const auto& cursor : foreign) {
        queries.push_back({.reader = this->alice_, .peer = this->bob_, .limit = 10, .before = cursor});
        queries.push_back({.reader = this->alice_, .peer = this->bob_, .limit = 10, .after = cursor});
    }
    for (const auto& query : queries) {
        const auto page = this->page(query);
        if (page) {
            for (const auto& message : page->messages) EXPECT_EQ(message.text, "hello");
        } else {
            EXPECT_EQ(page.error().code, ErrorCode::InvalidArgument);
        }
    }
}

TYPED_TEST_P(MessageStoreContract, TheHistoryVersionChangesWithItsConversationAndOnlyThen) {
    EXPECT_EQ(this->version(this->alice_, this->bob_), "");
    std::set<std::string> versions{""};
    for (int i = 0; i < 5; ++i) {
        this->send(i % 2 == 0 ? this->alice_ : this->bob_, i % 2 == 0 ? this->bob_ : this->alice_, "same");
        EXPECT_TRUE(versions.insert(this->version(this->alice_, this->bob_)).second) << i;
        EXPECT_EQ(this->version(this->alice_, this->bob_), this->version(this->bob_, this->alice_));
    }
    const auto before = this->version(this->alice_, this->bob_);
    this->send(this->alice_, this->carol_, "elsewhere");
    this->send(this->alice_, this->alice_, "note");
    EXPECT_EQ(this->version(this->alice_, this->bob_), before);
}

TYPED_TEST_P(MessageStoreContract, EverythingIsThereAfterReopening) {
    PARLEY_DURABLE_ONLY(TypeParam);
    const auto first = this->append({this->alice_, this->bob_, std::string("hel\0lo", 6), "key", ""});
    ASSERT_TRUE(first.has_value());
    const auto second = this->send(this->bob_, this->alice_, "hi");
    this->send(this->alice_, this->alice_, "note");
    const auto version = this->version(this->alice_, this->bob_);
    const auto place = this->cursor(first->message);
    this->reopen();

    EXPECT_EQ(this->history(this->alice_, this->bob_), (std::vector<chat::Message>{first->message, second}));
    EXPECT_EQ(this->texts(this->alice_, this->alice_), typename TestFixture::Texts{"note"});
    EXPECT_EQ(this->version(this->alice_, this->bob_), version);
    EXPECT_EQ(this->page({this->bob_, this->alice_, 10, "", place, true}).value().messages, std::vector<chat::Message>{second});
    const auto again = this->append({this->alice_, this->bob_, std::string("hel\0lo", 6), "key", ""});
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->message, first->message);
    EXPECT_EQ(this->listener_.events().size(), 3u) << "what was announced is not announced again";
    this->send(this->alice_, this->bob_, "bye");
    EXPECT_EQ(this->history(this->alice_, this->bob_).size(), 3u);
    EXPECT_NE(this->version(this->alice_, this->bob_), version);
}

REGISTER_TYPED_TEST_SUITE_P(MessageStoreContract, WhatWasSentIsReadByBothInTheOrderOfSending, ThoseWhoNeverTalkedHaveAnEmptyHistory,
                            NotesToSelfAreAConversationOfTheirOwn, AReceiverWhoDoesNotExistIsNotFoundAndNothingIsStored,
                            TheMessagesOfARemovedUserStayButNoneAreAdded, TextsComeBackByteForByte,
                            ConcurrentFirstMessagesFromBothSidesShareOneConversation, EightSendersReadersAndTheListenerAgreeOnOneOrder,
                            TheListenerHearsOfAMessageOnceBeforeAppendReturns, TimesNeverDecreaseThoughTheClockSteppedBack,
                            ARetryWithItsKeyReturnsTheFirstResult, AKeyUsedAgainForSomethingElseIsAConflict,
                            KeysArePerSenderAndNoKeyIsNoKey, OfConcurrentDuplicatesOneIsStoredAndAllGetIt,
                            OfConcurrentTextsUnderOneKeyOneIsStoredAndTheOthersConflict, PagesInEitherDirectionTogetherAreTheHistory,
                            ACursorIsAPlaceBetweenMessages, CursorsFitIntoAUrl, ACursorThatIsNoneIsRefused,
                            ACursorOfAnotherConversationShowsNothingOfIt, TheHistoryVersionChangesWithItsConversationAndOnlyThen,
                            EverythingIsThereAfterReopening);

}  // namespace parley::storage::contract

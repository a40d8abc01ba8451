// What the contract does not say: what other programs have written, what counts as read from the beginning, and marks of several servers.
#include "storage/mongodb/conversation_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "storage/contract/store_contract.hpp"
#include "storage/mongodb/database.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/tests/people.hpp"

namespace parley::storage::mongodb {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;
using Ids = std::vector<chat::UserId>;

class Reads : public testing::TestWithParam<TestServer::Kind> {
protected:
    // A server process, with a listener of its own.
    struct Process {
        explicit Process(const std::string& uri) : database(Database::open({.uri = uri}, listener, changes).value()) {}
        chat::ConversationStore& store() { return database->conversations(); }
        contract::RecordingListener listener;
        RecordingChanges changes;
        std::unique_ptr<Database> database;
    };

    void SetUp() override {
        if (!TestServer::require(GetParam())) return;
        uri_ = TestServer::fresh_uri(GetParam());
        link_ = *Link::make({.uri = uri_});
        ASSERT_TRUE(link_->start({}, std::chrono::seconds(20)).has_value());
        client_ = std::make_unique<Client>(*link_);
    }
    std::unique_ptr<Process> open() { return std::make_unique<Process>(uri_); }

    // As another program does. time: none, a message without one.
    chat::MessageId write(chat::UserId from, chat::UserId to, std::optional<chat::Timestamp> time = chat::system_now()) {
        const auto id = chat::MessageId::generate();
        Bson document = Bson().add("_id", id).add("senderId", from).add("receiverId", to).add("message", "x");
        if (time) document.add("createdAt", *time).add("updatedAt", *time);
        insert(kMessages, document);
        return id;
    }
    void write_conversation(const Ids& participants, std::optional<chat::Timestamp> updated_at = chat::system_now()) {
        Bson document = Bson().add("_id", chat::ConversationId::generate()).add_array("participants", participants);
        document.add_array("messages", std::vector<chat::MessageId>());
        if (updated_at) document.add("updatedAt", *updated_at);
        insert(kConversations, document);
    }
    void insert(const char* collection, const Bson& document) { EXPECT_TRUE(client_->insert(collection, document).has_value()); }

    std::vector<chat::ConversationSummary> list(Process& process) {
        const auto page = contract::Runner(1).run(process.store().list({.reader = alice_}));
        EXPECT_TRUE(page.has_value());
        return page ? page->conversations : std::vector<chat::ConversationSummary>{};
    }
    chat::ReadState mark(Process& process, std::optional<chat::MessageId> message = {}) {
        const auto state = runner_.run(process.store().mark_read({alice_, bob_, message}));
        EXPECT_TRUE(state.has_value());
        return state.value_or(chat::ReadState{});
    }
    // The marks that were told, as soon as there are `count` of them; then a moment for one too many.
    static std::vector<chat::MarkedRead> told(Process& process, std::size_t count) {
        for (int i = 0; i < 600 && process.listener.marks().size() < count; ++i) std::this_thread::sleep_for(milliseconds(50));
        std::this_thread::sleep_for(milliseconds(300));
        return process.listener.marks();
    }
    // All pages; `limit` at most on each.
    std::vector<chat::ConversationSummary> list_all(Process& process, std::size_t limit) {
        std::vector<chat::ConversationSummary> all;
        chat::ConversationQuery query{.reader = alice_, .limit = limit};
        for (bool more = true; more;) {
            auto page = runner_.run(process.store().list(query)).value();
            std::ranges::move(page.conversations, std::back_inserter(all));
            more = page.next.has_value();
            query.after = page.next.value_or("");
        }
        return all;
    }
    static Ids peers_of(const std::vector<chat::ConversationSummary>& summaries) {
        Ids peers;
        for (const auto& summary : summaries) peers.push_back(summary.peer);
        return peers;
    }
    // How many finds the server has been asked for, by anybody.
    std::int64_t finds() {
        const Bson reply = client_->command(Bson().add("serverStatus", 1)).value();
        bson_iter_t at;
        bson_iter_t value;
        for (const char* const path : {"opcounters.query", "metrics.commands.find.total"}) {
            if (bson_iter_init(&at, reply.get()) && bson_iter_find_descendant(&at, path, &value)) return bson_iter_as_int64(&value);
        }
        return -1;
    }
    std::optional<Bson> document(const std::string& id) { return client_->find_one(ReadMarks::kCollection, Bson().add("_id", id)).value(); }

    std::string uri_;
    contract::Runner runner_;
    std::unique_ptr<Link> link_;
    std::unique_ptr<Client> client_;
    const chat::UserId alice_ = chat::UserId::generate();
    const chat::UserId bob_ = chat::UserId::generate();
    const chat::UserId carol_ = chat::UserId::generate();
};

TEST_P(Reads, WhatWasThereBeforeCountsAsReadForAllServersAndForGood) {
    if (!client_) return;
    const auto before = chat::system_now() - milliseconds(50);
    for (int i = 0; i < 3; ++i) write(bob_, alice_, before);
    write_conversation({alice_, bob_});
    std::unique_ptr<Process> other;
    std::thread at_once([&] { other = open(); });
    auto ours = open();
    at_once.join();
    EXPECT_EQ(list(*ours)[0].state, chat::ReadState{});
    const auto since = document("since");
    ASSERT_TRUE(since.has_value());

    const auto second = chat::system_now() + std::chrono::seconds(1);
    const auto first_new = write(bob_, alice_, second);
    write(bob_, alice_, second + milliseconds(1));
    for (auto* const process : {&ours, &other}) EXPECT_EQ(list(**process)[0].state, (chat::ReadState{std::nullopt, 2}));
    EXPECT_EQ(mark(*ours, first_new), (chat::ReadState{first_new, 1}));
    ours = open();
    EXPECT_EQ(list(*ours)[0].state, (chat::ReadState{first_new, 1}));
    EXPECT_EQ(document("since")->json(), since->json());
}

TEST_P(Reads, WhatAnImportBroughtLaterCountsAsRead) {
    if (!client_) return;
    open();
    const auto then = chat::system_now() + minutes(2);
    write(bob_, alice_, then - milliseconds(1));
    write_conversation({alice_, bob_});
    insert("parley_state", Bson().add("_id", "import").add("state", "done").add("at", then));
    const auto process = open();
    EXPECT_EQ(list(*process)[0].state, chat::ReadState{});
    write(bob_, alice_, then + milliseconds(1));
    EXPECT_EQ(list(*process)[0].state, (chat::ReadState{std::nullopt, 1}));
}

TEST_P(Reads, ConversationsOfTheOriginalAreThereOnceWhateverItsDocumentsSay) {
    if (!client_) return;
    const auto process = open();
    const auto now = chat::system_now() + std::chrono::seconds(1);
    write(alice_, bob_, now);
    const auto bobs = write(bob_, alice_, now + milliseconds(1));
    write_conversation({alice_, bob_}, now - minutes(60));
    write_conversation({bob_, alice_}, now);                         // its first-message race
    const auto note = write(alice_, alice_, now + milliseconds(3));  // without a document of its own: it pushes them into that of somebody
    const auto group = write(carol_, alice_, now + milliseconds(2));
    write_conversation({alice_, bob_, carol_}, std::nullopt);
    write_conversation({alice_});
    write_conversation({alice_, chat::UserId::generate()});  // torn: no message was stored
    // No messages, though in the right place.
    insert(
        kMessages,
        Bson().add("_id", chat::MessageId::generate()).add("senderId", bob_).add("receiverId", alice_).add("createdAt", now + minutes(1)));
    insert(kMessages,
           Bson().add("_id", 7).add("senderId", bob_).add("receiverId", alice_).add("message", 7).add("createdAt", now + minutes(1)));

    const auto all = list(*process);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].last_message.id, note);
    EXPECT_EQ(all[0].state, chat::ReadState{});
    EXPECT_EQ(all[1].last_message.id, group);
    EXPECT_EQ(all[2].last_message.id, bobs);
    EXPECT_EQ(all[2].peer, bob_);
    EXPECT_EQ(all[2].state, (chat::ReadState{std::nullopt, 1}));
    EXPECT_EQ(mark(*process), (chat::ReadState{bobs, 0}));
}

TEST_P(Reads, TheOrderIsThatOfTheMessagesWhenDocumentsAreSomeMinutesOff) {
    if (!client_) return;
    const auto process = open();
    const auto now = chat::system_now();
    constexpr int kPeers = 9;
    Ids expected;
    for (int i = 0; i < kPeers; ++i) {
        expected.push_back(chat::UserId::generate());
        const auto time = now - minutes(3 * i);
        write(i % 2 ? alice_ : expected.back(), i % 2 ? expected.back() : alice_, time);
        const minutes off((i * 5 % 3 - 1) * 9);  // early, late, right
        write_conversation({alice_, expected.back()}, i == 4 ? std::nullopt : std::optional(time + off));
    }
    for (const std::size_t limit : {1u, 2u, 4u, 9u}) {
        EXPECT_EQ(peers_of(list_all(*process, limit)), expected) << limit;
    }
}

TEST_P(Reads, MessagesWithoutATimeAreMarkedAndComeBeforeAllOthers) {
    if (!client_) return;
    const auto process = open();
    write_conversation({alice_, bob_});
    const auto first = write(bob_, alice_, std::nullopt);
    const auto second = write(bob_, alice_, std::nullopt);
    EXPECT_EQ(list(*process)[0].last_message.id, second);
    EXPECT_EQ(mark(*process, first), (chat::ReadState{first, 0}));
    EXPECT_EQ(mark(*process), (chat::ReadState{second, 0}));
    EXPECT_EQ(mark(*process, first), (chat::ReadState{second, 0}));
    const auto now = chat::system_now() + std::chrono::seconds(1);
    const auto timed = write(bob_, alice_, now);
    const auto same_time = write(bob_, alice_, now);
    EXPECT_EQ(mark(*process, timed), (chat::ReadState{timed, 1}));
    EXPECT_EQ(mark(*process, second), (chat::ReadState{timed, 1}));
    EXPECT_EQ(mark(*process, same_time), (chat::ReadState{same_time, 0}));
    EXPECT_EQ(mark(*process, timed), (chat::ReadState{same_time, 0}));
    EXPECT_EQ(process->listener.marks().size(), 4u);
    const auto stored = document(alice_.to_hex() + ":" + bob_.to_hex());
    ASSERT_TRUE(stored.has_value());
    EXPECT_EQ(BsonView(*stored).id("messageId"), same_time);
    EXPECT_EQ(BsonView(*stored).time("createdAt"), now);
}

TEST_P(Reads, APageOfLongTextsEndsEarlyAndSaysSo) {
    if (!client_) return;
    const auto process = open();
    const auto now = chat::system_now();
    for (int i = 0; i < 6; ++i) {
        const auto peer = chat::UserId::generate();
        write_conversation({alice_, peer}, now);
        const chat::Message message{chat::MessageId::generate(), peer, alice_, std::string(300'000, 'x'), now, now};
        insert(kMessages, to_bson(message));
    }
    const auto first = runner_.run(process->store().list({.reader = alice_})).value();
    EXPECT_EQ(first.conversations.size(), 4u);
    ASSERT_TRUE(first.next.has_value());
    const auto second = runner_.run(process->store().list({.reader = alice_, .after = *first.next})).value();
    EXPECT_EQ(second.conversations.size(), 2u);
    EXPECT_FALSE(second.next.has_value());
}

TEST_P(Reads, ManyConversationsAreListedInFewQuestions) {
    if (!client_) return;
    const auto process = open();
    const auto now = chat::system_now() + minutes(180);  // all is unread
    constexpr int kPeers = 150;
    Ids expected;
    for (int i = 0; i < kPeers; ++i) {
        expected.push_back(chat::UserId::generate());
        const auto time = now - minutes(i);
        if (i % 3 == 0) write(alice_, expected.back(), time - milliseconds(1));
        write(expected.back(), alice_, time);
        write_conversation({alice_, expected.back()}, time);
    }
    ASSERT_GE(finds(), 0);
    for (const std::size_t limit : {200u, 60u}) {
        const auto before = finds();
        const auto all = list_all(*process, limit);
        EXPECT_LE(finds() - before, 60) << limit;
        EXPECT_EQ(peers_of(all), expected);
        for (const auto& summary : all) EXPECT_EQ(summary.state, (chat::ReadState{std::nullopt, 1}));
    }
}

TEST_P(Reads, DocumentsThatWereChangedLongAfterTheirLastMessageAreListedToo) {
    if (!client_) return;
    const auto process = open();
    const auto now = chat::system_now();
    Ids expected;
    for (const int days : {0, 1, 29, 31, 400, 20'000, 700'000}) {
        expected.push_back(chat::UserId::generate());
        write(expected.back(), alice_, now - std::chrono::days(days));
        write_conversation({alice_, expected.back()}, now);
    }
    expected.push_back(chat::UserId::generate());
    write(alice_, expected.back(), std::nullopt);
    write_conversation({alice_, expected.back()}, now);
    for (const std::size_t limit : {1u, 3u, 100u}) EXPECT_EQ(peers_of(list_all(*process, limit)), expected) << limit;
}

TEST_P(Reads, ConversationsInWhichMuchWasSaidAtOnceAreListedAndCounted) {
    if (!client_) return;
    const auto process = open();
    const auto now = chat::system_now() + std::chrono::hours(10);
    std::vector<Bson> documents;
    const auto say = [&](chat::UserId from, chat::UserId to, chat::Timestamp time) {
        const chat::Message message{chat::MessageId::generate(), from, to, "x", time, time};
        documents.push_back(to_bson(message));
        return message.id;
    };
    const auto note = say(alice_, alice_, now);
    for (int i = 1010; i > 0; --i) say(bob_, alice_, now - milliseconds(i));
    say(alice_, carol_, now - minutes(1) - milliseconds(1));
    const auto carols = say(carol_, alice_, now - minutes(1));
    const auto dave = chat::UserId::generate();
    say(dave, alice_, now - std::chrono::hours(4));
    say(alice_, dave, now - std::chrono::hours(3));
    say(dave, alice_, now - std::chrono::hours(2));
    for (int i = 3; i > 0; --i) say(dave, alice_, now - minutes(i + 1));
    std::vector<const Bson*> pointers;
    for (const Bson& one : documents) pointers.push_back(&one);
    ASSERT_TRUE(client_->insert_all(kMessages, pointers).has_value());
    for (const auto& peer : {dave, carol_, bob_, alice_}) write_conversation({alice_, peer}, now);

    const auto all = list(*process);
    EXPECT_THAT(peers_of(all), ElementsAre(alice_, bob_, carol_, dave));
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all[0].last_message.id, note);
    EXPECT_EQ(all[1].state.unread, chat::kMaxUnreadCounted);
    EXPECT_EQ(all[2].last_message.id, carols);
    EXPECT_EQ(all[2].state.unread, 1u);
    EXPECT_EQ(all[3].state.unread, 4u);
}

PARLEY_ON_EACH_SERVER(Reads);

// FerretDB has neither atomic updates nor change streams.
class ReadsOfSeveralServers : public Reads {
protected:
    void SetUp() override {
        Reads::SetUp();
        if (!client_) return;
        for (auto& process : processes_) process = open();
        const auto now = chat::system_now() + std::chrono::seconds(1);
        for (int i = 0; i < kMessagesHere; ++i) sent_.push_back(write(bob_, alice_, now + milliseconds(i)));
        write_conversation({alice_, bob_});
    }
    static constexpr int kMessagesHere = 24;
    std::array<std::unique_ptr<Process>, 2> processes_;
    std::vector<chat::MessageId> sent_;
};

TEST_P(ReadsOfSeveralServers, AMarkIsToldAtEachOnce) {
    if (!client_) return;
    for (int i = 0; i < 3; ++i) mark(*processes_[0], sent_[static_cast<std::size_t>(i)]);
    mark(*processes_[1], sent_.back());
    for (auto& process : processes_) {
        const auto marks = told(*process, 4);
        ASSERT_FALSE(marks.empty());
        EXPECT_LE(marks.size(), 4u);
        EXPECT_EQ(marks.back().reader, alice_);
        EXPECT_EQ(marks.back().peer, bob_);
        EXPECT_EQ(marks.back().last_read, sent_.back());
        EXPECT_EQ(marks.back().unread, 0u);
        EXPECT_TRUE(std::ranges::is_sorted(marks, std::ranges::greater_equal(), &chat::MarkedRead::unread)) << "none twice, none back";
    }
}

TEST_P(ReadsOfSeveralServers, ConcurrentMarksEndAtTheLatest) {
    if (!client_) return;
    std::vector<Task<Result<chat::ReadState>>> marks;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        marks.push_back(processes_[i % 2]->store().mark_read({alice_, bob_, sent_[i * 7 % sent_.size()]}));
    }
    for (const auto& marked : runner_.run_all(std::move(marks))) EXPECT_TRUE(marked.has_value());
    for (auto& process : processes_) {
        EXPECT_EQ(list(*process)[0].state, (chat::ReadState{sent_.back(), 0}));
        for (int i = 0; i < 600; ++i) {
            const auto marks_told = process->listener.marks();
            if (!marks_told.empty() && marks_told.back().last_read == sent_.back()) break;
            std::this_thread::sleep_for(milliseconds(50));
        }
        const auto marks_told = told(*process, 1);
        ASSERT_FALSE(marks_told.empty());
        EXPECT_EQ(marks_told.back().last_read, sent_.back());
        EXPECT_TRUE(std::ranges::is_sorted(marks_told, std::ranges::greater_equal(), &chat::MarkedRead::unread));
    }
}

INSTANTIATE_TEST_SUITE_P(, ReadsOfSeveralServers, testing::Values(TestServer::Kind::Secantus), name_of);

}  // namespace
}  // namespace parley::storage::mongodb

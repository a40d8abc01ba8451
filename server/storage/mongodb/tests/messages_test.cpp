// What the contract does not say: documents that other programs write and read, and what happens when the database is cut off.
#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "storage/contract/store_contract.hpp"
#include "storage/mongodb/database.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/tests/gate.hpp"
#include "storage/mongodb/tests/people.hpp"

namespace parley::storage::mongodb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Ids = std::vector<chat::MessageId>;

chat::NewUser named(const std::string& username) {
    return {.id = chat::UserId::generate(),
            .full_name = username,
            .username = username,
            .username_key = username,
            .password_hash = "$2b$10$",
            .gender = chat::Gender::Female,
            .profile_picture = ""};
}

class Messages : public testing::TestWithParam<TestServer::Kind> {
protected:
    void SetUp() override {
        if (!TestServer::require(GetParam())) return;
        uri_ = TestServer::fresh_uri(GetParam());
        open();
        link_ = *Link::make({.uri = uri_});
        ASSERT_TRUE(link_->start({}, seconds(20)).has_value());
        client_ = std::make_unique<Client>(*link_);
        alice_ = sign_up("alice");
        bob_ = sign_up("bob");
    }

    void open(std::size_t cap = 20'000) {
        database_.reset();
        database_ = Database::open({.uri = uri_, .conversation_cap = cap}, listener_, changes_).value();
    }
    chat::UserId sign_up(const std::string& name) { return runner_.run(database_->users().create(named(name))).value().id; }

    chat::Message send(chat::UserId from, chat::UserId to, std::string text) {
        chat::Draft draft{from, to, std::move(text)};
        const auto appended = runner_.run(database_->messages().append(std::move(draft)));
        EXPECT_TRUE(appended.has_value());
        return appended ? appended->message : chat::Message{};
    }

    // As another program does.
    chat::Message write(chat::UserId from, chat::UserId to, std::string text, milliseconds ago = {}) {
        const auto now = chat::system_now() - ago;
        chat::Message message{chat::MessageId::generate(), from, to, std::move(text), now, now};
        message.id.bytes[5] ^= 0xff;  // not an id of this process
        EXPECT_TRUE(client_->insert(kMessages, to_bson(message)).has_value());
        return message;
    }
    chat::ConversationId write_conversation(std::vector<chat::UserId> participants, Ids ids) {
        Conversation conversation;
        conversation.id = chat::ConversationId::generate();
        conversation.participants = std::move(participants);
        conversation.version = static_cast<std::int32_t>(ids.size());
        conversation.messages = std::move(ids);
        EXPECT_TRUE(client_->insert(kConversations, to_bson(conversation)).has_value());
        return conversation.id;
    }

    std::vector<Conversation> conversations() {
        std::vector<Conversation> all;
        const auto take = [&](const bson_t& document) { return all.push_back(read_conversation(document).value()), true; };
        EXPECT_TRUE(client_->find(kConversations, Bson(), Bson(), take).has_value());
        return all;
    }

    // The array of the only conversation, or of the one with this id, as soon as it is `wanted`; else as it stays.
    Ids array_becoming(const Ids& wanted, std::optional<chat::ConversationId> id = {}) {
        Ids found;
        for (int i = 0; i < 600; ++i) {
            for (const auto& each : conversations()) {
                if (!id || each.id == *id) found = each.messages;
            }
            if (found == wanted) break;
            std::this_thread::sleep_for(milliseconds(50));
        }
        return found;
    }

    std::vector<std::string> history(std::size_t limit = 100, bool from_start = true) {
        std::vector<std::string> texts;
        chat::HistoryQuery query{.reader = alice_, .peer = bob_, .limit = limit, .from_start = from_start};
        for (;;) {
            const auto page = runner_.run(database_->messages().history(query)).value();
            std::vector<std::string> part;
            for (const auto& message : page.messages) part.push_back(message.text);
            texts.insert(from_start ? texts.end() : texts.begin(), part.begin(), part.end());
            if (!page.more || page.messages.empty()) return texts;
            query.after = from_start ? database_->messages().cursor_of(page.messages.back()) : "";
            query.before = from_start ? "" : database_->messages().cursor_of(page.messages.front());
        }
    }

    contract::Runner runner_;
    contract::RecordingListener listener_;
    RecordingChanges changes_;
    std::string uri_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Link> link_;
    std::unique_ptr<Client> client_;
    chat::UserId alice_;
    chat::UserId bob_;
};

using Texts = std::vector<std::string>;

TEST_P(Messages, AConversationIsOneDocumentAsMongooseWouldHaveMadeIt) {
    if (!client_) return;
    const auto first = send(alice_, bob_, "1");
    const auto second = send(bob_, alice_, "2");
    const auto all = conversations();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].participants, (std::vector<chat::UserId>{alice_, bob_}));
    EXPECT_EQ(all[0].messages, (Ids{first.id, second.id}));
    EXPECT_EQ(all[0].version, 2);
    EXPECT_EQ(all[0].created_at, first.created_at);
    EXPECT_EQ(all[0].updated_at, second.created_at);
}

TEST_P(Messages, AnExistingConversationOfTheOriginalIsUsed) {
    if (!client_) return;
    const auto theirs = write(bob_, alice_, "theirs", seconds(30));
    write_conversation({bob_, alice_}, {theirs.id});
    const auto ours = send(alice_, bob_, "ours");
    const auto all = conversations();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].messages, (Ids{theirs.id, ours.id}));
    EXPECT_EQ(history(), (Texts{"theirs", "ours"}));
}

TEST_P(Messages, DuplicateConversationsAreReadAsOneAndTheFirstIsCompleted) {
    if (!client_) return;
    Ids ids;
    for (int i = 0; i < 6; ++i) ids.push_back(write(i % 2 ? bob_ : alice_, i % 2 ? alice_ : bob_, std::to_string(i), seconds(60 - i)).id);
    const auto dangling = chat::MessageId::generate();
    const auto first = write_conversation({alice_, bob_}, {ids[0], dangling, ids[3]});
    const auto second = write_conversation({bob_, alice_}, {ids[1], ids[2], ids[4], ids[5]});
    EXPECT_EQ(history(), (Texts{"0", "1", "2", "3", "4", "5"}));
    const auto ours = send(alice_, bob_, "6");
    const Ids whole{ids[0], dangling, ids[1], ids[2], ids[3], ids[4], ids[5], ours.id};
    EXPECT_EQ(array_becoming(whole, first), whole);
    const Ids untouched{ids[1], ids[2], ids[4], ids[5]};
    EXPECT_EQ(array_becoming(untouched, second), untouched);
}

TEST_P(Messages, AnArrayOverItsCapIsCutBack) {
    if (!client_) return;
    Ids ids;
    for (int i = 0; i < 30; ++i) ids.push_back(write(alice_, bob_, std::to_string(i), seconds(60 - i)).id);
    write_conversation({alice_, bob_}, ids);
    open(10);
    send(alice_, bob_, "new");
    for (int i = 0; i < 400 && conversations()[0].messages.size() > 12; ++i) std::this_thread::sleep_for(milliseconds(50));
    const auto kept = conversations()[0].messages;
    EXPECT_LE(kept.size(), 11u);
    EXPECT_EQ(std::count(kept.begin(), kept.end(), ids.back()), 1);
    EXPECT_EQ(history().size(), 31u);
}

TEST_P(Messages, PushesToALongArrayKeepTheirOrder) {
    if (!client_) return;
    Ids ids;
    for (int i = 0; i < 600; ++i) ids.push_back(write(alice_, bob_, "old", seconds(1000 - i)).id);
    write_conversation({alice_, bob_}, ids);
    for (int i = 0; i < 20; ++i) ids.push_back(send(i % 2 ? alice_ : bob_, i % 2 ? bob_ : alice_, "new").id);
    EXPECT_EQ(array_becoming(ids), ids);
}

TEST_P(Messages, OddDocumentsHideNothing) {
    if (!client_) return;
    std::vector<Bson> odd;
    const auto base = [&] { return Bson().add("_id", chat::MessageId::generate()).add("senderId", alice_).add("receiverId", bob_); };
    odd.push_back(base().add("message", 5).add("createdAt", chat::system_now() - seconds(50)));
    odd.push_back(base().add("createdAt", chat::system_now() - seconds(49)));
    odd.push_back(base().add("message", Bson()).add("createdAt", "yesterday"));
    odd.push_back(base().add("message", "without a time"));
    odd.push_back(base().add("message", "without a time, too"));
    odd.push_back(Bson().add("_id", "text").add("senderId", alice_).add("receiverId", bob_).add("message", "no id"));
    for (const Bson& document : odd) ASSERT_TRUE(client_->insert(kMessages, document).has_value());
    for (int i = 0; i < 6; ++i) write(i % 2 ? bob_ : alice_, i % 2 ? alice_ : bob_, std::to_string(i), seconds(40 - i));
    const Texts all{"without a time", "without a time, too", "0", "1", "2", "3", "4", "5"};
    for (const std::size_t limit : {1u, 2u, 3u, 5u, 100u}) {
        EXPECT_EQ(history(limit), all) << limit;
        EXPECT_EQ(history(limit, false), all) << limit;
    }
}

TEST_P(Messages, ALongHistoryIsTheSameInPagesOfAnySize) {
    if (!client_) return;
    Texts all;
    std::vector<Bson> documents;
    const auto now = chat::system_now();
    for (int i = 0; i < 2'500; ++i) {
        const auto time = now - seconds(3'000) + milliseconds(i / 3);  // three of a millisecond
        all.push_back(std::to_string(i));
        documents.push_back(
            to_bson(chat::Message{chat::MessageId::generate(), i % 2 ? alice_ : bob_, i % 2 ? bob_ : alice_, all.back(), time, time}));
    }
    std::vector<const Bson*> pointers;
    for (const Bson& document : documents) pointers.push_back(&document);
    ASSERT_TRUE(client_->insert_all(kMessages, pointers).has_value());
    for (const std::size_t limit : {100u, 999u, 5'000u}) EXPECT_TRUE(history(limit) == all) << limit;
    EXPECT_TRUE(history(1'000, false) == all);
}

TEST_P(Messages, ATextThatFitsIntoNoDocumentIsTooLarge) {
    if (!client_) return;
    chat::Draft draft{alice_, bob_, std::string(16 * 1024 * 1024, 'x')};
    EXPECT_EQ(contract::code_of(runner_.run(database_->messages().append(std::move(draft)))), ErrorCode::TooLarge);
    send(alice_, bob_, "small");
    EXPECT_EQ(history(), Texts{"small"});
}

TEST_P(Messages, AKeyWhoseMessageOthersHaveAlteredIsAConflictAndHarmsNobody) {
    if (!client_) return;
    const auto append = [&](std::string text, std::string key) {
        return database_->messages().append({alice_, bob_, std::move(text), std::move(key), ""});
    };
    const auto first = runner_.run(append("keyed", "key")).value().message;
    ASSERT_EQ(client_->update(kMessages, Bson().add("_id", first.id), Bson().add("$set", Bson().add("message", 5))).value(), 1);
    std::vector<Task<Result<chat::Appended>>> sends;
    for (int i = 0; i < 20; ++i) sends.push_back(i % 2 ? append("keyed", "key") : append(std::to_string(i), ""));
    const auto results = runner_.run_all(std::move(sends));
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (i % 2 == 0) EXPECT_TRUE(results[i].has_value()) << i;
        if (i % 2 == 1) EXPECT_EQ(contract::code_of(results[i]), ErrorCode::Conflict) << i;
    }
    EXPECT_EQ(history().size(), 10u);
}

TEST_P(Messages, OurMessageComesAfterThoseOfAClockThatIsAhead) {
    if (!client_) return;
    send(alice_, bob_, "1");
    write(bob_, alice_, "2, from a server whose clock is ahead", -seconds(20));
    std::this_thread::sleep_for(
        milliseconds(1100));  // what is known of a conversation is believed for a second where nothing tells of changes
    send(alice_, bob_, "3");
    EXPECT_EQ(history(), (Texts{"1", "2, from a server whose clock is ahead", "3"}));
}

INSTANTIATE_TEST_SUITE_P(Mongo, Messages, testing::Values(TestServer::Kind::Secantus, TestServer::Kind::FerretDb),
                         [](const auto& info) { return info.param == TestServer::Kind::Secantus ? "Secantus" : "FerretDb"; });

// Senders with keys that go on until they are told that it is stored, while the database is cut off again and again.
class Cuts : public testing::Test {
protected:
    static Task<int> send_all(chat::MessageStore* store, chat::UserId from, chat::UserId to, int sender, int count) {
        int tries = 0;
        for (int i = 0; i < count; ++i) {
            const std::string text = std::to_string(sender) + ":" + std::to_string(i);
            for (bool stored = false; !stored && tries < 10'000; ++tries) {
                chat::Draft draft{from, to, text, "key " + text};
                const auto appended = co_await store->append(std::move(draft));
                stored = appended.has_value();
                if (!stored) co_await sleep_for(milliseconds(50));
            }
        }
        co_return tries;
    }
};

TEST_F(Cuts, NothingAcknowledgedIsLostAndNothingIsStoredOrAnnouncedTwice) {
    if (!TestServer::require(TestServer::Kind::Secantus)) return;
    TestServer server(TestServer::Kind::Secantus);
    Gate gate(server.port());
    contract::Runner runner;
    contract::RecordingListener listener;
    RecordingChanges changes;
    auto database = Database::open({.uri = gate.uri("cuts")}, listener, changes).value();
    const auto alice = runner.run(database->users().create(named("alice"))).value().id;
    const auto bob = runner.run(database->users().create(named("bob"))).value().id;

    constexpr int kSenders = 8;
    constexpr int kEach = 100;
    std::vector<std::future<int>> senders;
    for (int i = 0; i < kSenders; ++i)
        senders.push_back(runner.start(send_all(&database->messages(), i % 2 ? alice : bob, i % 2 ? bob : alice, i, kEach)));
    for (int i = 0; i < 6; ++i) {
        std::this_thread::sleep_for(milliseconds(300));
        gate.cut();
        std::this_thread::sleep_for(milliseconds(i % 2 ? 50 : 800));
        gate.open();
    }
    for (auto& sender : senders) EXPECT_LT(sender.get(), 10'000);

    chat::HistoryQuery query{.reader = alice, .peer = bob, .limit = 10'000};
    const auto page = runner.run(database->messages().history(query)).value();
    std::multiset<std::string> stored;
    for (const auto& message : page.messages) stored.insert(message.text);
    std::multiset<std::string> wanted;
    for (int i = 0; i < kSenders; ++i) {
        for (int k = 0; k < kEach; ++k) wanted.insert(std::to_string(i) + ":" + std::to_string(k));
    }
    EXPECT_EQ(stored, wanted);

    std::multiset<std::string> announced;
    for (int i = 0; i < 200 && announced.size() < wanted.size(); ++i) {
        announced.clear();
        for (const auto& event : listener.events()) announced.insert(event.message.text);
        std::this_thread::sleep_for(milliseconds(50));
    }
    EXPECT_EQ(announced, wanted);

    ASSERT_TRUE(database->wait_until_tended(seconds(60)));
    const auto link = *Link::make({.uri = server.uri("cuts")});
    ASSERT_TRUE(link->start({}, seconds(20)).has_value());
    Client client(*link);
    const auto document = client.find_one(kConversations, Bson()).value();
    ASSERT_TRUE(document.has_value());
    auto array = read_conversation(*document->get()).value().messages;
    Ids ids;
    for (const auto& message : page.messages) ids.push_back(message.id);
    std::ranges::sort(array);
    std::ranges::sort(ids);
    EXPECT_TRUE(array == ids) << array.size() << " in the array, " << ids.size() << " stored";
}

}  // namespace
}  // namespace parley::storage::mongodb

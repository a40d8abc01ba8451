#include "storage/mongodb/watcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "parley/base/log.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/tests/gate.hpp"
#include "storage/mongodb/tests/test_server.hpp"

namespace parley::storage::mongodb {
namespace {

using namespace std::chrono_literals;
using Kind = TestServer::Kind;
using SteadyClock = std::chrono::steady_clock;
using testing::ElementsAre;

constexpr auto kPatience = 60s;  // against a hang only

class Recorder : public WatchHandler {
public:
    void message_stored(chat::Message message) override { note(texts_, message.text); }
    void user_changed(chat::UserId user) override { note(changed_, user.to_hex()); }
    void user_removed(chat::UserId user) override { note(removed_, user.to_hex()); }
    void session_revoked(std::string session) override { note(revoked_, std::move(session)); }
    void marked_read(const Reading& reading, chat::MessageId message) override {
        note(marks_, reading.reader.to_hex() + " " + reading.peer.to_hex() + " " + message.to_hex());
    }
    void changes_missed() override { note(missed_, "missed"); }

    // Waits until as many have come; then a moment for one too many.
    std::vector<std::string> texts(std::size_t count) { return wait(texts_, count); }
    std::vector<std::string> changed(std::size_t count) { return wait(changed_, count); }
    std::vector<std::string> removed(std::size_t count) { return wait(removed_, count); }
    std::vector<std::string> revoked(std::size_t count) { return wait(revoked_, count); }
    std::vector<std::string> marks(std::size_t count) { return wait(marks_, count); }
    std::vector<std::string> missed(std::size_t count) { return wait(missed_, count); }

private:
    void note(std::vector<std::string>& list, std::string what) {
        const std::scoped_lock lock(mutex_);
        list.push_back(std::move(what));
        more_.notify_all();
    }
    std::vector<std::string> wait(const std::vector<std::string>& list, std::size_t count) {
        std::unique_lock lock(mutex_);
        more_.wait_for(lock, kPatience, [&] { return list.size() >= count; });
        more_.wait_for(lock, 50ms, [&] { return list.size() > count; });
        return list;
    }

    std::mutex mutex_;
    std::condition_variable more_;
    std::vector<std::string> texts_, changed_, removed_, revoked_, marks_, missed_;  // guarded by mutex_
};

// Another program: a plain client without anything of ours but the documents.
class Other {
public:
    explicit Other(const std::string& uri)
        : client_(::mongoc_client_new(uri.c_str())), database_(::mongoc_client_get_default_database(client_)) {}
    ~Other() {
        ::mongoc_database_destroy(database_);
        ::mongoc_client_destroy(client_);
    }
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;

    void command(const Bson& command) {
        bson_error_t error;
        EXPECT_TRUE(::mongoc_database_write_command_with_opts(database_, command.get(), nullptr, nullptr, &error)) << error.message;
    }
    void insert(const char* collection, const std::vector<Bson>& documents) {
        command(Bson().add("insert", collection).add_array("documents", documents));
    }
    void insert(const char* collection, Bson document) {
        std::vector<Bson> documents;
        documents.push_back(std::move(document));
        insert(collection, documents);
    }
    void send(const std::string& text) { insert(kMessages, message(text)); }
    void update(const char* collection, const chat::ObjectId& id, const Bson& change) {
        std::vector<Bson> updates;
        updates.push_back(Bson().add("q", Bson().add("_id", id)).add("u", change));
        command(Bson().add("update", collection).add_array("updates", updates));
    }
    void remove(const char* collection, const chat::ObjectId& id) {
        std::vector<Bson> deletes;
        deletes.push_back(Bson().add("q", Bson().add("_id", id)).add("limit", 1));
        command(Bson().add("delete", collection).add_array("deletes", deletes));
    }
    // failCommand, see the MongoDB wiki "The failCommand fail point".
    void fail_commands(int times, const char* name, Bson data) {
        data.add_array("failCommands", std::vector<std::string>{name});
        Bson command = Bson().add("configureFailPoint", "failCommand");
        times < 0 ? command.add("mode", "alwaysOn") : command.add("mode", Bson().add("times", times));
        command.add("data", data);
        admin(command);
    }
    void heal() { admin(Bson().add("configureFailPoint", "failCommand").add("mode", "off")); }

    static Bson message(const std::string& text) {
        const auto now = chat::system_now();
        return to_bson(chat::Message{.id = chat::MessageId::generate(),
                                     .sender = chat::UserId::generate(),
                                     .receiver = chat::UserId::generate(),
                                     .text = text,
                                     .created_at = now,
                                     .updated_at = now});
    }

private:
    void admin(const Bson& command) {
        bson_error_t error;
        EXPECT_TRUE(::mongoc_client_command_simple(client_, "admin", command.get(), nullptr, nullptr, &error)) << error.message;
    }

    mongoc_client_t* client_;
    mongoc_database_t* database_;
};

// A watcher on a link of its own.
class Watched {
public:
    explicit Watched(const std::string& uri) : link_(Link::make({.uri = uri}).value()), watcher_(*link_, recorder) {
        EXPECT_TRUE(link_->start({}, 10s));
        watcher_.start();
    }
    bool live(bool wanted = true) {
        const auto end = SteadyClock::now() + kPatience;
        while (watcher_.live() != wanted && SteadyClock::now() < end) std::this_thread::sleep_for(5ms);
        return watcher_.live() == wanted;
    }
    std::chrono::milliseconds stop() {
        const auto start = SteadyClock::now();
        watcher_.stop();
        return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - start);
    }
    void retry() { watcher_.retry(); }

    Recorder recorder;

private:
    std::unique_ptr<Link> link_;
    Watcher watcher_;
};

std::vector<std::string> numbers(int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    return texts;
}

// What is logged while it lives.
class Logged {
public:
    Logged() {
        lines().clear();
        log::set_sink(
            [](log::Level, std::string_view text) {
                const std::scoped_lock lock(mutex());
                lines().emplace_back(text);
            },
            log::Level::Info);
    }
    ~Logged() { log::set_sink(nullptr, log::Level::Info); }
    long count(std::string_view part) {
        const std::scoped_lock lock(mutex());
        return std::ranges::count_if(lines(), [&](const std::string& line) { return line.contains(part); });
    }

private:
    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }
    static std::vector<std::string>& lines() {
        static std::vector<std::string> all;
        return all;
    }
};

class WatcherOnSecantus : public testing::Test {
protected:
    void SetUp() override {
        if (!TestServer::require(Kind::Secantus)) return;
        uri_ = TestServer::fresh_uri(Kind::Secantus);
        other_ = std::make_unique<Other>(uri_);
    }
    void TearDown() override {
        if (other_) other_->heal();
    }
    static Bson cut() { return Bson().add("closeConnection", true); }
    static Bson error(int code) { return Bson().add("errorCode", code); }

    std::string uri_;
    std::unique_ptr<Other> other_;
};

TEST_F(WatcherOnSecantus, MessagesOfAnotherProgramArriveOnceAndInOrder) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    for (const auto& text : numbers(50)) other_->send(text);
    EXPECT_EQ(watched.recorder.texts(50), numbers(50));
    EXPECT_TRUE(watched.recorder.missed(0).empty());
}

TEST_F(WatcherOnSecantus, OnlyInsertedMessagesAreTold) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    const auto id = chat::MessageId::generate();
    other_->insert(kMessages, Bson().add("_id", id).add("message", "to nobody"));
    other_->insert(kMessages, Bson().add("_id", 7).add("message", "with a number as its id"));
    other_->insert(kConversations, Other::message("elsewhere"));
    other_->update(kMessages, id, Bson().add("$set", Bson().add("message", "changed")));
    other_->remove(kMessages, id);
    other_->send("last");
    EXPECT_THAT(watched.recorder.texts(1), ElementsAre("last"));
}

TEST_F(WatcherOnSecantus, ChangedAndRemovedUsersAndRevokedSessionsAreTold) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    const auto changed = chat::UserId::generate();
    const auto removed = chat::UserId::generate();
    for (const auto& id : {changed, removed}) other_->insert(kUsers, Bson().add("_id", id).add("username", id.to_hex()));
    other_->update(kUsers, changed, Bson().add("$set", Bson().add("fullName", "Another")));
    other_->update(kUsers, changed, Bson().add("username", "replaced"));
    other_->remove(kUsers, removed);
    other_->insert("parley_revocations", Bson().add("_id", "session-1").add("expiresAt", chat::system_now()));
    EXPECT_THAT(watched.recorder.revoked(1), ElementsAre("session-1"));
    EXPECT_THAT(watched.recorder.changed(2), ElementsAre(changed.to_hex(), changed.to_hex()));
    EXPECT_THAT(watched.recorder.removed(1), ElementsAre(removed.to_hex()));
}

TEST_F(WatcherOnSecantus, ReadMarksAreToldWhoeverSetsThem) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    const auto reader = chat::UserId::generate();
    const auto peer = chat::UserId::generate();
    const std::string key = reader.to_hex() + ":" + peer.to_hex();
    std::vector<std::string> expected;
    const auto next = [&] {
        const auto id = chat::MessageId::generate();
        expected.push_back(reader.to_hex() + " " + peer.to_hex() + " " + id.to_hex());
        return id;
    };
    const auto update = [&](const Bson& change) {
        std::vector<Bson> updates;
        updates.push_back(Bson().add("q", Bson().add("_id", key)).add("u", change));
        other_->command(Bson().add("update", ReadMarks::kCollection).add_array("updates", updates));
    };
    other_->insert(ReadMarks::kCollection, Bson().add("_id", "since").add("at", chat::system_now()));
    other_->insert(ReadMarks::kCollection, Bson().add("_id", key).add("messageId", next()).add("createdAt", chat::system_now()));
    update(Bson().add("$set", Bson().add("messageId", next())));
    update(Bson().add("$set", Bson().add("something", "else")));
    update(Bson().add("messageId", next()));
    EXPECT_EQ(watched.recorder.marks(3), expected);
}

TEST_F(WatcherOnSecantus, StopsWithinAboutASecond) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    EXPECT_LT(watched.stop(), 5s);
}

// libmongoc's own change stream never comes back from this.
TEST_F(WatcherOnSecantus, StopsAlsoWhileEveryAnswerIsCut) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    other_->fail_commands(-1, "getMore", cut());
    ASSERT_TRUE(watched.live(false));
    EXPECT_LT(watched.stop(), 10s);
}

TEST_F(WatcherOnSecantus, NothingIsLostOrDoubledWhenCommandsFail) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    constexpr int kCursorNotFound = 43;
    constexpr int kNotWritablePrimary = 10107;
    constexpr int kInterrupted = 11601;  // resumable by no list: tried again all the same
    int sent = 0;
    const auto send_ten = [&] {
        for (int i = 0; i < 10; ++i) other_->send(std::to_string(sent++));
        EXPECT_EQ(watched.recorder.texts(static_cast<std::size_t>(sent)), numbers(sent));
    };
    send_ten();
    other_->fail_commands(1, "getMore", cut());
    send_ten();
    other_->fail_commands(2, "aggregate", cut());
    send_ten();
    for (const int code : {kCursorNotFound, kNotWritablePrimary, kInterrupted}) {
        other_->fail_commands(1, "getMore", error(code));
        send_ten();
    }
    EXPECT_TRUE(watched.recorder.missed(0).empty());
}

TEST_F(WatcherOnSecantus, APlaceThatTheServerRefusesIsGivenUpAndSaidSo) {
    if (!other_) return;
    constexpr int kInvalidResumeToken = 260;
    Logged logged;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    other_->fail_commands(1, "getMore", error(kInvalidResumeToken));
    EXPECT_EQ(watched.recorder.missed(1).size(), 1U);
    ASSERT_TRUE(watched.live());
    other_->send("after");
    EXPECT_THAT(watched.recorder.texts(1), ElementsAre("after"));
    EXPECT_EQ(logged.count("cannot say what has changed"), 1);
}

TEST_F(WatcherOnSecantus, WithoutTheRightItWaitsAndGoesOnWhenAsked) {
    if (!other_) return;
    constexpr int kUnauthorized = 13;
    Logged logged;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    other_->fail_commands(1, "getMore", error(kUnauthorized));
    ASSERT_TRUE(watched.live(false));
    other_->send("meanwhile");
    watched.retry();
    EXPECT_THAT(watched.recorder.texts(1), ElementsAre("meanwhile"));
    EXPECT_EQ(logged.count("does not let this user watch changes"), 1);
}

TEST_F(WatcherOnSecantus, ADroppedDatabaseEndsNothing) {
    if (!other_) return;
    Watched watched(uri_);
    ASSERT_TRUE(watched.live());
    other_->send("before");
    EXPECT_THAT(watched.recorder.texts(1), ElementsAre("before"));
    other_->command(Bson().add("dropDatabase", 1));
    other_->send("after");
    EXPECT_THAT(watched.recorder.texts(2), ElementsAre("before", "after"));
    EXPECT_EQ(watched.recorder.missed(1).size(), 1U);
}

TEST_F(WatcherOnSecantus, FiveThousandMessagesAcrossFiveCuts) {
    if (!other_) return;
    constexpr int kMessageCount = 5'000;
    constexpr int kBatch = 20;
    Gate gate(TestServer::shared(Kind::Secantus).port());
    const std::string database = uri_.substr(uri_.rfind('/') + 1);
    Watched watched(gate.uri(database));
    ASSERT_TRUE(watched.live());
    int sent = 0;
    while (sent < kMessageCount) {
        std::vector<Bson> batch;
        for (int i = 0; i < kBatch; ++i) batch.push_back(Other::message(std::to_string(sent++)));
        other_->insert(kMessages, batch);
        if (sent % 1'000 == 500) {
            gate.cut();
            ASSERT_TRUE(watched.live(false));
        } else if (sent % 1'000 == 900) {
            gate.open();
            ASSERT_TRUE(watched.live());
        }
    }
    EXPECT_EQ(watched.recorder.texts(kMessageCount), numbers(kMessageCount));
    EXPECT_TRUE(watched.recorder.missed(0).empty());
}

TEST(WatcherOnAnOwnSecantus, GoesOnAfterTheServerWasRestarted) {
    if (!TestServer::require(Kind::Secantus)) return;
    TestServer server(Kind::Secantus);
    Watched watched(server.uri("chat"));
    ASSERT_TRUE(watched.live());
    Other(server.uri("chat")).send("0");
    ASSERT_EQ(watched.recorder.texts(1), numbers(1));
    server.stop();
    server.start();
    Other(server.uri("chat")).send("1");
    EXPECT_EQ(watched.recorder.texts(2), numbers(2));
    EXPECT_TRUE(watched.recorder.missed(0).empty());
}

TEST(WatcherOnAnOwnSecantus, GoesOnAfterTheServerWasFrozen) {
    if (!TestServer::require(Kind::Secantus)) return;
    TestServer server(Kind::Secantus);
    Watched watched(server.uri("chat") + "?socketTimeoutMS=2000");
    ASSERT_TRUE(watched.live());
    server.freeze();
    ASSERT_TRUE(watched.live(false));
    server.thaw();
    Other(server.uri("chat")).send("0");
    EXPECT_EQ(watched.recorder.texts(1), numbers(1));
    EXPECT_TRUE(watched.recorder.missed(0).empty());
}

TEST(WatcherOnAnOwnSecantus, StopsWithinTheTimeOutsOfAFrozenServer) {
    if (!TestServer::require(Kind::Secantus)) return;
    TestServer server(Kind::Secantus);
    Watched watched(server.uri("chat") + "?socketTimeoutMS=2000");
    ASSERT_TRUE(watched.live());
    server.freeze();
    EXPECT_LT(watched.stop(), 20s);
}

TEST(WatcherOnAnOwnSecantus, SaysSoWhenTheServerHasForgottenWhereItWas) {
    if (!TestServer::require(Kind::Secantus)) return;
    Logged logged;
    TestServer::Options options;
    options.arguments = {"--oplog-max-entries", "100"};
    TestServer server(Kind::Secantus, options);
    Gate gate(server.port());
    Watched watched(gate.uri("chat"));
    ASSERT_TRUE(watched.live());
    Other other(server.uri("chat"));
    other.send("before");
    ASSERT_THAT(watched.recorder.texts(1), ElementsAre("before"));
    gate.cut();
    ASSERT_TRUE(watched.live(false));
    for (int i = 0; i < 1'500; ++i) other.send("unheard");
    gate.open();
    EXPECT_EQ(watched.recorder.missed(1).size(), 1U);
    ASSERT_TRUE(watched.live());
    other.send("after");
    EXPECT_THAT(watched.recorder.texts(2), ElementsAre("before", "after"));
    EXPECT_EQ(logged.count("cannot say what has changed"), 1);
}

// What others of its databases do moves the stream on, although none of it is told.
TEST(WatcherOnAnOwnSecantus, AQuietDatabaseKeepsItsPlaceOnABusyServer) {
    if (!TestServer::require(Kind::Secantus)) return;
    TestServer::Options options;
    options.arguments = {"--oplog-max-entries", "100"};
    TestServer server(Kind::Secantus, options);
    Gate gate(server.port());
    Watched watched(gate.uri("chat"));
    ASSERT_TRUE(watched.live());
    Other other(server.uri("chat"));
    other.send("0");
    ASSERT_EQ(watched.recorder.texts(1), numbers(1));
    Other busy(server.uri("busy"));
    for (int i = 0; i < 1'500; ++i) busy.send("elsewhere");
    std::this_thread::sleep_for(3s);  // a few answers without events
    gate.cut();
    ASSERT_TRUE(watched.live(false));
    other.send("1");
    gate.open();
    EXPECT_EQ(watched.recorder.texts(2), numbers(2));
    EXPECT_TRUE(watched.recorder.missed(0).empty());
}

TEST(WatcherOnFerretDb, IsNotLiveAndSaysSoOnce) {
    if (!TestServer::require(Kind::FerretDb)) return;
    Logged logged;
    Watched watched(TestServer::fresh_uri(Kind::FerretDb));
    const auto end = SteadyClock::now() + kPatience;
    while (logged.count("has no change streams") == 0 && SteadyClock::now() < end) std::this_thread::sleep_for(5ms);
    watched.retry();
    std::this_thread::sleep_for(300ms);
    EXPECT_EQ(logged.count("has no change streams"), 1);
    EXPECT_TRUE(watched.live(false));
    EXPECT_LT(watched.stop(), 5s);
}

}  // namespace
}  // namespace parley::storage::mongodb

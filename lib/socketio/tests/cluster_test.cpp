// Several servers joined by an adapter: what is done on one is done on all, and they answer each other.
#include "core_fixture.hpp"
#include "joined_adapter.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ClusterTest : public testing::Test {
protected:
    // The network goes first: it carries to servers that are still there.
    ~ClusterTest() override {
        for (auto& server : servers) server->loops.stop();
        network.stop();
        servers.clear();
    }
    void create(std::size_t count, const HubOptions& options = {}) {
        for (std::size_t i = 0; i < count; ++i) {
            servers.push_back(std::make_unique<Core>());
            servers.back()->create(
                options, [this](Adapter::Deliver deliver) { return std::make_unique<JoinedAdapter>(network, std::move(deliver)); });
            servers.back()->root().on("join", [](Socket& socket, const Arguments& room) { socket.join(room[0].as_string()); });
        }
    }
    // All loops run, even where no client is.
    void settle() {
        for (int i = 0; i < 3; ++i) {
            for (auto& server : servers) server->settle();
            network.settle();
        }
        for (auto& server : servers) server->settle();
    }
    Sent sent(Core& server, FakeSession& session) {
        settle();
        return server.sent(session);
    }
    static std::string id_of_question(const std::string& question) { return question.substr(1, question.find('[') - 1); }
    void answer(Core& server, FakeSession& session, const std::string& arguments) {
        const Sent questions = sent(server, session);
        ASSERT_EQ(questions.size(), 1u);
        server.receive(session, "3" + id_of_question(questions[0]) + "[" + arguments + "]");
    }
    std::function<void(Responses)> note() {
        return [this](const Responses& responses) {
            std::string text = responses.complete ? "complete" : "incomplete";
            std::vector<std::string> answers;
            for (const Arguments& answer : responses.answers) answers.push_back(answer.json());
            std::ranges::sort(answers);
            for (const std::string& answer : answers) text += " " + answer;
            notes.add(text);
        };
    }
    Sent wait_for_notes() {
        Sent got;
        EXPECT_TRUE(servers[0]->eventually([&] {
            for (auto& note : notes.take()) got.push_back(note);
            return !got.empty();
        }));
        return got;
    }

    Network network;
    std::vector<std::unique_ptr<Core>> servers;
    Notes<> notes;
};

TEST_F(ClusterTest, AnEmitReachesTheSocketsOfAllServersOnce) {
    create(3);
    std::vector<FakeSession*> clients;
    for (auto& server : servers) {
        for (const std::size_t loop : {0u, 1u}) clients.push_back(&server->enter(loop));
    }
    servers[1]->root().emit("x", {1, Bytes{"\x01"}});
    settle();
    servers[2]->root().everybody().emit(servers[2]->root().prepare("prepared"));
    settle();
    for (std::size_t i = 0; i < clients.size(); ++i) {
        EXPECT_THAT(servers[i / 2]->sent(*clients[i]),
                    ElementsAre(R"(51-["x",1,{"_placeholder":true,"num":0}])", "binary:\x01", R"(2["prepared"])"));
    }
}

TEST_F(ClusterTest, RoomsAndExceptionsHoldEverywhere) {
    create(2);
    FakeSession& a = servers[0]->enter(0);
    FakeSession& b = servers[1]->enter(1);
    FakeSession& c = servers[1]->enter(0);
    servers[0]->receive(a, R"(2["join","garden"])");
    servers[1]->receive(b, R"(2["join","garden"])");
    servers[1]->receive(b, R"(2["join","quiet"])");
    servers[0]->root().to("garden").emit("both");
    servers[0]->root().to("garden").except("quiet").emit("a alone");
    servers[1]->root().except("garden").emit("c alone");
    EXPECT_THAT(sent(*servers[0], a), ElementsAre(R"(2["both"])", R"(2["a alone"])"));
    EXPECT_THAT(sent(*servers[1], b), ElementsAre(R"(2["both"])"));
    EXPECT_THAT(sent(*servers[1], c), ElementsAre(R"(2["c alone"])"));
}

TEST_F(ClusterTest, LocalStaysHere) {
    create(2);
    FakeSession& here = servers[0]->enter(0);
    FakeSession& there = servers[1]->enter(0);
    servers[0]->root().local().emit("x");
    std::size_t found = 0;
    servers[0]->root().local().fetch_sockets([&](const std::vector<RemoteSocket>& sockets) { found = sockets.size(); });
    servers[0]->root().local().timeout(60s).emit_with_ack("q", {}, note());
    const Sent got = sent(*servers[0], here);
    ASSERT_EQ(got.size(), 2u);
    servers[0]->receive(here, "3" + id_of_question(got[1]) + "[1]");
    EXPECT_THAT(sent(*servers[1], there), IsEmpty());
    EXPECT_EQ(found, 1u);
    EXPECT_THAT(notes.take(), ElementsAre("complete 1"));
}

TEST_F(ClusterTest, AVolatileEventIsVolatileThereToo) {
    create(2);
    FakeSession& busy = servers[1]->enter(0);
    FakeSession& ready = servers[1]->enter(1);
    servers[1]->on(busy, [&] { busy.writable_ = false; });
    servers[0]->root().volatile_().emit("x");
    EXPECT_THAT(sent(*servers[1], busy), IsEmpty());
    EXPECT_THAT(sent(*servers[1], ready), ElementsAre(R"(2["x"])"));
}

TEST_F(ClusterTest, WhatOneThreadEmitsArrivesInOrderEverywhere) {
    create(2);
    constexpr int kEach = 300;
    FakeSession& near = servers[0]->enter(0);
    FakeSession& far = servers[1]->enter(1);
    const Namespace nsp = servers[0]->root();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) nsp.emit(std::to_string(t), i);
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& got : {sent(*servers[0], near), sent(*servers[1], far)}) {
        int next[3] = {};
        for (const std::string& packet : got) {
            const int t = packet[3] - '0';
            ASSERT_EQ(packet, "2[\"" + std::to_string(t) + "\"," + std::to_string(next[t]) + "]");
            ++next[t];
        }
        EXPECT_THAT(next, testing::Each(kEach));
    }
}

TEST_F(ClusterTest, SocketsElsewhereAreFetchedMovedAndEnded) {
    create(2);
    servers[1]->root().on_connection([](Socket& socket) { socket.data() = "far"; });
    FakeSession& near = servers[0]->enter(0);
    FakeSession& far = servers[1]->enter(1);
    std::vector<RemoteSocket> found;
    servers[0]->root().everybody().timeout(60s).fetch_sockets([&](std::vector<RemoteSocket> sockets) { found = std::move(sockets); });
    settle();
    ASSERT_EQ(found.size(), 2u);
    const RemoteSocket& remote = found[0].data.is_null() ? found[1] : found[0];
    EXPECT_EQ(remote.data, Value("far"));
    servers[0]->root().to(remote.id).sockets_join("garden");
    servers[0]->root().to("garden").emit("in");
    servers[0]->root().to("garden").sockets_leave("garden");
    servers[0]->root().to("garden").emit("out");
    servers[0]->root().to(remote.id).disconnect_sockets(true);
    EXPECT_THAT(sent(*servers[1], far), ElementsAre(R"(2["in"])", "1"));
    EXPECT_FALSE(servers[1]->is_open(far));
    EXPECT_THAT(sent(*servers[0], near), IsEmpty());
}

TEST_F(ClusterTest, ASocketsBroadcastLeavesItOutAndReachesTheOthers) {
    create(2);
    servers[0]->root().on("say", [](Socket& socket, const Arguments& said) { socket.broadcast().emit("said", said); });
    FakeSession& self = servers[0]->enter(0);
    FakeSession& far = servers[1]->enter(1);
    servers[0]->receive(self, R"(2["say","hi"])");
    EXPECT_THAT(sent(*servers[0], self), IsEmpty());
    EXPECT_THAT(sent(*servers[1], far), ElementsAre(R"(2["said","hi"])"));
}

// Answers

TEST_F(ClusterTest, AnswersComeFromAllServers) {
    create(3);
    std::vector<FakeSession*> clients;
    for (auto& server : servers) clients.push_back(&server->enter(0));
    servers[1]->root().everybody().timeout(60s).emit_with_ack("q", {}, note());
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_THAT(notes.take(), IsEmpty());
        answer(*servers[i], *clients[i], std::to_string(i));
    }
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("complete 0 1 2"));
}

TEST_F(ClusterTest, WhoLeavesElsewhereIsNotWaitedFor) {
    create(2);
    FakeSession& near = servers[0]->enter(0);
    FakeSession& far = servers[1]->enter(0);
    servers[0]->root().everybody().timeout(60s).emit_with_ack("q", {}, note());
    answer(*servers[0], near, "1");
    settle();
    servers[1]->lose(far);
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("incomplete 1"));
}

TEST_F(ClusterTest, QuestionsOfTwoServersToOneClientAreNotMixedUp) {
    create(2);
    Socket* met = nullptr;
    servers[1]->root().on_connection([&](Socket& socket) { met = &socket; });
    FakeSession& client = servers[1]->enter(0);
    servers[0]->loops.start();
    servers[0]->started = true;
    servers[1]->on(client, [&] {
        met->emit_with_ack("own", {}, 60s, [&](const Result<Arguments>& got) { notes.add("own " + (got ? got->json() : "error")); });
    });
    servers[0]->root().everybody().timeout(60s).emit_with_ack("other's", {}, note());
    const Sent questions = sent(*servers[1], client);
    ASSERT_EQ(questions.size(), 2u);
    EXPECT_NE(id_of_question(questions[0]), id_of_question(questions[1]));
    servers[1]->receive(client, "3" + id_of_question(questions[1]) + R"(["to the other"])");
    servers[1]->receive(client, "3" + id_of_question(questions[0]) + R"(["to its own"])");
    settle();
    EXPECT_THAT(notes.take(), UnorderedElementsAre(R"(own "to its own")", R"(complete "to the other")"));
}

TEST_F(ClusterTest, AServerThatDoesNotAnswerIsNotWaitedForLongerThanTheTimeOut) {
    create(3);
    FakeSession& near = servers[0]->enter(0);
    FakeSession& far = servers[1]->enter(0);
    servers[2]->enter(0);
    network.cut(&servers[2]->hub->adapter());
    servers[0]->root().everybody().timeout(500ms).emit_with_ack("q", {}, note());
    answer(*servers[0], near, "1");
    answer(*servers[1], far, "2");
    EXPECT_THAT(wait_for_notes(), ElementsAre("incomplete 1 2"));
    std::promise<std::size_t> found;
    servers[0]->root().everybody().timeout(200ms).fetch_sockets(
        [&](const std::vector<RemoteSocket>& sockets) { found.set_value(sockets.size()); });
    EXPECT_EQ(found.get_future().get(), 2u);
}

// Between programs

TEST_F(ClusterTest, AServerSideEventIsForTheOthersOnly) {
    create(3);
    for (std::size_t i = 0; i < 3; ++i) {
        servers[i]->root().on_server_side("x", [this, i](const Arguments& said, const Ack& ack) {
            EXPECT_FALSE(ack);
            notes.add(std::to_string(i) + " " + said.json());
        });
        servers[i]->of("/other").on_server_side("x", [this](const Arguments&, const Ack&) { notes.add("wrong namespace"); });
    }
    settle();
    servers[1]->root().server_side_emit("x", {1, "two"});
    servers[1]->root().server_side_emit("unheard");
    settle();
    EXPECT_THAT(notes.take(), UnorderedElementsAre(R"(0 1,"two")", R"(2 1,"two")"));
}

TEST_F(ClusterTest, ProgramsAnswerAtOnceOrLaterOrHaveNothingToSay) {
    create(4);
    Ack later;
    servers[1]->root().on_server_side("q", [](const Arguments& said, const Ack& ack) { ack({"at once", said[0]}); });
    servers[2]->root().on_server_side("q", [&](const Arguments&, const Ack& ack) { later = ack; });
    settle();
    servers[0]->root().server_side_emit("q", 7, 60s, note());
    settle();
    EXPECT_THAT(notes.take(), IsEmpty());
    std::thread([&] { later("later"); }).join();
    settle();
    EXPECT_THAT(notes.take(), ElementsAre(R"(complete "at once",7 "later")"));
}

TEST_F(ClusterTest, AProgramThatNeverAnswersIsLeftOut) {
    create(3);
    std::vector<Ack> kept;
    servers[1]->root().on_server_side("q", [](const Arguments&, const Ack& ack) { ack("here"); });
    servers[2]->root().on_server_side("q", [&](const Arguments&, const Ack& ack) { kept.push_back(ack); });
    settle();
    servers[0]->root().server_side_emit("q", {}, 300ms, note());
    EXPECT_THAT(wait_for_notes(), ElementsAre(R"(incomplete "here")"));
    settle();
    EXPECT_EQ(kept.size(), 1u);
}

TEST_F(ClusterTest, AloneThereIsNobodyToAnswer) {
    create(1);
    settle();
    servers[0]->root().server_side_emit("q", {}, 60s, note());
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("complete"));
}

// Together with the rest

TEST_F(ClusterTest, ANamespaceThatAnotherServerDoesNotHaveIsNoHindrance) {
    create(2);
    servers[0]->parent("/room-");
    FakeSession& client = servers[0]->enter(0, "0/room-1,");
    settle();
    std::promise<std::size_t> found;
    Broadcast(servers[0]->hub->enter("/room-1", {})).timeout(60s).fetch_sockets([&](const std::vector<RemoteSocket>& sockets) {
        found.set_value(sockets.size());
    });
    EXPECT_EQ(found.get_future().get(), 1u);
    EXPECT_THAT(sent(*servers[0], client), IsEmpty());
}

TEST_F(ClusterTest, AClientThatComesBackGetsWhatAnotherServerEmitted) {
    HubOptions options;
    options.recovery.mode = RecoveryOptions::Mode::OnRequest;
    create(2, options);
    const auto connect = [&](FakeSession& session) { return sent(*servers[0], session); };
    FakeSession& client = servers[0]->open(0, R"(0{"recover":true})");
    const std::string hello = connect(client).at(0);
    servers[0]->lose(client);
    servers[1]->settle();
    servers[1]->root().emit("missed", 1);
    settle();
    FakeSession& back = servers[0]->open(1, R"(0{"pid":")" + Core::member(hello, "pid") + "\"}");
    const Sent got = connect(back);
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(Core::id_of(got[0]), Core::id_of(hello));
    EXPECT_THAT(got[1], testing::StartsWith(R"(2["missed",1,")"));
}

}  // namespace
}  // namespace parley::socketio

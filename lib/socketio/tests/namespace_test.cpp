// Namespaces: how they come and go, and that each is a world of its own.
#include "api_fixture.hpp"
#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

class NamespaceTest : public CoreTest {
protected:
    static HubOptions cleaning() { return {.cleanup_empty_child_namespaces = true}; }
    std::uint64_t namespaces() {
        settle();
        return hub->namespaces();
    }
};

TEST_F(NamespaceTest, ANameWithoutSlashGetsOne) {
    create();
    EXPECT_EQ(of("admin").name(), "/admin");
    of("/admin");
    of("/");
    EXPECT_EQ(hub->namespaces(), 2u);
    EXPECT_THAT(sent(open(0, "0/admin,")), ElementsAre(StartsWith("0/admin,{")));
}

TEST_F(NamespaceTest, OneClientIsInSeveralWithADifferentIdInEach) {
    create();
    of("/a").on_connection([](Socket& socket) { socket.join("garden"); });
    of("/b");
    FakeSession& client = open(0);
    receive(client, "0/a,");
    receive(client, "0/b,");
    const Sent answers = sent(client);
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_NE(id_of(answers[0]), id_of(answers[1]));
    EXPECT_NE(id_of(answers[1]), id_of(answers[2]));
    of("/a").to("garden").emit("x");
    of("/b").to("garden").emit("not in this garden");
    of("/b").to(id_of(answers[1])).emit("not this id");
    EXPECT_THAT(sent(client), ElementsAre(R"(2/a,["x"])"));
}

TEST_F(NamespaceTest, LeavingOneKeepsTheOthers) {
    create();
    of("/a");
    FakeSession& client = open(0);
    receive(client, "0/a,");
    receive(client, "1/a,");
    sent(client);
    EXPECT_EQ(of("/a").sockets(), 0u);
    EXPECT_EQ(root().sockets(), 1u);
    root().emit("still here");
    EXPECT_THAT(sent(client), ElementsAre(R"(2["still here"])"));
    receive(client, "0/a,");
    EXPECT_THAT(sent(client), ElementsAre(StartsWith("0/a,{"))) << "and may come back";
}

TEST_F(NamespaceTest, TheFirstParentThatFitsCounts) {
    create();
    Notes<> asked;
    parent("/room-1").on_connection([&](Socket& socket) { asked.add("narrow " + socket.nsp()); });
    parent("/room-").on_connection([&](Socket& socket) { asked.add("wide " + socket.nsp()); });
    open(0, "0/room-12,");
    open(0, "0/room-2,");
    EXPECT_THAT(asked.take(), ElementsAre("narrow /room-12", "wide /room-2"));
}

TEST_F(NamespaceTest, AStaticOneIsNotItsParentsChild) {
    create();
    Notes<> heard;
    parent("/").on_connection([&](Socket&) { heard.add("child"); });
    of("/lobby").on_connection([&](Socket&) { heard.add("static"); });
    open(0, "0/lobby,");
    EXPECT_THAT(heard.take(), ElementsAre("static"));
}

TEST_F(NamespaceTest, AParentThatThrowsAllowsNothing) {
    create();
    hub->add_parent([](std::string_view, const Value&) -> bool { throw std::runtime_error("no"); });
    FakeSession& client = open(0, "0/x,");
    EXPECT_THAT(sent(client), ElementsAre(R"(4/x,{"message":"Invalid namespace"})"));
    EXPECT_TRUE(is_open(client));
}

TEST_F(NamespaceTest, AChildGetsAllItsParentsHandlers) {
    create();
    Notes<> heard;
    auto rooms = parent("/room-");
    rooms.use([&](Socket&, const Next& next) {
        heard.add("use");
        next();
    });
    rooms.on_connection([&](Socket& socket) { heard.add("connection " + socket.nsp()); });
    rooms.on("say", [&](Socket&, const Arguments& said) { heard.add("say " + said[0].as_string()); });
    rooms.on("ask", [](Socket&, const Arguments&, const Ack& ack) { ack("answer"); });
    rooms.on_upgrade([&](Socket&) { heard.add("upgrade"); });
    rooms.on_disconnecting([&](Socket&, DisconnectReason) { heard.add("disconnecting"); });
    rooms.on_disconnect([&](Socket&, DisconnectReason) { heard.add("disconnect"); });
    FakeSession& client = enter(1, "0/room-1,");
    receive(client, R"(2/room-1,["say","hi"])");
    receive(client, R"(2/room-1,3["ask"])");
    EXPECT_THAT(sent(client), ElementsAre(R"(3/room-1,3["answer"])"));
    on(client, [&] { client.upgrade(); });
    receive(client, "1/room-1,");
    EXPECT_THAT(heard.take(), ElementsAre("use", "connection /room-1", "say hi", "upgrade", "disconnecting", "disconnect"));
}

TEST_F(NamespaceTest, WhatANewChildIsGivenIsItsOwn) {
    create();
    Notes<> heard;
    parent("/room-").on_connection([&](Socket& socket) { heard.add("all: " + socket.nsp()); });
    hub->on_new_namespace([&](Namespace made) {
        if (made.name() != "/room-1") return;
        made.on_connection([&](Socket& socket) { heard.add("one: " + socket.nsp()); });
    });
    open(0, "0/room-1,");
    open(0, "0/room-2,");
    open(1, "0/room-1,");
    EXPECT_THAT(heard.take(), ElementsAre("all: /room-1", "one: /room-1", "all: /room-2", "all: /room-1", "one: /room-1"));
}

TEST_F(NamespaceTest, OfManyThatAskAtOnceOneMakesIt) {
    create();
    std::atomic<int> made = 0;
    parent("/room-");
    hub->on_new_namespace([&](const Namespace&) {
        ++made;
        std::this_thread::yield();
    });
    for (std::size_t loop = 0; loop < 2; ++loop) run(loop, [] {});
    std::promise<void> done[2];
    for (std::size_t loop = 0; loop < 2; ++loop) {
        loops[loop].post([&, loop] {
            std::vector<std::unique_ptr<FakeSession>> clients;
            for (int i = 0; i < 200; ++i) {
                clients.push_back(std::make_unique<FakeSession>(loops[loop], *hub));
                clients.back()->receive("0/room-" + std::to_string(i) + ',');
            }
            for (auto& client : clients) client->end(engineio::CloseReason::TransportClose);
            done[loop].set_value();
        });
    }
    for (auto& promise : done) promise.get_future().wait();
    EXPECT_EQ(made, 200);
    EXPECT_EQ(hub->namespaces(), 201u);
}

TEST_F(NamespaceTest, WithoutCleanUpAnEmptyChildStays) {
    create();
    parent("/room-");
    lose(open(0, "0/room-1,"));
    EXPECT_EQ(namespaces(), 2u);
}

TEST_F(NamespaceTest, CleanUpWaitsForTheLastSocketAndLeavesStaticOnes) {
    create(cleaning());
    of("/static");
    parent("/room-");
    FakeSession& first = open(0, "0/room-1,");
    FakeSession& last = open(1, "0/room-1,");
    lose(open(0, "0/static,"));
    lose(first);
    EXPECT_EQ(namespaces(), 3u);
    lose(last);
    EXPECT_EQ(namespaces(), 2u);
}

TEST_F(NamespaceTest, AChildMadeForARefusedClientIsCleanedUp) {
    create(cleaning());
    parent("/room-").use([](Socket&, const Next& next) { next.refuse({"no", {}}); });
    EXPECT_THAT(sent(open(0, "0/room-1,")), ElementsAre(R"(4/room-1,{"message":"no"})"));
    EXPECT_EQ(namespaces(), 1u);
}

TEST_F(NamespaceTest, AChildMadeForAClientThatLeftInTheMiddlewareIsCleanedUp) {
    create(cleaning());
    std::optional<Next> held;
    parent("/room-").use([&](Socket&, Next next) { held = std::move(next); });
    FakeSession& client = open(0, "0/room-1,");
    EXPECT_EQ(namespaces(), 2u);
    lose(client);
    EXPECT_EQ(namespaces(), 1u);
    (*held)();
    EXPECT_EQ(namespaces(), 1u);
}

TEST_F(NamespaceTest, AChildThatHasGoneComesBackAndIsAnother) {
    create(cleaning());
    Notes<> made;
    std::optional<Namespace> latest;
    parent("/room-").on_connection([](Socket& socket) { socket.join("garden"); });
    hub->on_new_namespace([&](const Namespace& nsp) {
        made.add(nsp.name());
        latest = nsp;
    });
    lose(open(0, "0/room-1,"));
    FakeSession& client = enter(1, "0/room-1,");
    EXPECT_THAT(made.take(), ElementsAre("/room-1", "/room-1"));
    latest->to("garden").emit("x");
    EXPECT_THAT(sent(client), ElementsAre(R"(2/room-1,["x"])"));
}

TEST_F(NamespaceTest, WhoKeepsOneMayUseItAfterItHasGone) {
    create(cleaning());
    std::optional<Namespace> kept;
    std::optional<SocketHandle> handle;
    std::optional<Broadcast> broadcast;
    parent("/room-").on_connection([&](Socket& socket) {
        handle = socket.handle();
        broadcast.emplace(socket.broadcast());
    });
    hub->on_new_namespace([&](Namespace made) { kept = std::move(made); });
    lose(open(0, "0/room-1,"));
    EXPECT_EQ(namespaces(), 1u);
    kept->emit("nobody");
    handle->emit("nobody");
    handle->disconnect();
    broadcast->emit("nobody");
    EXPECT_EQ(kept->sockets(), 0u);
    EXPECT_EQ(kept->name(), "/room-1");
}

TEST_F(NamespaceTest, TenThousandAreMadeAndCleanedUp) {
    create(cleaning());
    parent("/room-");
    constexpr int kClients = 100;
    constexpr int kEach = 100;
    for (int client = 0; client < kClients; ++client) {
        FakeSession& session = open(static_cast<std::size_t>(client % 2), "");
        on(session, [&] {
            for (int i = 0; i < kEach; ++i) session.receive("0/room-" + std::to_string(client * kEach + i) + ',');
        });
        EXPECT_EQ(sent(session).size(), static_cast<std::size_t>(kEach));
    }
    EXPECT_EQ(namespaces(), 1u + kClients * kEach);
    EXPECT_EQ(hub->sockets(), static_cast<std::uint64_t>(kClients * kEach));
    for (const auto& session : sessions) lose(*session);
    EXPECT_EQ(namespaces(), 1u);
    EXPECT_EQ(hub->sockets(), 0u);
}

TEST_F(NamespaceTest, EachInCallsForTheSocketsOfARoomOrForAll) {
    create();
    of("/a").on_connection([](Socket& socket) {
        if (!socket.auth()["room"].is_null()) socket.join(socket.auth()["room"].as_string());
    });
    const std::string in = id_of(sent(open(0, R"(0/a,{"room":"garden"})"))[0]);
    const std::string out = id_of(sent(open(1, "0/a,"))[0]);
    open(0);
    Notes<> met;
    const auto note = [&met](Socket& socket) { met.add(socket.id()); };
    of("/a").each_in("garden", note);
    settle();
    EXPECT_THAT(met.take(), ElementsAre(in));
    of("/a").each_in("", note);
    settle();
    EXPECT_THAT(met.take(), UnorderedElementsAre(in, out));
    of("/a").each_in("nobody's", note);
    settle();
    EXPECT_THAT(met.take(), IsEmpty());
}

// Old clients: Engine.IO 3, Socket.IO protocol 4.

TEST_F(NamespaceTest, AnOldClientIsInTheDefaultOneWithoutAsking) {
    create();
    Notes<> met;
    root().on_connection([&](Socket& socket) {
        met.add(socket.id());
        EXPECT_EQ(socket.protocol(), 3u);
        EXPECT_TRUE(socket.auth().is_null());
    });
    FakeSession& client = open(0, "", 3);
    EXPECT_THAT(sent(client), ElementsAre("0"));
    EXPECT_THAT(met.take(), ElementsAre("engine-id")) << "what it takes for its id";
    root().to("engine-id").emit("hi", 1);
    EXPECT_THAT(sent(client), ElementsAre(R"(2["hi",1])"));
}

TEST_F(NamespaceTest, AnOldClientNamesOthersWithAQuery) {
    create();
    Notes<> met;
    of("/admin").on_connection([&](Socket& socket) {
        met.add(socket.id());
        EXPECT_EQ(socket.auth()["token"], Value("x y"));
    });
    FakeSession& client = open(1, "", 3);
    sent(client);
    receive(client, "0/admin?token=x%20y,");
    EXPECT_THAT(sent(client), ElementsAre("0/admin,"));
    EXPECT_THAT(met.take(), ElementsAre("/admin#engine-id"));
    receive(client, "0/unknown,");
    EXPECT_THAT(sent(client), ElementsAre(R"(4/unknown,{"message":"Invalid namespace"})"));
    of("/admin").emit("x");
    EXPECT_THAT(sent(client), ElementsAre(R"(2/admin,["x"])"));
}

TEST_F(NamespaceTest, AnOldClientThatIsRefusedHearsTheDataOrTheMessage) {
    create();
    root().use([](Socket&, const Next& next) { next.refuse({"message", {}}); });
    of("/data").use([](Socket&, const Next& next) { next.refuse({"message", Object{{"code", 7}}}); });
    FakeSession& client = open(0, "", 3);
    EXPECT_THAT(sent(client), ElementsAre(R"(4"message")"));
    receive(client, "0/data,");
    EXPECT_THAT(sent(client), ElementsAre(R"(4/data,{"code":7})"));
}

// The server's own functions are those of the default namespace.

class DefaultNamespaceTest : public test::ApiTest {
protected:
    ~DefaultNamespaceTest() override { app.reset(); }  // before what its handlers use
    Notes<> notes;
};

TEST_F(DefaultNamespaceTest, HandlersGivenToTheServerHearItsClients) {
    io().use([this](Socket&, const Next& next) {
        notes.add("use");
        next();
    });
    io().on_connection([this](Socket&) { notes.add("connection"); });
    io().on("say", [this](Socket&, const Arguments& said) { notes.add("say " + said.json()); });
    io().on("ask", [](Socket&, const Arguments&, const Ack& ack) { ack("answer"); });
    io().on_disconnecting([this](Socket&, DisconnectReason) { notes.add("disconnecting"); });
    std::promise<void> gone;
    io().on_disconnect([&](Socket&, DisconnectReason) { gone.set_value(); });
    listen();
    test::Peer peer(port);
    peer.send(R"(2["say",1])");
    EXPECT_EQ(peer.ask(R"(21["ask"])"), R"(31["answer"])");
    peer.send("1");
    gone.get_future().wait();
    EXPECT_THAT(notes.take(), ElementsAre("use", "connection", "say 1", "disconnecting"));
}

TEST_F(DefaultNamespaceTest, EachInMeetsTheServersSocketsFromAnyThread) {
    io().on_connection([](Socket& socket) {
        if (socket.query("room") != "") socket.join(socket.query("room"));
        socket.emit("ready");
    });
    listen();
    test::Peer in(port, "", "&room=garden");
    test::Peer out(port);
    EXPECT_EQ(in.next(), R"(2["ready"])");
    EXPECT_EQ(out.next(), R"(2["ready"])");
    io().each_in("garden", [this](Socket& socket) { notes.add(socket.id()); });
    on_loop([] {});
    EXPECT_THAT(notes.take(), ElementsAre(in.id));
    on_loop([this] { io().each_in("", [this](Socket& socket) { notes.add(socket.id()); }); });
    EXPECT_THAT(notes.take(), UnorderedElementsAre(in.id, out.id));
}

TEST_F(DefaultNamespaceTest, CountersCountAllNamespaces) {
    io().of("/other");
    listen();
    test::Peer peer(port);
    peer.ask("0/other,");
    const Server::Counters counters = on_loop([this] { return io().counters(); });
    EXPECT_EQ(counters.sessions, 1u);
    EXPECT_EQ(counters.sockets, 2u);
    EXPECT_EQ(counters.namespaces, 2u);
    EXPECT_EQ(counters.packets_in, 2u);
    EXPECT_EQ(counters.packets_out, 2u);
    EXPECT_EQ(counters.recovered, 0u);
}

TEST_F(DefaultNamespaceTest, TheServerSaysWhichRequestsAreItsOwn) {
    ServerOptions options;
    options.path = "/chat";
    options.max_payload = 5000;
    create(std::move(options));
    net::RequestHead head;
    for (const char* target : {"/chat?EIO=4", "/chat/?EIO=4"}) {
        head.target = target;
        EXPECT_TRUE(io().serves(head)) << target;
    }
    EXPECT_EQ(io().max_body_bytes(head), 5000u);
    EXPECT_EQ(io().error(413, head).status, 413u);
    for (const char* target : {"/", "/chats?EIO=4", "/socket.io/?EIO=4", "/chat/socket.io.js"}) {
        head.target = target;
        EXPECT_FALSE(io().serves(head)) << target;
    }
}

}  // namespace
}  // namespace parley::socketio

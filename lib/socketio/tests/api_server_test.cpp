// The public functions of Server, Namespace, Broadcast and RemoteSocket, each seen from the clients' side.
#include <gmock/gmock.h>

#include <thread>

#include "api_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using testing::ElementsAre;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// Clients join the rooms that their query names: "&rooms=a,b".
class ServerApi : public test::ApiTest {
protected:
    void listen() {
        io().on_connection([](Socket& socket) {
            std::string_view rooms = socket.query("rooms");
            while (!rooms.empty()) {
                const auto end = std::min(rooms.find(','), rooms.size());
                socket.join(rooms.substr(0, end));
                rooms.remove_prefix(std::min(end + 1, rooms.size()));
            }
            socket.emit("ready");  // what the test emits comes after it has joined
        });
        ApiTest::listen();
    }
    Peer join(std::string_view rooms) {
        Peer peer(port, "", rooms.empty() ? "" : "&rooms=" + std::string(rooms));
        EXPECT_EQ(peer.next(), R"(2["ready"])");
        return peer;
    }
};

class NamespaceApi : public test::ApiTest {};

TEST_F(NamespaceApi, EachHasItsSocketsAndBroadcasts) {
    Namespace admin = io().of("/admin");
    admin.on_connection([](Socket& socket) { socket.emit("nsp", socket.nsp()); });
    admin.on("x", [](Socket& socket, const Arguments& said) { socket.emit("admin x", said); });
    io().on("x", [](Socket& socket, const Arguments& said) { socket.emit("main x", said); });
    listen();
    EXPECT_EQ(admin.name(), "/admin");
    Peer inside(port, "/admin,");
    EXPECT_EQ(inside.next(), R"(2/admin,["nsp","/admin"])");
    Peer outside(port);
    EXPECT_EQ(inside.ask(R"(2/admin,["x",1])"), R"(2/admin,["admin x",1])");
    EXPECT_EQ(outside.ask(R"(2["x",2])"), R"(2["main x",2])");
    admin.emit("all of it");
    io().emit("all of main");
    EXPECT_EQ(inside.next(), R"(2/admin,["all of it"])");
    EXPECT_EQ(outside.next(), R"(2["all of main"])");
    EXPECT_EQ(on_loop([&] { return admin.sockets(); }), 1u);
    std::vector<std::string> ids;
    on_loop([&] { admin.each_in("", [&](Socket& socket) { ids.push_back(socket.id()); }); });
    EXPECT_THAT(ids, ElementsAre(inside.id));
}

TEST_F(NamespaceApi, TheDefaultOneIsTheServersOwn) {
    Namespace main = io().of("/");
    main.on_connection([](Socket& socket) { socket.join("garden"); });
    listen();
    Peer peer(port);
    main.to("garden").emit("a");
    io().in("garden").emit("b");
    EXPECT_EQ(peer.next(), R"(2["a"])");
    EXPECT_EQ(peer.next(), R"(2["b"])");
}

TEST_F(NamespaceApi, ItsEmittingFunctionsAreThoseOfTheServer) {
    Namespace nsp = io().of("/n");
    nsp.on_connection([](Socket& socket) { socket.join("garden"); });
    listen();
    Peer peer(port, "/n,");
    nsp.emit("a");
    nsp.to("garden").emit("b");
    nsp.in("garden").emit("c");
    nsp.except("cellar").emit("d");
    nsp.local().emit("e");
    nsp.everybody().compress(false).emit("f");
    nsp.everybody().emit(nsp.prepare("g"));
    for (const char* event : {"a", "b", "c", "d", "e", "f", "g"}) EXPECT_EQ(peer.next(), "2/n,[\"" + std::string(event) + "\"]");
    nsp.everybody().disconnect_sockets();
    EXPECT_EQ(peer.next(), "1/n,");
}

TEST_F(NamespaceApi, APatternMakesThemWhenTheyAreAskedFor) {
    std::vector<std::string> made;
    auto teams = io().of(std::regex("/team-[0-9]+"));
    teams.on_connection([](Socket& socket) { socket.emit("welcome", socket.nsp()); });
    teams.use([](Socket& socket, const Next& next) {
        if (socket.auth()["name"].is_null()) return next.refuse({"who?", {}});
        next();
    });
    io().on_new_namespace([&made](const Namespace& nsp) { made.push_back(nsp.name()); });
    listen();
    Peer seven(port, R"(/team-7,{"name":"Ada"})");
    EXPECT_EQ(seven.next(), R"(2/team-7,["welcome","/team-7"])");
    Peer again(port, R"(/team-7,{"name":"Bob"})");
    EXPECT_EQ(Peer(port, "/team-8,").answer, R"(4/team-8,{"message":"who?"})");
    EXPECT_EQ(Peer(port, "/team-x,").answer, R"(4/team-x,{"message":"Invalid namespace"})");
    EXPECT_THAT(on_loop([&] { return made; }), ElementsAre("/team-7", "/team-8"));
}

TEST_F(NamespaceApi, AFunctionDecidesByNameAndAuth) {
    auto allowed = io().of([](std::string_view name, const Value& auth) { return name == "/" + std::string(auth["team"].as_string()); });
    allowed.on_connection([](Socket& socket) { socket.emit("welcome"); });
    listen();
    Peer peer(port, R"(/red,{"team":"red"})");
    EXPECT_EQ(peer.next(), R"(2/red,["welcome"])");
    EXPECT_EQ(Peer(port, R"(/blue,{"team":"red"})").answer, R"(4/blue,{"message":"Invalid namespace"})");
}

TEST_F(NamespaceApi, AnEmptyChildIsForgottenIfThatIsWanted) {
    ServerOptions options;
    options.cleanup_empty_child_namespaces = true;
    create(options);
    std::promise<void> left;
    io().of(std::regex("/room-.*")).on_disconnect([&left](Socket&, DisconnectReason) { left.set_value(); });
    listen();
    const auto before = on_loop([&] { return io().counters().namespaces; });
    Peer peer(port, "/room-1,");
    EXPECT_EQ(on_loop([&] { return io().counters().namespaces; }), before + 1);
    peer.send("1/room-1,");
    left.get_future().wait();
    EXPECT_EQ(on_loop([&] { return io().counters().namespaces; }), before);
}

TEST_F(NamespaceApi, MiddlewaresRunInOrderAndMayAnswerLaterFromAnotherThread) {
    std::vector<std::thread> threads;
    io().use([](Socket& socket, const Next& next) {
        socket.data() = "first";
        next();
    });
    io().use([&threads](Socket& socket, const Next& next) {
        socket.data() = socket.data().as_string() + " second";
        threads.emplace_back([next] { next(); });
    });
    io().on_connection([](Socket& socket) { socket.emit("data", socket.data()); });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.next(), R"(2["data","first second"])");
    for (auto& thread : threads) thread.join();
}

TEST_F(NamespaceApi, ARefusedConnectionHearsMessageAndData) {
    io().use([](Socket& socket, const Next& next) {
        if (socket.auth()["token"] == Value("open")) return next();
        next.refuse({"not authorized", Object{{"code", "E_AUTH"}, {"retry", false}}});
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.answer, R"(4{"message":"not authorized","data":{"code":"E_AUTH","retry":false}})");
    EXPECT_THAT(peer.ask(R"(0{"token":"open"})"), StartsWith(R"(0{"sid":)")) << "it may try again on the same transport";
}

TEST_F(ServerApi, EmitReachesThoseWhoAreMeant) {
    listen();
    Peer a = join("a");
    Peer b = join("b");
    Peer both = join("a,b");
    io().emit("everybody");
    io().to("a").emit("a");
    io().in("b").emit("b");
    io().everybody().to({"a", "b"}).emit("either");
    io().except("a").emit("not a");
    io().everybody().except({"a", "b"}).emit("nobody");
    io().to("a").except("b").emit("a alone");
    io().local().emit("local");
    io().everybody().compress(false).emit("plain");
    const auto all = [](Peer& peer) {
        std::vector<std::string> got;
        while (got.empty() || got.back() != R"(2["plain"])") got.push_back(peer.next());
        return got;
    };
    EXPECT_THAT(all(a),
                ElementsAre(R"(2["everybody"])", R"(2["a"])", R"(2["either"])", R"(2["a alone"])", R"(2["local"])", R"(2["plain"])"));
    EXPECT_THAT(all(b), ElementsAre(R"(2["everybody"])", R"(2["b"])", R"(2["either"])", R"(2["not a"])", R"(2["local"])", R"(2["plain"])"));
    EXPECT_THAT(all(both), ElementsAre(R"(2["everybody"])", R"(2["a"])", R"(2["b"])", R"(2["either"])", R"(2["local"])", R"(2["plain"])"));
}

TEST_F(ServerApi, AVolatileEventReachesWhoCanTakeIt) {
    io().on("now", [this](Socket&, const Arguments&) { io().volatile_().emit("state", 1); });
    listen();
    Peer peer = join("");
    EXPECT_EQ(peer.ask(R"(2["now"])"), R"(2["state",1])");
}

TEST_F(ServerApi, ManyAreAskedAndTheirAnswersComeTogether) {
    std::promise<Responses> told;
    listen();
    Peer a = join("voters");
    Peer b = join("voters");
    Peer other = join("");
    io().to("voters").timeout(20s).emit_with_ack("vote", "tea?", [&told](Responses responses) { told.set_value(std::move(responses)); });
    for (Peer* peer : {&a, &b}) {
        const std::string question = peer->next();  // 2<id>["vote","tea?"]
        EXPECT_THAT(question, testing::EndsWith(R"(["vote","tea?"])"));
        peer->send("3" + question.substr(1, question.find('[') - 1) + "[\"" + (peer == &a ? "yes" : "no") + "\"]");
    }
    const Responses responses = told.get_future().get();
    EXPECT_TRUE(responses.complete);
    std::vector<std::string> words;
    for (const auto& answer : responses.answers) words.push_back(answer[0].as_string());
    EXPECT_THAT(words, UnorderedElementsAre("yes", "no"));
    io().emit("end");
    EXPECT_EQ(other.next(), R"(2["end"])") << "it was not asked";
}

TEST_F(ServerApi, WhoDoesNotAnswerInTimeIsLeftOut) {
    std::promise<Responses> told;
    listen();
    Peer a = join("");
    Peer silent = join("");
    io().everybody().timeout(200ms).emit_with_ack("vote", {}, [&told](Responses responses) { told.set_value(std::move(responses)); });
    const std::string question = a.next();
    a.send("3" + question.substr(1, question.find('[') - 1) + "[1]");
    const Responses responses = told.get_future().get();
    EXPECT_FALSE(responses.complete);
    ASSERT_EQ(responses.answers.size(), 1u);
    EXPECT_EQ(responses.answers[0][0], Value(1));
}

Task<void> count(Server& io, std::promise<std::size_t>& told) {
    const auto members = co_await io.in("garden").fetch_sockets();
    const auto broadcast = io.in("garden").timeout(20s);
    const auto responses = co_await broadcast.emit_with_ack("vote", {});
    told.set_value(members.size() * 10 + responses.answers.size());
}

TEST_F(ServerApi, ACoroutineAwaitsMany) {
    listen();
    Peer peer = join("garden");
    std::promise<std::size_t> told;
    app->loops()[0].spawn(count(io(), told));
    const std::string question = peer.next();
    peer.send("3" + question.substr(1, question.find('[') - 1) + "[]");
    EXPECT_EQ(told.get_future().get(), 11u);
}

TEST_F(ServerApi, FetchSocketsTellsWhatIsKnownOfThem) {
    io().use([](Socket& socket, const Next& next) {
        socket.data() = Object{{"name", socket.auth()["name"]}};
        next();
    });
    listen();
    Peer peer(port, R"({"name":"Ada"})", "&rooms=garden&x=1");
    ASSERT_EQ(peer.next(), R"(2["ready"])");
    Peer other = join("cellar");
    std::promise<std::vector<RemoteSocket>> told;
    io().in("garden").fetch_sockets([&told](std::vector<RemoteSocket> sockets) { told.set_value(std::move(sockets)); });
    const auto sockets = told.get_future().get();
    ASSERT_EQ(sockets.size(), 1u);
    EXPECT_EQ(sockets[0].id, peer.id);
    EXPECT_EQ(sockets[0].data["name"], Value("Ada"));
    EXPECT_THAT(sockets[0].rooms, testing::Contains("garden"));
    EXPECT_EQ(sockets[0].handshake.auth["name"], Value("Ada"));
    EXPECT_EQ(sockets[0].handshake.address, "127.0.0.1");
    EXPECT_THAT(sockets[0].handshake.query, testing::Contains(std::pair<std::string, std::string>("x", "1")));
}

TEST_F(ServerApi, SocketsAreJoinedRemovedAndDisconnectedFromAfar) {
    listen();
    Peer a = join("garden");
    Peer b = join("");
    io().in("garden").sockets_join("terrace");
    io().to("terrace").emit("terrace");
    EXPECT_EQ(a.next(), R"(2["terrace"])");
    io().everybody().sockets_leave("terrace");
    io().to("terrace").emit("nobody");
    io().in("garden").disconnect_sockets();
    EXPECT_EQ(a.next(), "1");
    EXPECT_THAT(a.ask("0"), StartsWith("0{")) << "its transport is still there";
    io().everybody().disconnect_sockets(true);
    EXPECT_EQ(b.next(), "1");
    EXPECT_THAT(b.next(), testing::AnyOf(StartsWith("<closed"), "<ended>", "1"));
}

TEST_F(ServerApi, CloseTellsEveryTransport) {
    listen();
    Peer peer = join("");
    std::promise<void> closed;
    io().close(200ms, [&closed] { closed.set_value(); });
    EXPECT_EQ(peer.next(), "<closed 1001>");
    closed.get_future().wait();
}

TEST_F(ServerApi, CountersTellWhoIsThere) {
    listen();
    Peer a = join("");
    Peer b = join("");
    const auto counters = on_loop([&] { return io().counters(); });
    EXPECT_EQ(counters.sessions, 2u);
    EXPECT_EQ(counters.sockets, 2u);
}

TEST_F(ServerApi, WithoutOtherServersNobodyHearsAServerSideEvent) {
    bool heard = false;
    io().on_server_side("x", [&heard](const Arguments&, const Ack&) { heard = true; });
    listen();
    io().server_side_emit("x", 1);
    std::promise<Responses> told;
    io().server_side_emit("x", 1, 20s, [&told](Responses responses) { told.set_value(std::move(responses)); });
    const Responses responses = told.get_future().get();
    EXPECT_TRUE(responses.complete);
    EXPECT_TRUE(responses.answers.empty());
    EXPECT_FALSE(on_loop([&] { return heard; }));
}

// An adapter that joins two servers of one process: what one publishes the other applies.
struct Wire {
    std::mutex mutex;
    std::vector<std::pair<const Adapter*, Adapter::Deliver>> ends;
};
class WiredAdapter final : public Adapter {
public:
    WiredAdapter(std::shared_ptr<Wire> wire, Deliver deliver) : wire_(std::move(wire)), deliver_(std::move(deliver)) {
        std::lock_guard lock(wire_->mutex);
        wire_->ends.emplace_back(this, deliver_);
    }
    void publish(Operation operation, std::shared_ptr<AnswerSink> answers) override {
        if (operation.kind != Operation::Kind::ServerSideEmit) deliver_(operation, answers);
        if (operation.local) return;
        std::lock_guard lock(wire_->mutex);
        for (const auto& [end, deliver] : wire_->ends) {
            if (end != this) deliver(operation, answers);
        }
    }
    std::size_t servers() const override { return wire_->ends.size(); }

private:
    std::shared_ptr<Wire> wire_;
    Deliver deliver_;
};

class AdapterApi : public ServerApi {
protected:
    AdapterApi() {
        ServerOptions options;
        options.adapter = [wire = std::make_shared<Wire>()](Adapter::Deliver deliver) {
            return std::make_unique<WiredAdapter>(wire, std::move(deliver));
        };
        StandaloneOptions same;
        static_cast<ServerOptions&>(same) = options;
        same.loops = 1;
        same.stop_timeout = 200ms;
        create(std::move(options));
        other = std::make_unique<Standalone>(std::move(same));
    }
    std::unique_ptr<Standalone> other;
};

TEST_F(AdapterApi, OtherServersHearAndAnswerServerSideEvents) {
    other->io().on_server_side("question", [](const Arguments& said, const Ack& ack) { ack({"heard", said[0]}); });
    listen();
    ASSERT_TRUE(other->listen("127.0.0.1", 0));
    std::promise<Responses> told;
    io().server_side_emit("question", 7, 20s, [&told](Responses responses) { told.set_value(std::move(responses)); });
    const Responses responses = told.get_future().get();
    EXPECT_TRUE(responses.complete);
    ASSERT_EQ(responses.answers.size(), 1u);
    EXPECT_EQ(responses.answers[0], (Arguments{"heard", 7}));
}

TEST_F(AdapterApi, BroadcastsReachBothServersAndLocalOnesStay) {
    listen();
    other->io().on_connection([](Socket& socket) { socket.emit("ready"); });
    const auto other_port = other->listen("127.0.0.1", 0);
    Peer near = join("");
    Peer far(*other_port);
    ASSERT_EQ(far.next(), R"(2["ready"])");
    io().local().emit("near");
    io().emit("both");
    EXPECT_EQ(near.next(), R"(2["near"])");
    EXPECT_EQ(near.next(), R"(2["both"])");
    EXPECT_EQ(far.next(), R"(2["both"])");
    std::promise<std::size_t> told;
    io().everybody().fetch_sockets([&told](const std::vector<RemoteSocket>& sockets) { told.set_value(sockets.size()); });
    EXPECT_EQ(told.get_future().get(), 2u);
}

}  // namespace
}  // namespace parley::socketio

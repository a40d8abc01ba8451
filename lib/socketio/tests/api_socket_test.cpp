// Socket's public functions, each seen from the client's side.
#include <gmock/gmock.h>

#include "api_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using SocketApi = test::ApiTest;

// What a handler answers with: everything that it wants the test to see.
void answer(Socket& socket, const std::string& event, std::function<Arguments(Socket&)> what) {
    socket.on(event, [&socket, what](const Arguments&, const Ack& ack) { ack(what(socket)); });
}

TEST_F(SocketApi, KnowsItsHandshake) {
    ServerOptions options;
    options.keep_request_head = true;
    create(options);
    io().on_connection([](Socket& socket) {
        answer(socket, "handshake", [](Socket& s) {
            return Arguments{s.nsp(), s.query("room"), s.query().size(), s.auth()["token"], s.client_address().to_string(), s.secure()};
        });
        answer(socket, "request", [](Socket& s) {
            const net::RequestHead* request = s.request();
            return Arguments{request->target, request->headers.get("Host").empty()};
        });
        answer(socket, "age", [](Socket& s) {
            return Arguments{std::chrono::system_clock::now() - s.issued() < 60s, s.protocol(), s.on_websocket(), s.recovered()};
        });
    });
    listen();
    Peer peer(port, R"({"token":"open"})", "&room=garden");
    EXPECT_EQ(peer.ask(R"(21["handshake"])"), R"(31["/","garden",1,"open","127.0.0.1",false])");
    EXPECT_EQ(peer.ask(R"(22["request"])"), R"(32["/socket.io/?EIO=4&transport=websocket&room=garden",false])");
    EXPECT_EQ(peer.ask(R"(23["age"])"), "33[true,4,true,false]");
}

TEST_F(SocketApi, TheIdIsTheOneTheClientWasTold) {
    io().on_connection([](Socket& socket) { answer(socket, "id", [](Socket& s) { return Arguments{s.id(), s.connected()}; }); });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(21["id"])"), "31[\"" + peer.id + "\",true]");
}

TEST_F(SocketApi, DataIsKeptAndContextIsTheProgramsOwn) {
    io().on_connection([](Socket& socket) {
        socket.data() = Object{{"name", "Ada"}};
        socket.context() = 7;
        answer(socket, "mine", [](Socket& s) { return Arguments{s.data()["name"], std::any_cast<int>(s.context())}; });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(21["mine"])"), R"(31["Ada",7])");
}

TEST_F(SocketApi, RoomsAreJoinedAndLeft) {
    io().on_connection([](Socket& socket) {
        socket.join("a");
        socket.join("b");
        socket.leave("a");
        answer(socket, "rooms", [](Socket& s) { return Arguments{s.rooms().size(), s.in_room("a"), s.in_room("b")}; });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(21["rooms"])"), "31[1,false,true]");
}

TEST_F(SocketApi, OnceIsCalledOnceAndOnEveryTime) {
    io().on_connection([](Socket& socket) {
        socket.once("x", [&socket](const Arguments& said) { socket.emit("once", said); });
        socket.on("x", [&socket](const Arguments& said) { socket.emit("on", said); });
        answer(socket, "listeners", [](Socket& s) { return Arguments{s.listeners("x"), s.listeners("y")}; });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(20["listeners"])"), "30[2,0]");
    peer.send(R"(2["x",1])");
    EXPECT_EQ(peer.next(), R"(2["once",1])");
    EXPECT_EQ(peer.next(), R"(2["on",1])");
    EXPECT_EQ(peer.ask(R"(2["x",2])"), R"(2["on",2])");
    EXPECT_EQ(peer.ask(R"(20["listeners"])"), "30[1,0]");
}

TEST_F(SocketApi, OffTakesOneHandlerOrAllOfAnEvent) {
    io().on_connection([](Socket& socket) {
        const HandlerId first = socket.on("x", [&socket](const Arguments&) { socket.emit("first"); });
        socket.on("x", [&socket](const Arguments&) { socket.emit("second"); });
        socket.on("y", [&socket](const Arguments&) { socket.emit("third"); });
        socket.off(first);
        socket.on("forget", [&socket](const Arguments&) { socket.off("x"); });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(2["x"])"), R"(2["second"])");
    peer.send(R"(2["forget"])");
    peer.send(R"(2["x"])");
    EXPECT_EQ(peer.ask(R"(2["y"])"), R"(2["third"])");
}

TEST_F(SocketApi, OnAnySeesWhatComesBeforeTheHandlersDo) {
    io().on_connection([](Socket& socket) {
        socket.on("x", [&socket](const Arguments&) { socket.emit("handler"); });
        socket.on_any([&socket](std::string_view event, const Arguments& said) { socket.emit("any", {event, said.size()}); });
        socket.prepend_any([&socket](std::string_view, const Arguments&) { socket.emit("first"); });
        socket.on("blind", [&socket](const Arguments&) { socket.off_any(); });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(2["x",1,2])"), R"(2["first"])");
    EXPECT_EQ(peer.next(), R"(2["any","x",2])");
    EXPECT_EQ(peer.next(), R"(2["handler"])");
    peer.send(R"(2["blind"])");
    peer.next();
    peer.next();
    EXPECT_EQ(peer.ask(R"(2["x"])"), R"(2["handler"])");
}

TEST_F(SocketApi, OnAnyOutgoingSeesWhatIsSentToThisSocketByAnybody) {
    std::vector<std::string> seen;
    io().on_connection([&seen](Socket& socket) {
        socket.on_any_outgoing(
            [&seen](std::string_view event, const Arguments& said) { seen.push_back(std::string(event) + said.json()); });
        socket.prepend_any_outgoing([&seen](std::string_view, const Arguments&) { seen.emplace_back("first"); });
        socket.on("blind", [&socket](const Arguments&) {
            socket.off_any_outgoing();
            socket.emit("unseen");
        });
        socket.on("x", [&socket](const Arguments&) { socket.emit("own", 1); });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(2["x"])"), R"(2["own",1])");
    io().to(peer.id).emit("others", 2);
    EXPECT_EQ(peer.next(), R"(2["others",2])");
    EXPECT_EQ(peer.ask(R"(2["blind"])"), R"(2["unseen"])");
    EXPECT_THAT(on_loop([&] { return seen; }), ElementsAre("first", "own1", "first", "others2"));
}

TEST_F(SocketApi, AnEventMiddlewareChangesHoldsBackAndRefuses) {
    io().on_connection([](Socket& socket) {
        socket.use([](IncomingEvent& event, const EventNext& next) {
            if (event.name == "secret") return next.refuse("not for you");
            if (event.name == "lost") return;
            event.arguments = Arguments{event.arguments[0], "seen"};
            next();
        });
        socket.on_any([&socket](std::string_view event, const Arguments& said) { socket.emit(event, said); });
        socket.on_error([&socket](std::string_view message) { socket.emit("refused", message); });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(2["secret"])"), R"(2["refused","not for you"])");
    peer.send(R"(2["lost"])");
    EXPECT_EQ(peer.ask(R"(2["x",1])"), R"(2["x",1,"seen"])");
}

TEST_F(SocketApi, DisconnectingStillHasItsRoomsAndDisconnectHasNot) {
    std::promise<std::vector<std::string>> told;
    std::vector<std::string> seen;
    io().on_connection([&](Socket& socket) {
        socket.join("garden");
        socket.on_disconnecting([&](DisconnectReason reason) { seen.push_back(std::string(to_string(reason)) + socket.rooms().at(0)); });
        socket.on_disconnect([&](DisconnectReason reason) {
            seen.push_back(std::string(to_string(reason)) + std::to_string(socket.rooms().size()) + (socket.connected() ? "" : " gone"));
            told.set_value(seen);
        });
    });
    listen();
    Peer peer(port);
    peer.send("1");
    EXPECT_THAT(told.get_future().get(), ElementsAre("client namespace disconnectgarden", "client namespace disconnect0 gone"));
}

TEST_F(SocketApi, DisconnectSaysSoAndWithCloseEndsTheTransport) {
    io().on_connection([](Socket& socket) {
        socket.on("leave", [&socket](const Arguments&) { socket.disconnect(); });
        socket.on("close", [&socket](const Arguments&) { socket.disconnect(true); });
        socket.on("drop", [&socket](const Arguments&) { socket.close_transport(net::CloseCode::GoingAway, "try again"); });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.ask(R"(2["leave"])"), "1");
    EXPECT_THAT(peer.ask("0"), StartsWith("0{")) << "the transport is still there";
    EXPECT_EQ(peer.ask(R"(2["close"])"), "1");
    EXPECT_THAT(peer.next(), HasSubstr("1"));
    Peer another(port);
    EXPECT_EQ(another.ask(R"(2["drop"])"), "<closed 1001>");
}

TEST_F(SocketApi, AnEventGoesOutHoweverItIsEmitted) {
    const PreparedEvent prepared = io().prepare("prepared", 1);
    io().on_connection([&prepared](Socket& socket) {
        socket.emit("bare");
        socket.emit("volatile", 2, {.is_volatile = true});
        socket.emit("plain", {3, "x"}, {.compress = false});
        socket.emit(prepared);
        socket.emit_json("json", R"({"a":[]})");
        socket.emit_latest_json("latest", "4");
    });
    listen();
    Peer peer(port);
    const std::vector<std::string> got{peer.next(), peer.next(), peer.next(), peer.next(), peer.next(), peer.next()};
    EXPECT_THAT(got, ElementsAre(R"(2["bare"])", R"(2["volatile",2])", R"(2["plain",3,"x"])", R"(2["prepared",1])", R"(2["json",{"a":[]}])",
                                 R"(2["latest",4])"));
}

TEST_F(SocketApi, ASocketsBroadcastsLeaveItOut) {
    io().on_connection([](Socket& socket) {
        socket.join("garden");
        socket.on("shout", [&socket](const Arguments&) {
            socket.broadcast().emit("a");
            socket.to("garden").emit("b");
            socket.in("garden").emit("c");
            socket.except("cellar").emit("d");
            socket.local().emit("e");
            socket.broadcast().volatile_().emit("f");
            socket.emit("done");
        });
    });
    listen();
    Peer speaker(port);
    Peer listener(port);
    EXPECT_EQ(speaker.ask(R"(2["shout"])"), R"(2["done"])");
    for (const char* event : {"a", "b", "c", "d", "e"}) EXPECT_EQ(listener.next(), "2[\"" + std::string(event) + "\"]");
}

TEST_F(SocketApi, AHandleReachesItsSocketFromAnotherThread) {
    std::promise<SocketHandle> told;
    io().on_connection([&](Socket& socket) { told.set_value(socket.handle()); });
    listen();
    Peer peer(port);
    const SocketHandle handle = told.get_future().get();
    handle.emit("x", 1);
    EXPECT_EQ(peer.next(), R"(2["x",1])");
    handle.join("garden");
    handle.run([](Socket& socket) { socket.emit("in", socket.in_room("garden")); });
    EXPECT_EQ(peer.next(), R"(2["in",true])");
    handle.disconnect();
    EXPECT_EQ(peer.next(), "1");
}

// Answers "answer" to the client: its own words, or the error's code.
void tell(Socket& socket, const Result<Arguments>& result) {
    socket.emit("answer", result ? (*result)[0] : Value(to_string(result.error().code)));
}

Task<void> ask(Socket& socket) {
    const auto result = co_await socket.emit_with_ack("question", "why?", 20s);
    tell(socket, result);
}

TEST_F(SocketApi, AClientIsAskedAndAnswers) {
    io().on_connection([](Socket& socket) {
        socket.emit_with_ack("question", "who?", 20s, [&socket](const Result<Arguments>& result) { tell(socket, result); });
        socket.on("again", [&socket](const Arguments&) { socket.loop().spawn(ask(socket)); });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.next(), R"(20["question","who?"])");
    EXPECT_EQ(peer.ask(R"(30["me"])"), R"(2["answer","me"])");
    EXPECT_EQ(peer.ask(R"(2["again"])"), R"(21["question","why?"])");
    EXPECT_EQ(peer.ask(R"(31["because"])"), R"(2["answer","because"])");
}

TEST_F(SocketApi, AQuestionWithoutAnswerTimesOut) {
    io().on_connection([](Socket& socket) {
        socket.emit_with_ack("question", {}, 50ms, [&socket](const Result<Arguments>& result) { tell(socket, result); });
    });
    listen();
    Peer peer(port);
    EXPECT_EQ(peer.next(), R"(20["question"])");
    EXPECT_EQ(peer.next(), R"(2["answer","Timeout"])");
}

TEST_F(SocketApi, AQuestionIsCancelledWhenTheClientLeaves) {
    std::promise<ErrorCode> told;
    io().on_connection([&told](Socket& socket) {
        socket.emit_with_ack("question", {}, Socket::kNoTimeout,
                             [&told](const Result<Arguments>& result) { told.set_value(result.error().code); });
    });
    listen();
    Peer peer(port);
    peer.send("1");
    EXPECT_EQ(told.get_future().get(), ErrorCode::Cancelled);
}

}  // namespace
}  // namespace parley::socketio

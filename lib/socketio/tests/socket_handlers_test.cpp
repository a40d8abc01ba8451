// What a program gives one socket: handlers that come and go, listeners of everything, middleware for events.
#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SocketHandlersTest : public CoreTest {
protected:
    // A client, and its socket for the test to set up; on loop 0.
    FakeSession& set_up(const std::function<void(Socket&)>& function) {
        if (!hub) create();
        root().on_connection([function](Socket& socket) { function(socket); });
        return enter(0);
    }
    std::function<void(Arguments)> note(std::string name) {
        return [this, name = std::move(name)](const Arguments&) { notes.add(name); };
    }
    Notes<> notes;
};

TEST_F(SocketHandlersTest, OneEventMayHaveManyInOrderAndTheNamespacesComeFirst) {
    create();
    root().on("x", [this](Socket&, const Arguments&) { notes.add("namespace"); });
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on("x", note("a"));
        socket.on("x", [this](const Arguments&, const Ack& ack) {
            notes.add("b");
            ack("b");
        });
        EXPECT_EQ(socket.listeners("x"), 3u);
        EXPECT_EQ(socket.listeners("y"), 0u);
    });
    receive(client, R"(21["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("namespace", "a", "b"));
    EXPECT_THAT(sent(client), ElementsAre(R"(31["b"])"));
}

TEST_F(SocketHandlersTest, EachHandlerGetsTheArguments) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on("x", [this](Arguments got) {
            notes.add(got[0].as_string());
            got = {};
        });
        socket.on("x", [this](const Arguments& got) { notes.add(got[0].as_string()); });
    });
    receive(client, R"(2["x","same"])");
    EXPECT_THAT(notes.take(), ElementsAre("same", "same"));
}

TEST_F(SocketHandlersTest, OnceIsCalledOnce) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.once("x", note("plain"));
        socket.once("x", [this](const Arguments&, const Ack& ack) {
            notes.add("ack");
            ack(1);
        });
    });
    receive(client, R"(21["x"])");
    receive(client, R"(22["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("plain", "ack"));
    EXPECT_THAT(sent(client), ElementsAre("31[1]"));
}

TEST_F(SocketHandlersTest, AHandlerThatCountsOnceMayAddItselfAgain) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.once("x", [this, &socket](const Arguments&) {
            notes.add("first");
            socket.once("x", note("second"));
        });
    });
    for (int i = 0; i < 3; ++i) receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("first", "second"));
}

TEST_F(SocketHandlersTest, OffTakesOneOrAllOfAnEvent) {
    FakeSession& client = set_up([&](Socket& socket) {
        const HandlerId a = socket.on("x", note("a"));
        socket.on("x", note("b"));
        socket.on("y", note("y"));
        socket.once("y", note("once y"));
        socket.off(a);
        socket.off("y");
        socket.off("never there");
        socket.off(HandlerId{12345});
        EXPECT_EQ(socket.listeners("y"), 0u);
    });
    receive(client, R"(2["x"])");
    receive(client, R"(2["y"])");
    EXPECT_THAT(notes.take(), ElementsAre("b"));
}

TEST_F(SocketHandlersTest, WhoIsTakenAwayWithinADispatchIsNotCalledAnyMore) {
    FakeSession& client = set_up([&](Socket& socket) {
        auto later = std::make_shared<std::vector<HandlerId>>();
        socket.on("x", [&socket, later](const Arguments&) {
            for (const HandlerId id : *later) socket.off(id);
        });
        later->push_back(socket.on("x", note("on")));
        later->push_back(socket.once("x", note("once")));
        socket.on("x", note("last"));
    });
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("last"));
}

TEST_F(SocketHandlersTest, OffOfTheWholeEventWithinADispatchEndsIt) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on("x", [&socket](const Arguments&) { socket.off("x"); });
        socket.on("x", note("on"));
        socket.once("x", note("once"));
    });
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), IsEmpty());
}

TEST_F(SocketHandlersTest, AHandlerMayTakeItselfAway) {
    FakeSession& client = set_up([&](Socket& socket) {
        auto id = std::make_shared<HandlerId>();
        *id = socket.on("x", [this, &socket, id](const Arguments&) {
            socket.off(*id);
            notes.add("x");
        });
    });
    receive(client, R"(2["x"])");
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("x"));
}

TEST_F(SocketHandlersTest, WhoIsAddedWithinADispatchIsCalledFromTheNextOn) {
    FakeSession& client =
        set_up([&](Socket& socket) { socket.once("x", [this, &socket](const Arguments&) { socket.on("x", note("new")); }); });
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), IsEmpty());
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("new"));
}

TEST_F(SocketHandlersTest, WhatAHandlerThrowsEndsOnlyThatHandler) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on("x", [](const Arguments& got) { static_cast<void>(got[0].as_string()); });
        socket.on("x", note("still"));
    });
    receive(client, R"(2["x",7])");
    EXPECT_THAT(notes.take(), ElementsAre("still"));
}

TEST_F(SocketHandlersTest, AHandlerThatDisconnectsLetsTheOthersRun) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on("x", [&socket](const Arguments&) { socket.disconnect(); });
        socket.on("x", [this, &socket](const Arguments&) { notes.add(socket.connected() ? "connected" : "gone"); });
    });
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("gone"));
    EXPECT_THAT(sent(client), ElementsAre("1"));
}

TEST_F(SocketHandlersTest, ASocketThatDisconnectsAtOnceIsNotHeardOf) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.disconnect();
        socket.on("x", note("x"));
        socket.emit("into the void");
        socket.join("room");
        EXPECT_THAT(socket.rooms(), IsEmpty());
    });
    EXPECT_EQ(hub->sockets(), 0u);
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), IsEmpty());
    EXPECT_FALSE(is_open(client)) << "the event was out of order";
}

// Of everything

TEST_F(SocketHandlersTest, OnAnySeesWhatComesEvenWithoutHandlers) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on_any([this](std::string_view event, const Arguments& got) { notes.add("any " + std::string(event) + " " + got.json()); });
        socket.prepend_any([this](std::string_view event, const Arguments&) { notes.add("before " + std::string(event)); });
        socket.on("x", note("x"));
    });
    receive(client, R"(2["x",1])");
    receive(client, R"(21["unknown"])");
    EXPECT_THAT(notes.take(), ElementsAre("before x", "any x 1", "x", "before unknown", "any unknown "));
    EXPECT_THAT(sent(client), IsEmpty()) << "and nobody acknowledges";
}

TEST_F(SocketHandlersTest, OnAnyIsTakenAway) {
    FakeSession& client = set_up([&](Socket& socket) {
        const HandlerId one = socket.on_any([this](std::string_view, const Arguments&) { notes.add("one"); });
        socket.on_any([this](std::string_view, const Arguments&) { notes.add("two"); });
        socket.prepend_any([this](std::string_view, const Arguments&) { notes.add("three"); });
        socket.on("off one", [&socket, one](const Arguments&) { socket.off(one); });
        socket.on("off all", [&socket](const Arguments&) { socket.off_any(); });
    });
    receive(client, R"(2["off one"])");
    receive(client, R"(2["off all"])");
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), ElementsAre("three", "one", "two", "three", "two"));
}

TEST_F(SocketHandlersTest, AnOutgoingListenerSeesEveryWayToEmit) {
    create();
    Socket* met = nullptr;
    FakeSession& client = set_up([&](Socket& socket) {
        met = &socket;
        socket.on_any_outgoing(
            [this](std::string_view event, const Arguments& said) { notes.add(std::string(event) + " " + said.json()); });
        socket.prepend_any_outgoing([this](std::string_view, const Arguments&) { notes.add("-"); });
    });
    on(client, [&] {
        met->emit("a", {1, "two"});
        met->emit_json("b", R"({"x":1})");
        met->emit(root().prepare("c", true));
        met->emit_latest_json("d", "4");
        met->emit_with_ack("e", 5, std::chrono::seconds(60), [](const Result<Arguments>&) {});
        met->handle().emit("f", 6);
        root().emit("g");
        root().to(met->id()).emit_latest_json("h", "8");
        root().everybody().emit_with_ack("i", 9, [](const Responses&) {});
        met->emit("bytes", {1, Bytes{"\x01"}});
    });
    EXPECT_THAT(notes.take(), ElementsAre("-", "a 1,\"two\"", "-", R"(b {"x":1})", "-", "c true", "-", "d 4", "-", "e 5", "-", "f 6", "-",
                                          "g ", "-", "h 8", "-", "i 9", "-", "bytes 1,null"));
    EXPECT_EQ(sent(client).size(), 11u);
}

TEST_F(SocketHandlersTest, AnOutgoingListenerSeesNothingThatIsNotSent) {
    create();
    Socket* met = nullptr;
    FakeSession& client = set_up([&](Socket& socket) {
        if (!std::exchange(met, met ? met : &socket))
            socket.on_any_outgoing([this](std::string_view event, const Arguments&) { notes.add(std::string(event)); });
    });
    FakeSession& other = open(1);
    on(client, [&] {
        client.writable_ = false;
        met->emit("volatile", {}, {.is_volatile = true});
        met->emit(root().prepare("prepared"), {.is_volatile = true});
        root().volatile_().emit("all");
        met->broadcast().emit("others");
    });
    EXPECT_THAT(sent(client), IsEmpty());
    EXPECT_EQ(sent(other).size(), 3u);
    EXPECT_THAT(notes.take(), IsEmpty());
}

TEST_F(SocketHandlersTest, OutgoingListenersAreTakenAway) {
    FakeSession& client = set_up([&](Socket& socket) {
        const HandlerId one = socket.on_any_outgoing([this](std::string_view, const Arguments&) { notes.add("one"); });
        socket.prepend_any_outgoing([this](std::string_view, const Arguments&) { notes.add("two"); });
        socket.emit("x");
        socket.off(one);
        socket.emit("x");
        socket.off_any_outgoing();
        socket.emit("x");
    });
    EXPECT_THAT(notes.take(), ElementsAre("two", "one", "two"));
    EXPECT_THAT(sent(client), IsEmpty());
}

TEST_F(SocketHandlersTest, AnOutgoingListenerMayDisconnectTheSocket) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on_any_outgoing([&socket](std::string_view, const Arguments&) { socket.disconnect(); });
        socket.on("go", [&socket](const Arguments&) { socket.emit("never"); });
    });
    receive(client, R"(2["go"])");
    EXPECT_THAT(sent(client), ElementsAre("1"));
}

// Middleware for events

TEST_F(SocketHandlersTest, EventMiddlewareChangesAndHoldsBack) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.use([](IncomingEvent& event, const EventNext& next) {
            if (event.name == "hidden") return;
            event.arguments = {event.arguments[0], "added"};
            next();
        });
        socket.use([](IncomingEvent& event, const EventNext& next) {
            if (event.name == "old") event.name = "new";
            next();
        });
        socket.on("new", [this](const Arguments& got, const Ack& ack) {
            notes.add(got.json());
            ack("ok");
        });
        socket.on("hidden", note("hidden"));
    });
    receive(client, R"(24["old",1])");
    receive(client, R"(25["hidden"])");
    EXPECT_THAT(notes.take(), ElementsAre(R"(1,"added")"));
    EXPECT_THAT(sent(client), ElementsAre(R"(34["ok"])"));
}

TEST_F(SocketHandlersTest, WhatEventMiddlewareRefusesTheErrorHandlersHear) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.use([](IncomingEvent& event, const EventNext& next) {
            if (event.name != "bad") return next();
            next.refuse("not allowed");
            next();
            next.refuse("twice");
        });
        socket.on_error([this](std::string_view message) { notes.add("error " + std::string(message)); });
        socket.on_error([this](std::string_view) { notes.add("second"); });
        socket.on_any([this](std::string_view event, const Arguments&) { notes.add("any " + std::string(event)); });
        socket.on("bad", note("bad"));
    });
    receive(client, R"(2["bad"])");
    EXPECT_THAT(notes.take(), ElementsAre("error not allowed", "second"));
    EXPECT_TRUE(is_open(client));
}

TEST_F(SocketHandlersTest, EventMiddlewareThatThrowsDropsTheEvent) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.use([](IncomingEvent&, const EventNext&) { throw std::runtime_error("x"); });
        socket.on("x", note("x"));
    });
    receive(client, R"(2["x"])");
    EXPECT_THAT(notes.take(), IsEmpty());
    EXPECT_TRUE(is_open(client));
}

TEST_F(SocketHandlersTest, EventMiddlewareMayAnswerLaterFromAnotherThread) {
    std::optional<EventNext> held;
    FakeSession& client = set_up([&](Socket& socket) {
        socket.use([&held](IncomingEvent&, EventNext next) { held = std::move(next); });
        socket.on("x",
                  [this, &socket](const Arguments& got) { notes.add((socket.loop().is_current() ? "here " : "elsewhere ") + got.json()); });
        socket.on_error([this](std::string_view message) { notes.add("error " + std::string(message)); });
    });
    receive(client, R"(2["x",1])");
    EXPECT_THAT(notes.take(), IsEmpty());
    std::thread([&] { (*held)(); }).join();
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("here 1"));
    receive(client, R"(2["x",2])");
    std::thread([&] { held->refuse("no"); }).join();
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("error no"));
}

TEST_F(SocketHandlersTest, AnEventThatIsLetPassTooLateIsForNobody) {
    std::optional<EventNext> held;
    FakeSession& client = set_up([&](Socket& socket) {
        socket.use([&held](IncomingEvent&, EventNext next) { held = std::move(next); });
        socket.on("x", note("x"));
    });
    receive(client, R"(2["x"])");
    lose(client);
    (*held)();
    settle();
    EXPECT_THAT(notes.take(), IsEmpty());
}

// The end, and moving

TEST_F(SocketHandlersTest, DisconnectingIsStillInItsRoomsAndDisconnectIsNot) {
    create();
    root().on_disconnecting(
        [this](Socket& socket, DisconnectReason) { notes.add("namespace's " + std::to_string(socket.rooms().size())); });
    root().on_disconnect(
        [this](Socket& socket, DisconnectReason) { notes.add("namespace's end " + std::to_string(socket.rooms().size())); });
    FakeSession& client = set_up([&](Socket& socket) {
        socket.join("garden");
        socket.on_disconnecting([this, &socket](DisconnectReason reason) {
            EXPECT_TRUE(socket.connected());
            socket.to("garden").emit("leaving");
            notes.add("disconnecting " + std::to_string(socket.rooms().size()) + " " + std::string(to_string(reason)));
        });
        socket.on_disconnect([this, &socket](DisconnectReason reason) {
            EXPECT_FALSE(socket.connected());
            EXPECT_FALSE(socket.in_room("garden"));
            notes.add("disconnect " + std::string(to_string(reason)));
        });
    });
    receive(client, "1");
    EXPECT_THAT(notes.take(), ElementsAre("namespace's 1", "disconnecting 1 client namespace disconnect", "namespace's end 0",
                                          "disconnect client namespace disconnect"));
}

TEST_F(SocketHandlersTest, DisconnectingASocketThatDisconnectsChangesNothing) {
    FakeSession& client = set_up([&](Socket& socket) {
        socket.on_disconnecting([&socket](DisconnectReason) { socket.disconnect(true); });
        socket.on_disconnect([this, &socket](DisconnectReason reason) {
            notes.add(std::string(to_string(reason)));
            socket.disconnect();
        });
    });
    receive(client, "1");
    EXPECT_THAT(notes.take(), ElementsAre("client namespace disconnect"));
    EXPECT_TRUE(is_open(client));
}

TEST_F(SocketHandlersTest, WhoListensToOutgoingEventsHearsBroadcastsWheneverItBegan) {
    create();
    const auto listen = [this](Socket& socket) {
        socket.on_any_outgoing([this](std::string_view event, const Arguments&) { notes.add(std::string(event)); });
    };
    root().use([&](Socket& socket, const Next& next) {
        if (socket.auth()["early"].is_bool()) listen(socket);
        next();
    });
    root().on("listen", [&](Socket& socket, const Arguments&) { listen(socket); });
    FakeSession& early = enter(0, R"(0{"early":true})");
    FakeSession& late = enter(0);
    FakeSession& never = enter(0);
    on(late, [&] { root().emit("first"); });
    EXPECT_THAT(notes.take(), ElementsAre("first"));
    receive(late, R"(2["listen"])");
    on(late, [&] { root().emit("second"); });
    EXPECT_THAT(notes.take(), ElementsAre("second", "second"));
    for (FakeSession* client : {&early, &late, &never}) EXPECT_THAT(sent(*client), ElementsAre(R"(2["first"])", R"(2["second"])"));
}

TEST_F(SocketHandlersTest, AnUpgradeIsToldToTheSocketItself) {
    create();
    root().on_upgrade([this](Socket& socket) { notes.add(socket.on_websocket() ? "namespace's" : "too early"); });
    FakeSession& client = set_up([&](Socket& socket) { socket.on_upgrade([this] { notes.add("own"); }); });
    on(client, [&] { client.upgrade(); });
    EXPECT_THAT(notes.take(), ElementsAre("namespace's", "own"));
}

TEST_F(SocketHandlersTest, TheHandshakeIsThereUntilTheEnd) {
    const auto identity = std::make_shared<const int>(7);
    create();
    Socket* met = nullptr;
    root().on_connection([&](Socket& socket) { met = &socket; });
    FakeSession& client = open(0, "");
    on(client, [&] {
        client.identity_ = identity;
        client.request_head_ = std::make_unique<net::RequestHead>();
        client.request_head_->target = "/socket.io/?EIO=4";
        client.receive(R"(0{"token":"t"})");
        EXPECT_EQ(met->request()->target, "/socket.io/?EIO=4");
        EXPECT_EQ(met->auth()["token"], Value("t"));
        EXPECT_EQ(met->query().size(), 1u) << "without the protocol's own";
        EXPECT_EQ(met->identity(), identity);
        EXPECT_EQ(met->issued(), std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000)));
        EXPECT_EQ(met->client_address().to_string(), "192.0.2.7");
        EXPECT_TRUE(met->secure());
        EXPECT_EQ(met->protocol(), 4u);
        EXPECT_EQ(&met->loop(), &loops[0]);
        client.end(engineio::CloseReason::TransportClose);
        EXPECT_EQ(met->auth()["token"], Value("t")) << "what was its own it keeps to the end of the turn";
        EXPECT_EQ(met->request(), nullptr);
        EXPECT_EQ(met->identity(), nullptr);
    });
}

}  // namespace
}  // namespace parley::socketio

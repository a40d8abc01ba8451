// What a second reader of namespaces, entrances and recovery doubted, one situation each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "delivery.hpp"
#include "fake_session.hpp"
#include "namespace_core.hpp"
#include "parley/socketio/namespace.hpp"
#include "recovery.hpp"

namespace parley::socketio {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A server without transport; its options are a test's. Everything is on one loop, in the test's thread.
class ReviewTest : public testing::Test {
protected:
    ~ReviewTest() override { loops.stop(); }

    void create(HubOptions options = {}) { hub = std::make_unique<Hub>(loops, std::move(options), nullptr); }
    static HubOptions recovering() {
        HubOptions options;
        options.recovery.mode = RecoveryOptions::Mode::OnRequest;
        return options;
    }
    Namespace root() { return {hub->default_namespace().pointer(), hub->default_namespace().own_handlers()}; }

    void run(std::function<void()> function) {
        if (!started) loops.start();
        started = true;
        std::promise<void> done;
        loops[0].post([&] {
            function();
            done.set_value();
        });
        ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
    }
    // Turns the loop until it is so.
    void wait_until(const std::function<bool()>& is_so) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        for (bool so = false; !so && std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(milliseconds(1))) {
            run([&] { so = is_so(); });
        }
    }

    std::unique_ptr<FakeSession> open(std::string_view connect) {
        auto session = std::make_unique<FakeSession>(loops[0], *hub);
        session->receive(connect);
        return session;
    }
    // A client that can recover.
    struct Player {
        std::unique_ptr<FakeSession> session;
        std::string sid;
        std::string pid;
    };
    Player enter(std::string_view connect = R"(0{"recover":true})") {
        Player player{open(connect), "", ""};
        const auto sent = player.session->take_sent();
        if (!sent.empty()) std::tie(player.sid, player.pid) = ids(sent.front());
        return player;
    }
    static std::pair<std::string, std::string> ids(std::string_view connect_answer) {
        const Value answer = parse_json(connect_answer.substr(1)).value_or(Value());
        return {answer["sid"].is_string() ? answer["sid"].as_string() : "", answer["pid"].is_string() ? answer["pid"].as_string() : ""};
    }
    static std::string coming_back(const Player& player, std::string_view offset = "") {
        return R"(0{"pid":")" + player.pid + (offset.empty() ? "" : R"(","offset":")" + std::string(offset)) + "\"}";
    }
    static void lose(Player& player) { player.session->end(engineio::CloseReason::TransportClose); }
    static std::string offset_of(std::string_view event) {
        const Value list = parse_json(event.substr(1)).value_or(Value());
        return list[list.size() - 1].as_string();
    }
    // The names of the events, without what else was sent.
    static std::vector<std::string> events(const std::vector<std::string>& sent) {
        std::vector<std::string> names;
        for (const std::string& packet : sent) {
            if (packet.starts_with("2[")) names.push_back(parse_json(packet.substr(1)).value_or(Value())[0].as_string());
        }
        return names;
    }

    LoopGroup loops{1};
    std::unique_ptr<Hub> hub;
    bool started = false;
};

using EntranceReview = ReviewTest;
using RecoveryReview = ReviewTest;
using EmitReview = ReviewTest;

TEST_F(EntranceReview, AHandleTakenBeforeTheSocketIsConnectedIsNobodyElses) {
    create();
    SocketHandle taken;
    std::optional<Next> held;
    root().use([&](Socket& socket, Next next) {
        if (socket.auth()["held"].is_null()) return next();
        taken = socket.handle();
        held = std::move(next);
    });
    run([&] {
        const auto first = open("0");
        first->take_sent();
        const auto second = open(R"(0{"held":1})");
        taken.emit("secret");
        EXPECT_THAT(first->take_sent(), IsEmpty());
        EXPECT_THAT(second->take_sent(), IsEmpty());
        held.reset();
    });
}

TEST_F(EntranceReview, NobodyEntersASessionThatIsAboutToEnd) {
    create();
    std::optional<Next> held;
    int connections = 0;
    hub->of("/slow");
    Namespace slow(hub->of("/slow").pointer(), hub->of("/slow").own_handlers());
    slow.use([&](Socket&, Next next) { held = std::move(next); });
    slow.on_connection([&](Socket&) { ++connections; });
    std::unique_ptr<FakeSession> session;
    run([&] {
        session = open("0");
        session->receive("0/slow,");
        session->receive("malformed");
        (*held)();
        EXPECT_EQ(connections, 0);
        held.reset();
    });
    run([] {});
}

TEST_F(EntranceReview, ANextThatOutlivesTheServerDoesNothing) {
    std::vector<Next> kept;
    create();
    hub->add_parent([](std::string_view, const Value&) { return true; })
        .middlewares.push_back(std::make_shared<Middleware>([&](Socket&, Next next) { kept.push_back(std::move(next)); }));
    root().use([&](Socket&, Next next) { kept.push_back(std::move(next)); });
    std::unique_ptr<FakeSession> session;
    run([&] {
        session = open("0");
        session->receive("0/child,");
    });
    ASSERT_EQ(kept.size(), 2u);
    loops.stop();
    session.reset();
    hub.reset();
    kept.front()();
    kept.clear();
}

TEST_F(EntranceReview, AClientCannotEnterMoreNamespacesThanAllowed) {
    HubOptions options;
    options.max_namespaces_per_client = 2;
    create(std::move(options));
    hub->add_parent([](std::string_view, const Value&) { return true; });
    run([&] {
        const auto session = open("0");
        session->receive("0/a,");
        session->take_sent();
        session->receive("0/b,");
        EXPECT_THAT(session->take_sent(), ElementsAre(R"(4/b,{"message":"too many namespaces"})"));
        EXPECT_EQ(hub->namespaces(), 2u);
    });
}

TEST_F(EntranceReview, AnAuthPayloadThatIsTooLargeEndsTheSession) {
    create();
    std::unique_ptr<FakeSession> session;
    run([&] {
        session = open(R"(0{"token":")" + std::string(70'000, 'x') + "\"}");
        EXPECT_THAT(session->take_sent(), IsEmpty());
        EXPECT_TRUE(session->close_code());
    });
    run([] {});
}

TEST_F(RecoveryReview, AnOffsetOlderThanTheFirstConnectionBringsNothingFromBeforeIt) {
    create(recovering());
    run([&] {
        const auto early = enter();
        root().emit("one");
        root().emit("two");
        const auto seen = early.session->take_sent();
        auto late = enter();
        lose(late);
        root().emit("three");
        const auto back = open(coming_back(late, offset_of(seen[0])));
        EXPECT_THAT(events(back->take_sent()), ElementsAre("three"));
    });
}

TEST_F(RecoveryReview, WhoMissedMoreThanASessionCanTakeGetsANewSession) {
    HubOptions options = recovering();
    options.max_missed_bytes = 1000;
    create(std::move(options));
    run([&] {
        auto player = enter();
        lose(player);
        for (int i = 0; i < 20; ++i) root().emit("more", std::string(100, 'x'));
        const auto back = open(coming_back(player));
        const auto sent = back->take_sent();
        EXPECT_THAT(events(sent), IsEmpty());
        EXPECT_NE(ids(sent[0]).first, player.sid);
    });
}

TEST_F(RecoveryReview, AClientThatLeavesInTheMiddlewareOfItsReturnCanComeBackAgain) {
    HubOptions options = recovering();
    options.recovery.skip_middlewares = false;
    create(std::move(options));
    std::optional<Next> held;
    bool holds = false;
    root().use([&](Socket&, Next next) {
        if (!holds) return next();
        held = std::move(next);
    });
    run([&] {
        auto player = enter();
        lose(player);
        root().emit("missed");
        holds = true;
        const auto second = open(coming_back(player));
        ASSERT_TRUE(held);
        second->end(engineio::CloseReason::TransportClose);
        root().emit("missed too");
        held.reset();
        holds = false;
        const auto third = open(coming_back(player));
        const auto sent = third->take_sent();
        EXPECT_EQ(ids(sent[0]).first, player.sid);
        EXPECT_THAT(events(sent), ElementsAre("missed", "missed too"));
    });
}

TEST_F(RecoveryReview, ARefusedReturnIsOver) {
    HubOptions options = recovering();
    options.recovery.skip_middlewares = false;
    create(std::move(options));
    bool refuses = false;
    root().use([&](Socket&, Next next) {
        if (!refuses) return next();
        next.refuse({"no", {}});
    });
    run([&] {
        auto player = enter();
        lose(player);
        refuses = true;
        const auto second = open(coming_back(player));
        refuses = false;
        const auto third = open(coming_back(player));
        EXPECT_NE(ids(third->take_sent()[0]).first, player.sid);
    });
}

TEST_F(RecoveryReview, AReturnInTheMiddleOfAnEmitGetsEachEventOnce) {
    HubOptions options = recovering();
    options.recovery.skip_middlewares = false;
    create(std::move(options));
    std::optional<Next> held;
    bool holds = false;
    root().use([&](Socket&, Next next) {
        if (!holds) return next();
        held = std::move(next);
    });
    root().on_connection([&](Socket& socket) {
        if (socket.auth()["watches"].is_null()) return;
        socket.on_any_outgoing([&](std::string_view event, const Arguments&) {
            if (event != "go") return;
            root().emit("later");
            (*held)();
        });
    });
    run([&] {
        auto player = enter();
        lose(player);
        const auto watcher = enter(R"(0{"recover":true,"watches":1})");
        holds = true;
        const auto back = open(coming_back(player));
        ASSERT_TRUE(held);
        root().emit("go");
        EXPECT_THAT(events(back->take_sent()), ElementsAre("go", "later"));
        EXPECT_THAT(events(watcher.session->take_sent()), ElementsAre("go", "later"));
        held.reset();
    });
}

TEST_F(RecoveryReview, WhatWasEmittedToARoomBeforeTheSocketLeftItIsMissedAsWell) {
    create(recovering());
    run([&] {
        auto player = enter();
        root().to(player.sid).sockets_join("game");
        root().to("game").emit("over");
        root().to("game").sockets_leave("game");
        root().to("game").emit("not for the player");
        player.session->take_sent();
        lose(player);
        const auto back = open(coming_back(player));
        EXPECT_THAT(events(back->take_sent()), ElementsAre("over"));
        root().to("game").emit("not for the player either");
        EXPECT_THAT(back->take_sent(), IsEmpty());
    });
}

TEST_F(RecoveryReview, ManyRoomsEnteredAndLeftAreNotAllRemembered) {
    create(recovering());
    run([&] {
        auto player = enter();
        for (int i = 0; i < 1000; ++i) {
            const std::string room = "room " + std::to_string(i);
            root().to(player.sid).sockets_join(room);
            root().to(room).emit("in " + std::to_string(i));
            root().to(player.sid).sockets_leave(room);
        }
        lose(player);
        EXPECT_LT(hub->default_namespace().recovery()->sessions().bytes(), 10'000u);
        const auto back = open(coming_back(player));
        EXPECT_THAT(events(back->take_sent()), testing::Contains("in 999"));
    });
}

TEST_F(RecoveryReview, ARoomJoinedSinceExceptsNothingThatCameBefore) {
    create(recovering());
    run([&] {
        auto player = enter();
        root().except("quiet").emit("before");
        root().to(player.sid).sockets_join("quiet");
        root().except("quiet").emit("after");
        lose(player);
        const auto back = open(coming_back(player));
        EXPECT_THAT(events(back->take_sent()), ElementsAre("before"));
    });
}

TEST_F(RecoveryReview, ASocketThatJoinsAndLeavesTheRoomOfItsOwnIdStillMissesWhatIsForIt) {
    create(recovering());
    root().on_connection([](Socket& socket) {
        socket.join(socket.id());
        EXPECT_THAT(socket.rooms(), IsEmpty());
        socket.leave(socket.id());
    });
    run([&] {
        auto player = enter();
        root().to(player.sid).emit("once");
        EXPECT_THAT(events(player.session->take_sent()), ElementsAre("once"));
        lose(player);
        const auto back = open(coming_back(player));
        EXPECT_THAT(events(back->take_sent()), ElementsAre("once"));
    });
}

class Sink final : public AnswerSink {
public:
    void acknowledged(Arguments) override {}
    void sockets(std::vector<RemoteSocket>) override {}
    void expects(std::ptrdiff_t) override {}
    void server_done() override {}
};

TEST_F(EmitReview, AnAcknowledgementThatNobodyGivesIsForgottenInTheEnd) {
    create();
    std::unique_ptr<FakeSession> session;
    std::weak_ptr<Sink> kept;
    run([&] {
        session = open("0");
        Operation ask;
        ask.kind = Operation::Kind::EmitWithAck;
        ask.event = "q";
        ask.timeout = milliseconds(20);
        const auto sink = std::make_shared<Sink>();
        kept = sink;
        hub->deliver(std::move(ask), sink);
    });
    EXPECT_FALSE(kept.expired());
    wait_until([&] { return kept.expired(); });
    EXPECT_TRUE(kept.expired());
    run([&] { session.reset(); });
}

TEST_F(EmitReview, ALoopThatIsGivenMoreAndMoreStillTakesItsTurns) {
    create();
    constexpr int kEnough = 100'000;
    NamespaceCore& core = hub->default_namespace();
    bool turned = false;
    int calls = 0;
    std::function<void()> once_more = [&] {
        if (turned || ++calls == kEnough) return;
        core.post(core.shard(0), once_more);
    };
    run([&] {
        core.post(core.shard(0), once_more);
        loops[0].defer([&] { turned = true; });
    });
    wait_until([&] { return turned; });
    EXPECT_LT(calls, kEnough);
}

TEST_F(EmitReview, WhereEventsAreLoggedWhatIsEmittedWithinADeliveryComesAfterItToAll) {
    create(recovering());
    root().on_connection([&](Socket& socket) {
        if (socket.auth()["watches"].is_null()) return;
        socket.on_any_outgoing([&](std::string_view event, const Arguments&) {
            if (event == "first") root().emit("second");
        });
    });
    run([&] {
        const auto watcher = open(R"(0{"watches":1})");
        const auto other = open("0");
        root().emit("first");
        EXPECT_THAT(events(other->take_sent()), ElementsAre("first", "second"));
    });
}

TEST_F(EmitReview, WhoListensToWhatGoesOutSeesMoreAttachmentsThanClientsMaySend) {
    create();
    std::size_t seen = 0;
    std::string name;
    root().on_connection([&](Socket& socket) {
        socket.on_any_outgoing([&](std::string_view event, const Arguments& arguments) {
            name = event;
            seen = arguments.size();
        });
        socket.emit("many", Arguments::list(std::vector<Value>(20, Bytes{"x"})));
    });
    run([&] { open("0"); });
    EXPECT_EQ(name, "many");
    EXPECT_EQ(seen, 20u);
}

TEST_F(EmitReview, APreparedEventIsNotCompressedWhereTheEmitSaysSo) {
    Operation emit;
    emit.prepared = prepare_messages({.text = "2[\"x\"]", .attachments = {}}, true);
    Operation plain = emit;
    plain.compress = false;
    EXPECT_TRUE(Delivery(std::move(emit)).messages.front().compress);
    const Delivery delivery(std::move(plain));
    EXPECT_FALSE(delivery.messages.front().compress);
    EXPECT_EQ(delivery.messages.front().deflated, nullptr);
}

}  // namespace
}  // namespace parley::socketio

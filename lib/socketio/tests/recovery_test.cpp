// Connection state recovery, with real sockets on two loops: what comes back, and when it cannot.
#include "recovery_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(RecoveryTest, TheSocketComesBackAsItWas) {
    create(recovering());
    root().on_connection([&](Socket& socket) {
        notes.add(socket.recovered() ? "back" : "new");
        EXPECT_TRUE(socket.can_recover());
        if (socket.recovered()) {
            EXPECT_THAT(socket.rooms(), ElementsAre("garden", "cellar"));
            EXPECT_EQ(socket.data()["name"], Value("Ada"));
            return;
        }
        for (const char* room : {"garden", "left again", "cellar"}) socket.join(room);
        socket.leave("left again");
        socket.data() = Object{{"name", "Ada"}};
    });
    Player player = enter_player(0);
    const std::string pid = player.pid;
    EXPECT_EQ(pid.size(), 20u);
    EXPECT_NE(pid, player.sid);
    lose(*player.session);
    EXPECT_EQ(hub->sockets(), 0u);
    EXPECT_TRUE(come_back(player, 1)) << "on another loop too";
    EXPECT_EQ(player.pid, pid);
    EXPECT_THAT(notes.take(), ElementsAre("new", "back"));
    EXPECT_EQ(hub->sum(&LoopState::recovered), 1u);
    EXPECT_EQ(hub->sockets(), 1u);
}

TEST_F(RecoveryTest, WhatItMissedComesBeforeAnythingElse) {
    create(recovering());
    root().on_connection([](Socket& socket) {
        if (!socket.recovered()) socket.join("garden");
        socket.emit("hello");
    });
    Player player = enter_player(0);
    root().emit("seen");
    read(player);
    lose(*player.session);
    root().emit("all", 1);
    root().to("garden").emit("garden");
    root().to("elsewhere").emit("not for it");
    root().except("garden").emit("not for it either");
    root().to(player.sid).emit("private");
    root().everybody().emit_json("json", R"({"a":1})");
    root().everybody().emit(root().prepare("prepared"));
    EXPECT_TRUE(come_back(player, 1));
    EXPECT_THAT(player.events, ElementsAre(R"(["hello"])", R"(["seen"])", R"(["all",1])", R"(["garden"])", R"(["private"])",
                                           R"(["json",{"a":1}])", R"(["prepared"])", R"(["hello"])"));
}

TEST_F(RecoveryTest, OnlyWhoAsksCanRecover) {
    create(recovering());
    root().on_connection([&](Socket& socket) { notes.add(socket.can_recover() ? "can" : "cannot"); });
    const std::string plain = sent(open(0))[0];
    EXPECT_EQ(member(plain, "pid"), "");
    FakeSession& client = enter(0);
    enter_player(0);
    root().emit("x", "text");
    EXPECT_THAT(sent(client), ElementsAre(R"(2["x","text"])")) << "and who has not sees no offset";
    EXPECT_THAT(notes.take(), ElementsAre("cannot", "cannot", "can"));
}

TEST_F(RecoveryTest, AlwaysMeansEverybody) {
    create(recovering(RecoveryOptions::Mode::Always));
    EXPECT_NE(member(sent(open(0))[0], "pid"), "");
    EXPECT_EQ(member(sent(open(0, "", 3)).at(0), "pid"), "") << "but old clients do not know how";
}

TEST_F(RecoveryTest, OffMeansNobody) {
    create();
    root().on_connection([](Socket& socket) { EXPECT_FALSE(socket.can_recover()); });
    EXPECT_EQ(member(sent(open(0, R"(0{"recover":true,"pid":"x","offset":"y"})"))[0], "pid"), "");
    EXPECT_EQ(hub->default_namespace().recovery(), nullptr);
}

TEST_F(RecoveryTest, AgainAndAgain) {
    create(recovering());
    Player player = enter_player(0);
    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) {
        root().emit("there " + std::to_string(i));
        read(player);
        lose(*player.session);
        root().emit("away " + std::to_string(i));
        ASSERT_TRUE(come_back(player, static_cast<std::size_t>(i % 2))) << i;
        expected.push_back("there " + std::to_string(i));
        expected.push_back("away " + std::to_string(i));
    }
    EXPECT_EQ(names(player), expected);
}

TEST_F(RecoveryTest, WhoHasSeenNoEventGetsAllSinceItsConnection) {
    create(recovering());
    enter_player(1);
    root().emit("before its time");
    Player player = enter_player(0);
    lose(*player.session);
    root().emit("first");
    EXPECT_TRUE(come_back(player, 0));
    EXPECT_THAT(names(player), ElementsAre("first"));
}

TEST_F(RecoveryTest, WhatWasSentButDidNotArriveComesAgain) {
    create(recovering());
    Player player = enter_player(0);
    for (const char* name : {"a", "b", "c"}) root().emit(name);
    read(player, 1);
    lose(*player.session);
    EXPECT_TRUE(come_back(player, 0));
    EXPECT_THAT(names(player), ElementsAre("a", "b", "c"));
}

TEST_F(RecoveryTest, ABackPartCutShortIsTakenUpWhereItEnded) {
    create(recovering());
    Player player = enter_player(0);
    lose(*player.session);
    for (const char* name : {"a", "b", "c"}) root().emit(name);
    EXPECT_TRUE(come_back(player, 1, 2));
    EXPECT_THAT(names(player), ElementsAre("a", "b"));
    lose(*player.session);
    EXPECT_TRUE(come_back(player, 1));
    EXPECT_THAT(names(player), ElementsAre("a", "b", "c"));
}

// What is not kept

TEST_F(RecoveryTest, VolatileLatestAndAskingEventsAreNotKeptAndDoNoHarm) {
    create(recovering());
    Player player = enter_player(0);
    root().emit("one");
    root().volatile_().emit("volatile", "looks like an offset");
    root().everybody().emit_latest_json("latest", R"("text")");
    root().emit("two");
    const Sent live = sent(*player.session);
    ASSERT_EQ(live.size(), 4u);
    EXPECT_EQ(live[1], R"(2["volatile","looks like an offset",null])") << "its client would take the text for an offset";
    EXPECT_EQ(live[2], R"(latest 0:2["latest","text",null])");
    read(player, live, 2);
    lose(*player.session);
    root().volatile_().emit("volatile again");
    root().everybody().emit_latest_json("latest", "2");
    root().everybody().emit_with_ack("question", {}, [](const Responses&) {});
    root().emit("three");
    player.events.clear();
    EXPECT_TRUE(come_back(player, 0));
    EXPECT_THAT(names(player), ElementsAre("two", "three"));
}

TEST_F(RecoveryTest, AnEventThatEndsWithATextKeepsIt) {
    create(recovering());
    Player player = enter_player(0);
    root().emit("say", "hi");
    read(player);
    lose(*player.session);
    root().emit("say", {1, "bye"});
    EXPECT_TRUE(come_back(player, 0));
    EXPECT_THAT(player.events, ElementsAre(R"(["say","hi"])", R"(["say",1,"bye"])"));
}

TEST_F(RecoveryTest, BytesAreMissedAndComeWithTheirAttachments) {
    create(recovering());
    Player player = enter_player(0);
    lose(*player.session);
    root().emit("bytes", {Bytes{"\x01"}, 2});
    FakeSession& session = open(1, "");
    say_back(player, session);
    const Sent got = sent(session);
    ASSERT_EQ(got.size(), 3u);
    EXPECT_THAT(got[1], testing::StartsWith(R"(51-["bytes",{"_placeholder":true,"num":0},2,")"));
    EXPECT_EQ(got[2], "binary:\x01");
}

TEST_F(RecoveryTest, WhatASocketItselfEmitsIsKeptAsWell) {
    create(recovering());
    Socket* met = nullptr;
    root().on_connection([&](Socket& socket) { met = &socket; });
    Player player = enter_player(0);
    on(*player.session, [&] {
        met->emit("a", 1);
        met->emit_json("b", "2");
        met->emit(root().prepare("c"));
        met->handle().emit("d");
        met->emit("volatile", {}, {.is_volatile = true});
        met->emit_latest_json("latest", "1");
    });
    read(player, 0);
    sent(*player.session);
    lose(*player.session);
    EXPECT_TRUE(come_back(player, 1));
    EXPECT_THAT(player.events, ElementsAre(R"(["a",1])", R"(["b",2])", R"(["c"])", R"(["d"])"));
}

// When it cannot be

TEST_F(RecoveryTest, AfterTheTimeItIsAnotherSocket) {
    HubOptions options = recovering();
    options.recovery.max_disconnection = 20ms;
    create(std::move(options));
    root().on_connection([](Socket& socket) { EXPECT_FALSE(socket.recovered()); });
    Player player = enter_player(0);
    lose(*player.session);
    std::this_thread::sleep_for(30ms);
    root().emit("missed");
    EXPECT_FALSE(come_back(player, 0));
    EXPECT_THAT(player.events, IsEmpty());
    EXPECT_EQ(hub->sum(&LoopState::recovered), 0u);
}

TEST_F(RecoveryTest, WhoStaysConnectedLongerThanTheTimeCanStillComeBack) {
    HubOptions options = recovering();
    options.recovery.max_disconnection = 1s;
    options.loss_noticed_after = 1ms;
    create(std::move(options));
    Player player = enter_player(0);
    root().emit("early");
    read(player);
    std::this_thread::sleep_for(1100ms);
    hub->default_namespace().sweep_recovery();
    lose(*player.session);
    root().emit("late");
    EXPECT_TRUE(come_back(player, 1));
    EXPECT_THAT(names(player), ElementsAre("early", "late"));
}

TEST_F(RecoveryTest, WhoLeftOrWasSentAwayHasNothingToComeBackTo) {
    create(recovering());
    Socket* met = nullptr;
    root().on_connection([&](Socket& socket) { met = &socket; });
    const auto end_and_return = [&](const std::function<void(FakeSession&)>& end) {
        Player player = enter_player(0);
        on(*player.session, [&] { end(*player.session); });
        settle();
        return come_back(player, 0);
    };
    EXPECT_FALSE(end_and_return([](FakeSession& client) { client.receive("1"); }));
    EXPECT_FALSE(end_and_return([&](FakeSession&) { met->disconnect(); }));
    EXPECT_FALSE(end_and_return([&](FakeSession&) { met->disconnect(true); }));
    for (const auto reason :
         {engineio::CloseReason::TransportClose, engineio::CloseReason::TransportError, engineio::CloseReason::PingTimeout,
          engineio::CloseReason::ForcedClose, engineio::CloseReason::ServerShutdown, engineio::CloseReason::TooSlow}) {
        EXPECT_TRUE(end_and_return([reason](FakeSession& client) { client.end(reason); })) << static_cast<int>(reason);
    }
}

TEST_F(RecoveryTest, AnUnknownPidOrAForeignOffsetIsANewSocket) {
    create(recovering());
    Player player = enter_player(0);
    lose(*player.session);
    Player stranger = player;
    stranger.pid = "somebody else's";
    EXPECT_FALSE(come_back(stranger, 0));
    EXPECT_NE(stranger.pid, "somebody else's");
    player.offset = "not an offset";
    EXPECT_FALSE(come_back(player, 0));
    EXPECT_NE(player.pid, "") << "but it may recover next time";
    lose(*player.session);
    player.offset.clear();
    EXPECT_TRUE(come_back(player, 0));
}

TEST_F(RecoveryTest, ASessionIsGivenToOneOfTwoThatAskForIt) {
    create(recovering());
    Player player = enter_player(0);
    lose(*player.session);
    Player thief = player;
    EXPECT_TRUE(come_back(player, 0));
    FakeSession* owner = player.session;
    EXPECT_TRUE(come_back(thief, 1)) << "the later one is taken for the same client";
    EXPECT_FALSE(is_open(*owner));
    EXPECT_EQ(hub->sockets(), 1u);
}

TEST_F(RecoveryTest, DeclinedItConnectsAnew) {
    HubOptions options = recovering();
    options.recovery.skip_middlewares = false;
    create(std::move(options));
    root().use([&](Socket& socket, const Next& next) {
        if (socket.recovered()) socket.decline_recovery();
        EXPECT_FALSE(socket.recovered());
        next();
    });
    root().on_connection([&](Socket& socket) {
        EXPECT_FALSE(socket.recovered());
        EXPECT_TRUE(socket.data().is_null());
        EXPECT_THAT(socket.rooms(), IsEmpty());
        socket.data() = "secret";
        socket.join("garden");
    });
    Player player = enter_player(0);
    lose(*player.session);
    root().emit("missed");
    EXPECT_FALSE(come_back(player, 0));
    EXPECT_THAT(player.events, IsEmpty());
}

}  // namespace
}  // namespace parley::socketio

// Connection state recovery, with real sockets on two loops: what was emitted while a client was away, or thought to be there, comes once and in order.
#include "recovery.hpp"

#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kRecover = R"({"recover":true})";

class RecoveryTest : public CoreTest {
protected:
    static HubOptions recovering(RecoveryOptions::Mode mode = RecoveryOptions::Mode::OnRequest) {
        HubOptions options;
        options.recovery.mode = mode;
        return options;
    }

    // A client that can recover, in one namespace, and what it has seen.
    struct Player {
        FakeSession* session = nullptr;
        std::string nsp;  // "" or "/name,"
        std::string sid;
        std::string pid;
        std::string offset;
        std::vector<std::string> events;  // the JSON of name and arguments, without the offset
        bool cut = false;                 // nothing more arrives over this session
    };
    Player enter_player(std::size_t loop, const std::string& nsp = "") {
        Player player;
        player.nsp = nsp;
        come(player, open(loop, "0" + nsp + std::string(kRecover)));
        return player;
    }
    // Reads the CONNECT answer and what follows it; `up_to`: so many events have arrived before the connection broke.
    void come(Player& player, FakeSession& session, std::size_t up_to = SIZE_MAX) {
        player.session = &session;
        player.cut = false;
        Sent all = sent(session);
        const auto answer =
            std::ranges::find_if(all, [&](const std::string& packet) { return packet.starts_with("0" + player.nsp + "{"); });
        ASSERT_NE(answer, all.end()) << testing::PrintToString(all);
        player.sid = id_of(*answer);
        player.pid = member(*answer, "pid");
        read(player, Sent(answer + 1, all.end()), up_to);
    }
    // What has come since.
    void read(Player& player, std::size_t up_to = SIZE_MAX) { read(player, sent(*player.session), up_to); }
    static void read(Player& player, const Sent& packets, std::size_t up_to) {
        for (const std::string& packet : packets) {
            player.cut = player.cut || up_to-- == 0;
            if (player.cut) return;
            const std::string head = "2" + player.nsp;
            if (!packet.starts_with(head + "[")) continue;
            Array list = parse_json(packet.substr(head.size())).value_or(Value(Array())).as_array();
            if (list.size() > 1 && list.back().is_string()) {
                player.offset = list.back().as_string();
                list.pop_back();
            }
            player.events.push_back(to_json(list));
        }
    }
    // Comes back with what it knows, on a session of its own or one that is there.
    void say_back(const Player& player, FakeSession& session) {
        Object auth{{"pid", player.pid}};
        if (!player.offset.empty()) auth.emplace_back("offset", player.offset);
        receive(session, "0" + player.nsp + to_json(auth));
    }
    // True: its session was there.
    bool come_back(Player& player, std::size_t loop, std::size_t up_to = SIZE_MAX) {
        const std::string sid = player.sid;
        FakeSession& session = open(loop, "");
        say_back(player, session);
        come(player, session, up_to);
        return player.sid == sid;
    }
    static std::vector<std::string> names(const Player& player) {
        std::vector<std::string> all;
        for (const std::string& event : player.events) all.push_back(parse_json(event).value_or(Value())[0].as_string());
        return all;
    }

    Notes<> notes;
};

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

// Middleware

TEST_F(RecoveryTest, MiddlewareIsSkippedUnlessAskedFor) {
    create(recovering());
    root().use([&](Socket& socket, const Next& next) {
        notes.add(socket.recovered() ? "back" : "new");
        next();
    });
    Player player = enter_player(0);
    lose(*player.session);
    EXPECT_TRUE(come_back(player, 0));
    EXPECT_THAT(notes.take(), ElementsAre("new"));
}

TEST_F(RecoveryTest, WithMiddlewareItSeesWhoComesBackAndMayRefuse) {
    HubOptions options = recovering();
    options.recovery.skip_middlewares = false;
    create(std::move(options));
    bool refuses = false;
    root().use([&](Socket& socket, const Next& next) {
        notes.add(socket.recovered() ? "back with " + to_json(socket.data()) : "new");
        if (refuses) return next.refuse({"banned", {}});
        next();
    });
    root().on_connection([](Socket& socket) { socket.data() = 7; });
    Player player = enter_player(0);
    lose(*player.session);
    root().emit("missed");
    EXPECT_TRUE(come_back(player, 1));
    EXPECT_THAT(names(player), ElementsAre("missed"));
    lose(*player.session);
    refuses = true;
    FakeSession& again = open(0, "");
    say_back(player, again);
    EXPECT_THAT(sent(again), ElementsAre(R"(4{"message":"banned"})"));
    EXPECT_THAT(notes.take(), ElementsAre("new", "back with 7", "back with 7"));
}

TEST_F(RecoveryTest, WhatIsEmittedWhileTheMiddlewareThinksIsMissedAsWell) {
    HubOptions options = recovering();
    options.recovery.skip_middlewares = false;
    create(std::move(options));
    std::optional<Next> held;
    root().use([&](Socket& socket, Next next) {
        if (!socket.recovered()) return next();
        held = std::move(next);
    });
    Player player = enter_player(0);
    lose(*player.session);
    root().emit("away");
    FakeSession& session = open(1, "");
    say_back(player, session);
    root().emit("on the way");
    std::thread([&] { (*std::exchange(held, std::nullopt))(); }).join();
    root().emit("there");
    come(player, session);
    EXPECT_THAT(names(player), ElementsAre("away", "on the way", "there"));
}

// Before the loss is noticed

TEST_F(RecoveryTest, ANewConnectionTakesOverFromTheOldOne) {
    create(recovering());
    root().on_connection([](Socket& socket) {
        if (!socket.recovered()) socket.join("garden");
    });
    root().on_disconnect([&](Socket&, DisconnectReason reason) { notes.add(std::string(to_string(reason))); });
    for (const std::size_t loop : {0u, 1u}) {
        Player player = enter_player(0);
        FakeSession& old = *player.session;
        root().emit("seen");
        read(player);
        root().to("garden").emit("lost on the way");
        EXPECT_TRUE(come_back(player, loop));
        root().to("garden").emit("after");
        read(player);
        EXPECT_THAT(names(player), ElementsAre("seen", "lost on the way", "after"));
        EXPECT_FALSE(is_open(old));
        EXPECT_THAT(notes.take(), ElementsAre("transport close"));
        receive(*player.session, "1");
        EXPECT_THAT(notes.take(), ElementsAre("client namespace disconnect"));
    }
    EXPECT_EQ(hub->sockets(), 0u);
}

TEST_F(RecoveryTest, SocketsOfOneSessionInSeveralNamespacesAllComeBack) {
    create(recovering());
    of("/a");
    of("/b");
    for (const bool noticed : {true, false}) {
        SCOPED_TRACE(noticed);
        FakeSession& session = open(0, "");
        std::vector<Player> players(3);
        const std::string namespaces[] = {"", "/a,", "/b,"};
        for (std::size_t i = 0; i < 3; ++i) {
            players[i].nsp = namespaces[i];
            receive(session, "0" + namespaces[i] + std::string(kRecover));
            come(players[i], session);
        }
        if (noticed) lose(session);
        root().emit("root");
        of("/a").emit("a");
        of("/b").emit("b");
        FakeSession& back = open(1, "");
        for (Player& player : players) {
            const std::string sid = player.sid;
            say_back(player, back);
            come(player, back);
            EXPECT_EQ(player.sid, sid);
        }
        EXPECT_THAT(names(players[0]), ElementsAre("root"));
        EXPECT_THAT(names(players[1]), ElementsAre("a"));
        EXPECT_THAT(names(players[2]), ElementsAre("b"));
        lose(back);
    }
}

TEST_F(RecoveryTest, OneNamespaceComesBackAndTheOtherStaysAway) {
    create(recovering());
    of("/a");
    FakeSession& session = open(0, "");
    Player main;
    Player a;
    a.nsp = "/a,";
    receive(session, "0" + std::string(kRecover));
    come(main, session);
    receive(session, "0/a," + std::string(kRecover));
    come(a, session);
    lose(session);
    EXPECT_TRUE(come_back(main, 0));
    EXPECT_EQ(of("/a").sockets(), 0u);
    lose(*main.session);
    EXPECT_TRUE(come_back(a, 1));
    EXPECT_EQ(root().sockets(), 0u);
}

// Namespaces that come and go

TEST_F(RecoveryTest, AnEmptyChildIsKeptForWhoMayComeBack) {
    HubOptions options = recovering();
    options.cleanup_empty_child_namespaces = true;
    create(std::move(options));
    parent("/room-");
    Player player = enter_player(0, "/room-1,");
    lose(*player.session);
    EXPECT_EQ(hub->namespaces(), 2u);
    EXPECT_TRUE(come_back(player, 1));
}

TEST_F(RecoveryTest, AChildWhoseSocketsLeftForGoodIsForgottenAtOnce) {
    HubOptions options = recovering();
    options.cleanup_empty_child_namespaces = true;
    create(std::move(options));
    parent("/room-");
    Player player = enter_player(0, "/room-1,");
    receive(*player.session, "1/room-1,");
    settle();
    EXPECT_EQ(hub->namespaces(), 1u);
}

TEST_F(RecoveryTest, AChildThatNobodyCameBackToIsForgottenInTheEnd) {
    HubOptions options = recovering();
    options.cleanup_empty_child_namespaces = true;
    options.recovery.max_disconnection = 1ms;
    create(std::move(options));
    parent("/room-");
    Player player = enter_player(0, "/room-1,");
    lose(*player.session);
    EXPECT_TRUE(eventually([&] { return hub->namespaces() == 1u; })) << "within a few sweeps";
}

// With MessagePack the offset is one more argument as well.
TEST_F(RecoveryTest, MessagePackClientsComeBackToo) {
    HubOptions options = recovering();
    options.parser = Parser(ParserKind::MessagePack);
    create(std::move(options));
    const auto text = [](std::string_view value) { return static_cast<char>(0xa0 | value.size()) + std::string(value); };
    // {"type":0,"data":{…},"nsp":"/"}; `members` with their count before them
    const auto connect = [&](std::size_t loop, const std::string& members) {
        FakeSession& session = open(loop, "");
        on(session, [&] { session.receive_binary("\x83" + text("type") + '\0' + text("data") + members + text("nsp") + text("/")); });
        return &session;
    };
    const auto read_packets = [&](FakeSession& session) {
        std::vector<Value> packets;
        for (const std::string& message : sent(session)) {
            const std::string bytes = message.substr(7);  // behind "binary:"
            PacketReader reader;
            auto packet = reader.feed(Parser(ParserKind::MessagePack), bytes, true);
            if (!packet || !*packet) return std::vector<Value>{"malformed"};
            packets.push_back((*packet)->type == PacketType::Connect ? (*packet)->payload() : Value((*packet)->take_arguments().values()));
        }
        return packets;
    };
    FakeSession* const session = connect(0, "\x81" + text("recover") + '\xc3');
    root().emit("seen", Bytes{"\x01"});
    const auto first = read_packets(*session);
    ASSERT_EQ(first.size(), 2u);
    ASSERT_TRUE(first[1][1].is_string());
    lose(*session);
    root().emit("missed", {Bytes{"\x02"}, "text"});
    root().volatile_().emit("not kept");
    FakeSession* const back =
        connect(1, "\x82" + text("pid") + text(first[0]["pid"].as_string()) + text("offset") + text(first[1][1].as_string()));
    const auto second = read_packets(*back);
    ASSERT_EQ(second.size(), 2u);
    EXPECT_EQ(second[0]["sid"], first[0]["sid"]);
    EXPECT_EQ(second[1][0], Value(Bytes{"\x02"}));
    EXPECT_EQ(second[1][1], Value("text"));
    EXPECT_TRUE(second[1][2].is_string());
}

// Under fire: threads that emit, and clients that are cut at every point, notice it late, and come back on either loop.
TEST_F(RecoveryTest, EventsFromManyThreadsArriveOnceAndInOrderWhateverHappensToTheClients) {
    create(recovering());
    root().on_connection([](Socket& socket) {
        if (!socket.recovered()) socket.join("garden");
    });
    constexpr std::size_t kThreads = 3;
    constexpr int kEach = 400;
    std::vector<Player> players;
    for (std::size_t i = 0; i < 4; ++i) players.push_back(enter_player(i % 2));
    const Namespace nsp = root();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) {
                const Arguments said{t, i};
                switch (i % 4) {
                    case 0: nsp.emit("n", said); break;
                    case 1: nsp.to("garden").emit("n", said); break;
                    case 2: nsp.to("garden").to("nobody's").except("other").emit("n", said); break;
                    default: nsp.everybody().emit(nsp.prepare("n", said)); break;
                }
                nsp.volatile_().emit("volatile", "x");
                nsp.everybody().emit_latest_json("latest", R"("y")");
                if (i % 10 == 0) std::this_thread::sleep_for(1ms);
            }
        });
    }
    for (std::size_t round = 0; round < 12; ++round) {
        for (std::size_t i = 0; i < players.size(); ++i) {
            Player& player = players[i];
            read(player, (round * 7 + i * 3) % 25);
            if ((round + i) % 3 != 0) lose(*player.session);
            ASSERT_TRUE(come_back(player, (round + i / 2) % 2, (round * 5 + i) % 40)) << "round " << round;
        }
    }
    for (auto& thread : threads) thread.join();
    for (Player& player : players) {
        lose(*player.session);
        ASSERT_TRUE(come_back(player, 1));
        std::vector<int> next(kThreads, 0);
        for (const std::string& event : player.events) {
            const Value said = parse_json(event).value_or(Value());
            if (said[0] != Value("n")) continue;
            int& expected = next[static_cast<std::size_t>(said[1].as_integer())];
            ASSERT_EQ(said[2].as_integer(), expected) << event;
            ++expected;
        }
        EXPECT_EQ(next, std::vector<int>(kThreads, kEach));
    }
}

}  // namespace
}  // namespace parley::socketio

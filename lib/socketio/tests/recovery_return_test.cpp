// Connection state recovery, with real sockets on two loops: the ways back, by middleware, past an old
// socket that nobody has missed yet, into several namespaces, with everything going on at once.
#include "recovery_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using RecoveryReturnTest = RecoveryTest;

// Middleware

TEST_F(RecoveryReturnTest, MiddlewareIsSkippedUnlessAskedFor) {
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

TEST_F(RecoveryReturnTest, WithMiddlewareItSeesWhoComesBackAndMayRefuse) {
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

TEST_F(RecoveryReturnTest, WhatIsEmittedWhileTheMiddlewareThinksIsMissedAsWell) {
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

TEST_F(RecoveryReturnTest, ANewConnectionTakesOverFromTheOldOne) {
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

TEST_F(RecoveryReturnTest, SocketsOfOneSessionInSeveralNamespacesAllComeBack) {
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

TEST_F(RecoveryReturnTest, OneNamespaceComesBackAndTheOtherStaysAway) {
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

TEST_F(RecoveryReturnTest, AnEmptyChildIsKeptForWhoMayComeBack) {
    HubOptions options = recovering();
    options.cleanup_empty_child_namespaces = true;
    create(std::move(options));
    parent("/room-");
    Player player = enter_player(0, "/room-1,");
    lose(*player.session);
    EXPECT_EQ(hub->namespaces(), 2u);
    EXPECT_TRUE(come_back(player, 1));
}

TEST_F(RecoveryReturnTest, AChildWhoseSocketsLeftForGoodIsForgottenAtOnce) {
    HubOptions options = recovering();
    options.cleanup_empty_child_namespaces = true;
    create(std::move(options));
    parent("/room-");
    Player player = enter_player(0, "/room-1,");
    receive(*player.session, "1/room-1,");
    settle();
    EXPECT_EQ(hub->namespaces(), 1u);
}

TEST_F(RecoveryReturnTest, AChildThatNobodyCameBackToIsForgottenInTheEnd) {
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
TEST_F(RecoveryReturnTest, MessagePackClientsComeBackToo) {
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
TEST_F(RecoveryReturnTest, EventsFromManyThreadsArriveOnceAndInOrderWhateverHappensToTheClients) {
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

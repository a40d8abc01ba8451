// Emitting: every way to say something to some sockets, what binary data and compression become, and what happens with very many rooms.
#include "core_fixture.hpp"
#include "parley/socketio/packet.hpp"

namespace parley::socketio {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class EmitTest : public CoreTest {
protected:
    // Clients join the rooms that their CONNECT names: 0{"rooms":["a","b"]}.
    void create_with_rooms(HubOptions options = {}) {
        create(std::move(options));
        root().on_connection([this](Socket& socket) {
            for (std::size_t i = 0; i < socket.auth()["rooms"].size(); ++i) socket.join(socket.auth()["rooms"][i].as_string());
            met.push_back(&socket);
        });
    }
    FakeSession& join(std::size_t loop, const std::string& rooms) { return enter(loop, R"(0{"rooms":[)" + rooms + "]}"); }
    static std::string event(const std::string& name) { return "2[\"" + name + "\"]"; }

    std::vector<Socket*> met;
};

TEST_F(EmitTest, RoomsAddUpAndExceptionsTakeAway) {
    create_with_rooms();
    FakeSession& a = join(0, R"("a")");
    FakeSession& b = join(1, R"("b")");
    FakeSession& both = join(1, R"("a","b")");
    FakeSession& none = join(0, "");
    const Namespace nsp = root();
    nsp.emit("all");
    nsp.to("a").emit("a");
    nsp.in("a").in("b").emit("a or b");
    nsp.to("a").to(std::vector<std::string>{"b", "c"}).emit("a, b or c");
    nsp.everybody().to({"a", "b"}).except("a").emit("b alone");
    nsp.except("a").emit("not a");
    nsp.except("a").except({"b", "c"}).emit("neither");
    nsp.everybody().except(std::vector<std::string>{"a", "b"}).emit("neither again");
    nsp.to("nobody's").emit("nobody");
    EXPECT_THAT(sent(a), ElementsAre(event("all"), event("a"), event("a or b"), event("a, b or c")));
    EXPECT_THAT(sent(b), ElementsAre(event("all"), event("a or b"), event("a, b or c"), event("b alone"), event("not a")));
    EXPECT_THAT(sent(both), ElementsAre(event("all"), event("a"), event("a or b"), event("a, b or c")));
    EXPECT_THAT(sent(none), ElementsAre(event("all"), event("not a"), event("neither"), event("neither again")));
}

TEST_F(EmitTest, ASocketsBroadcastsLeaveItOut) {
    create_with_rooms();
    FakeSession& self = join(0, R"("a")");
    FakeSession& near = join(0, R"("a")");
    FakeSession& far = join(1, R"("b")");
    on(self, [&] {
        const Socket& socket = *met[0];
        socket.broadcast().emit("others");
        socket.to("a").emit("to a");
        socket.in("b").emit("in b");
        socket.except("a").emit("not a");
        socket.local().emit("local");
    });
    EXPECT_THAT(sent(self), IsEmpty());
    EXPECT_THAT(sent(near), ElementsAre(event("others"), event("to a"), event("local")));
    EXPECT_THAT(sent(far), ElementsAre(event("others"), event("in b"), event("not a"), event("local")));
}

TEST_F(EmitTest, ABroadcastIsAValueThatMayBeUsedAgain) {
    create_with_rooms();
    FakeSession& a = join(0, R"("a")");
    const Broadcast to_a = root().to("a");
    Broadcast fewer = to_a;
    fewer.except("a");
    to_a.emit("one");
    fewer.emit("none");
    to_a.emit("two");
    EXPECT_THAT(sent(a), ElementsAre(event("one"), event("two")));
}

TEST_F(EmitTest, AVolatileEventIsDroppedForWhoCannotTakeIt) {
    create_with_rooms();
    FakeSession& busy = join(0, "");
    FakeSession& ready = join(0, "");
    on(busy, [&] {
        busy.writable_ = false;
        met[0]->emit("direct", {}, {.is_volatile = true});
        met[0]->emit_json("json", "", {.is_volatile = true});
        met[0]->emit(root().prepare("prepared"), {.is_volatile = true});
        root().volatile_().emit("all");
        root().to(met[0]->id()).volatile_().emit("id");
        met[0]->emit("kept");
    });
    EXPECT_THAT(sent(busy), ElementsAre(event("kept")));
    EXPECT_THAT(sent(ready), ElementsAre(event("all")));
    on(busy, [&] {
        busy.writable_ = true;
        met[0]->emit("direct", {}, {.is_volatile = true});
        root().volatile_().emit("all");
    });
    EXPECT_THAT(sent(busy), ElementsAre(event("direct"), event("all")));
}

TEST_F(EmitTest, WhatIsNotToBeCompressedIsSaidSoToTheTransport) {
    create_with_rooms();
    FakeSession& client = join(0, "");
    const PreparedEvent prepared = root().prepare("x");
    const auto uncompressed_by = [&](const std::function<void()>& emit) {
        std::size_t count = 0;
        on(client, [&] {
            client.uncompressed_ = 0;
            emit();
            count = client.uncompressed_;
        });
        return count;
    };
    EXPECT_EQ(uncompressed_by([&] { met[0]->emit("x"); }), 0u);
    EXPECT_EQ(uncompressed_by([&] { met[0]->emit("x", {}, {.compress = false}); }), 1u);
    EXPECT_EQ(uncompressed_by([&] { met[0]->emit("x", Bytes{"b"}, {.compress = false}); }), 2u);
    EXPECT_EQ(uncompressed_by([&] { met[0]->emit_json("x", "1", {.compress = false}); }), 1u);
    EXPECT_EQ(uncompressed_by([&] { met[0]->emit(prepared, {.compress = false}); }), 1u);
    EXPECT_EQ(uncompressed_by([&] { met[0]->emit(prepared); }), 0u);
    EXPECT_EQ(uncompressed_by([&] { root().everybody().compress(false).emit("x", Bytes{"b"}); }), 2u);
    EXPECT_EQ(uncompressed_by([&] { root().everybody().compress(false).emit(prepared); }), 1u);
    EXPECT_EQ(uncompressed_by([&] { root().everybody().compress(true).emit(prepared); }), 0u);
}

TEST_F(EmitTest, APreparedEventIsTheSameEveryTimeAndForEverybody) {
    create_with_rooms();
    FakeSession& a = join(0, "");
    FakeSession& b = join(1, R"("b")");
    const PreparedEvent prepared = root().prepare("tick", {1, Bytes{"\x01"}});
    root().everybody().emit(prepared);
    root().to("b").emit(prepared);
    on(a, [&] { met[0]->emit(prepared); });
    const std::string head = R"(51-["tick",1,{"_placeholder":true,"num":0}])";
    EXPECT_THAT(sent(a), ElementsAre(head, "binary:\x01", head, "binary:\x01"));
    EXPECT_THAT(sent(b), ElementsAre(head, "binary:\x01", head, "binary:\x01"));
}

TEST_F(EmitTest, JsonAndLatestValuesGoOutAsTheyAre) {
    create_with_rooms();
    FakeSession& a = join(0, "");
    on(a, [&] {
        met[0]->emit_json("j", R"({"a":[1]},2)");
        met[0]->emit_latest_json("l", "1");
        root().everybody().emit_json("k", "");
        root().everybody().emit_latest_json("l", "2");
        met[0]->handle().emit_json("m", "3");
    });
    EXPECT_THAT(sent(a), ElementsAre(R"(2["j",{"a":[1]},2])", R"(latest 0:2["l",1])", R"(2["k"])", R"(latest 0:2["l",2])", R"(2["m",3])"));
}

TEST_F(EmitTest, AHandleActsFromAnyThreadInOrder) {
    create_with_rooms();
    FakeSession& client = join(1, "");
    SocketHandle handle;
    on(client, [&] { handle = met[0]->handle(); });
    handle.emit("one", 1);
    handle.join("garden");
    root().to("garden").emit("two");
    handle.leave("garden");
    root().to("garden").emit("not in it");
    handle.emit_json("three", "3");
    std::promise<std::string> id;
    handle.run([&id](Socket& socket) { id.set_value(socket.id()); });
    EXPECT_EQ(id.get_future().get().size(), 20u);
    EXPECT_EQ(handle, SocketHandle(handle));
    EXPECT_NE(handle, SocketHandle());
    EXPECT_THAT(sent(client), ElementsAre(R"(2["one",1])", event("two"), R"(2["three",3])"));
    handle.disconnect(true);
    EXPECT_THAT(sent(client), ElementsAre("1"));
    EXPECT_FALSE(is_open(client));
    handle.emit("nobody");
    handle.run([](Socket&) { FAIL() << "nobody is there"; });
    SocketHandle().emit("nobody at all");
    settle();
}

TEST_F(EmitTest, SocketsAreMovedAndEndedByBroadcasts) {
    create_with_rooms();
    FakeSession& a = join(0, R"("a")");
    FakeSession& b = join(1, R"("b")");
    root().to("a").to("b").sockets_join("both");
    root().to("both").except("b").emit("a");
    root().to("b").sockets_leave("both");
    root().to("both").emit("a again");
    EXPECT_THAT(sent(a), ElementsAre(event("a"), event("a again")));
    EXPECT_THAT(sent(b), IsEmpty());
    root().to("a").disconnect_sockets();
    root().to("b").disconnect_sockets(true);
    EXPECT_THAT(sent(a), ElementsAre("1"));
    EXPECT_THAT(sent(b), ElementsAre("1"));
    EXPECT_TRUE(is_open(a));
    EXPECT_FALSE(is_open(b));
}

TEST_F(EmitTest, DisconnectWithCloseEndsAllNamespacesOfTheClient) {
    create_with_rooms();
    Notes<> ends;
    of("/other").on_disconnect([&](Socket&, DisconnectReason reason) { ends.add(std::string(to_string(reason))); });
    FakeSession& client = join(0, R"("a")");
    receive(client, "0/other,");
    sent(client);
    root().to("a").disconnect_sockets(true);
    EXPECT_THAT(sent(client), testing::UnorderedElementsAre("1", "1/other,"));
    EXPECT_THAT(ends.take(), ElementsAre("server namespace disconnect"));
}

TEST_F(EmitTest, ARoomIsToldByTheSocketsThatAreInIt) {
    create_with_rooms();
    FakeSession& client = join(0, R"("a","b")");
    on(client, [&] {
        Socket& socket = *met[0];
        EXPECT_THAT(socket.rooms(), ElementsAre("a", "b"));
        EXPECT_TRUE(socket.in_room("a"));
        EXPECT_FALSE(socket.in_room("c"));
        socket.join("a");
        socket.leave("b");
        socket.leave("never in it");
        EXPECT_THAT(socket.rooms(), ElementsAre("a"));
    });
    root().to("a").emit("once");
    EXPECT_THAT(sent(client), ElementsAre(event("once")));
}

// With the MessagePack parser, through and through.

TEST_F(EmitTest, MessagePackOnTheWholeWay) {
    const Parser parser(ParserKind::MessagePack);
    create_with_rooms({.parser = parser});
    root().on("ask", [](Socket& socket, const Arguments& said, const Ack& ack) {
        socket.emit("told", said);
        ack({said[1], Bytes{"\xff"}});
    });
    FakeSession& client = open(1, "");
    const auto feed = [&](const std::string& packet) { on(client, [&] { client.receive_binary(packet); }); };
    const auto read = [&] {
        std::vector<std::string> packets;
        for (const std::string& message : sent(client)) {
            EXPECT_TRUE(message.starts_with("binary:"));
            const std::string bytes = message.substr(7);
            PacketReader reader;
            auto packet = reader.feed(parser, bytes, true);
            if (!packet || !*packet) return std::vector<std::string>{"malformed"};
            std::string text = std::to_string(static_cast<int>((*packet)->type)) + std::string((*packet)->nsp) + (*packet)->event;
            if ((*packet)->type == PacketType::Event || (*packet)->type == PacketType::Ack) {
                for (const Value& value : (*packet)->take_arguments()) text += " " + (value.is_bytes() ? "bytes" : to_json(value));
            }
            packets.push_back(text);
        }
        return packets;
    };
    // {"type":0,"data":{"rooms":["a"]},"nsp":"/"}
    feed(
        "\x83\xa4type\x00\xa4"
        "data\x81\xa5rooms\x91\xa1"
        "a\xa3nsp\xa1/"s);
    EXPECT_THAT(read(), ElementsAre("0/"));
    feed(parser.event("/", "ask", {Bytes{"\x01"}, Object{{"text", "ü"}}}, 7).text);
    EXPECT_THAT(read(), ElementsAre("2/told bytes {\"text\":\"ü\"}", "3/ {\"text\":\"ü\"} bytes"));
    root().to("a").emit("room", 1);
    root().everybody().emit(root().prepare("prepared", true));
    root().everybody().emit_json("json", "[2]");
    EXPECT_THAT(read(), ElementsAre("2/room 1", "2/prepared true", "2/json [2]"));
    root().everybody().disconnect_sockets();
    EXPECT_THAT(read(), ElementsAre("1/"));
    feed("0");
    EXPECT_FALSE(is_open(client)) << "text of the other parser is none here";
}

// Very many rooms. What these would take if one step were linear in the rooms of a socket, or in the members of a room, is beyond run()'s patience.

constexpr int kRooms = 100'000;

TEST_F(EmitTest, OneSocketInAHundredThousandRooms) {
    create_with_rooms();
    FakeSession& client = join(0, "");
    on(client, [&] {
        Socket& socket = *met[0];
        for (int i = 0; i < kRooms; ++i) socket.join("room " + std::to_string(i));
        EXPECT_EQ(socket.rooms().size(), static_cast<std::size_t>(kRooms));
        EXPECT_TRUE(socket.in_room("room 99999"));
        root().to("room 50000").emit("x");
        for (int i = 0; i < kRooms / 2; ++i) socket.leave("room " + std::to_string(i));
        EXPECT_EQ(socket.rooms().size(), static_cast<std::size_t>(kRooms / 2));
        EXPECT_FALSE(socket.in_room("room 0"));
    });
    EXPECT_THAT(sent(client), ElementsAre(event("x")));
    lose(client);
    on(client, [&] { EXPECT_EQ(hub->default_namespace().shard(0).rooms().size(), 0u); });
}

TEST_F(EmitTest, ManySocketsInAHundredThousandRoomsAndOneInAllOfThem) {
    create_with_rooms();
    constexpr int kSockets = 100;
    FakeSession& everywhere = join(0, "");
    std::vector<FakeSession*> clients;
    for (int i = 0; i < kSockets; ++i) clients.push_back(&join(0, ""));
    run(0, [&] {
        for (int i = 0; i < kRooms; ++i) met[1 + i % kSockets]->join("room " + std::to_string(i));
        for (int i = 0; i < kRooms; ++i) met[0]->join("room " + std::to_string(i));
    });
    root().to("room 4711").emit("x");
    EXPECT_THAT(sent(everywhere), ElementsAre(event("x")));
    EXPECT_THAT(sent(*clients[11]), ElementsAre(event("x")));
    EXPECT_THAT(sent(*clients[12]), IsEmpty());
    for (FakeSession* client : clients) lose(*client);
    root().to("room 4711").emit("y");
    EXPECT_THAT(sent(everywhere), ElementsAre(event("y")));
    lose(everywhere);
    run(0, [&] { EXPECT_EQ(hub->default_namespace().shard(0).rooms().size(), 0u); });
}

TEST_F(EmitTest, ThousandsOfSocketsInOneRoomLeaveIt) {
    create_with_rooms();
    constexpr int kSockets = 20'000;
    run(0, [&] {
        for (int i = 0; i < kSockets; ++i) {
            sessions.push_back(std::make_unique<FakeSession>(loops[0], *hub));
            sessions.back()->receive(R"(0{"rooms":["lobby"]})");
        }
        root().to("lobby").emit("x");
        for (const auto& session : sessions) EXPECT_EQ(session->take_sent().size(), 2u);
        for (const auto& session : sessions) session->end(engineio::CloseReason::TransportClose);
        EXPECT_EQ(hub->default_namespace().shard(0).rooms().size(), 0u);
    });
}

}  // namespace
}  // namespace parley::socketio

#include "parley/socketio/parser.hpp"

#include <gtest/gtest.h>

namespace parley::socketio {
namespace {

constexpr ParserKind kBoth[] = {ParserKind::Json, ParserKind::MessagePack};

// A packet as sent, and as a reader gives it back.
struct Trip {
    Trip(const Parser& parser, EncodedPacket packet, unsigned protocol = kProtocol) : sent(std::move(packet)) {
        PacketReader reader;
        auto read = reader.feed(parser, sent.text, sent.binary, protocol);
        for (const std::string& attachment : sent.attachments) {
            EXPECT_TRUE(read && !read->has_value());
            read = reader.feed(parser, attachment, true, protocol);
        }
        EXPECT_TRUE(read && read->has_value());
        if (read && *read) received = *std::move(*read);
    }
    Trip(const Trip&) = delete;

    const EncodedPacket sent;  // which `received` refers to
    ReceivedPacket received;
};

TEST(Parser, EventsAndAcknowledgementsComeBackFromEitherParser) {
    const Arguments arguments{"käse", 1, 2.5, nullptr, Object{{"bytes", Array{Bytes{"one"}, Bytes{"two"}}}}};
    for (const ParserKind kind : kBoth) {
        const Parser parser(kind);
        Trip event(parser, parser.event("/chat", "say", arguments, 17));
        EXPECT_EQ(event.received.type, PacketType::Event);
        EXPECT_EQ(event.received.nsp, "/chat");
        EXPECT_EQ(event.received.event, "say");
        EXPECT_EQ(event.received.ack_id, 17u);
        EXPECT_EQ(event.received.take_arguments(), arguments);

        Trip ack(parser, parser.ack("/", 3, arguments));
        EXPECT_EQ(ack.received.type, PacketType::Ack);
        EXPECT_EQ(ack.received.ack_id, 3u);
        EXPECT_EQ(ack.received.take_arguments(), arguments);

        Trip plain(parser, parser.event("/", "say", {"a", Array{}}));
        EXPECT_FALSE(plain.received.ack_id);
        EXPECT_EQ(plain.received.take_arguments(), Arguments({"a", Array{}}));
        EXPECT_TRUE(Trip(parser, parser.event("/", "say", {})).received.take_arguments().empty());
    }
}

TEST(Parser, JsonArgumentsAreSentByEitherParser) {
    for (const ParserKind kind : kBoth) {
        const Parser parser(kind);
        Trip event(parser, parser.event_json("/x", "say", R"(1,{"a":[]})", 9));
        EXPECT_EQ(event.received.ack_id, 9u);
        EXPECT_EQ(event.received.take_arguments(), Arguments({1, Object{{"a", Array{}}}}));
        EXPECT_TRUE(Trip(parser, parser.event_json("/", "say", "")).received.take_arguments().empty());
        Trip passed_on(parser, parser.event("/", "say", Arguments::from_json("1, [2]")));
        EXPECT_EQ(passed_on.received.take_arguments(), Arguments({1, Array{2}}));
    }
}

TEST(Parser, ConnectionsSaySidAndPid) {
    for (const ParserKind kind : kBoth) {
        const Parser parser(kind);
        EXPECT_EQ(Trip(parser, parser.connect("/", "abc")).received.payload(), Value(Object{{"sid", "abc"}}));
        Trip recoverable(parser, parser.connect("/admin", "abc", "p"));
        EXPECT_EQ(recoverable.received.type, PacketType::Connect);
        EXPECT_EQ(recoverable.received.nsp, "/admin");
        EXPECT_EQ(recoverable.received.payload(), Value(Object{{"sid", "abc"}, {"pid", "p"}}));
        EXPECT_EQ(Trip(parser, parser.disconnect("/admin")).received.type, PacketType::Disconnect);
    }
}

TEST(Parser, RefusedConnectionsSayMessageAndData) {
    for (const ParserKind kind : kBoth) {
        const Parser parser(kind);
        Trip plain(parser, parser.connect_error("/x", "no"));
        EXPECT_EQ(plain.received.type, PacketType::ConnectError);
        EXPECT_EQ(plain.received.payload(), Value(Object{{"message", "no"}}));
        const Value data = Object{{"code", "E_AUTH"}};
        EXPECT_EQ(Trip(parser, parser.connect_error("/x", "no", data)).received.payload(),
                  Value(Object{{"message", "no"}, {"data", data}}));
    }
}

TEST(Parser, OldClientsGetPacketsOfProtocol4) {
    const Parser json(ParserKind::Json);
    EXPECT_EQ(json.connect("/", "abc", "p", kOldProtocol).text, "0");
    EXPECT_EQ(json.connect("/admin", "abc", "p", kOldProtocol).text, "0/admin,");
    EXPECT_EQ(json.connect_error("/admin", "no", {}, kOldProtocol).text, R"(4/admin,"no")");
    EXPECT_EQ(json.connect_error("/", "no", Object{{"code", 1}}, kOldProtocol).text, R"(4{"code":1})");
    const Parser msgpack(ParserKind::MessagePack);
    EXPECT_TRUE(Trip(msgpack, msgpack.connect("/", "abc", "p", kOldProtocol)).received.payload().is_null());
    EXPECT_EQ(Trip(msgpack, msgpack.connect_error("/", "no", {}, kOldProtocol)).received.payload(), Value("no"));
}

TEST(PacketReader, OldClientsWriteAQueryBehindTheNamespace) {
    const Parser json(ParserKind::Json);
    PacketReader reader;
    const std::string text = "0/admin?token=x&y=1,";
    const auto connect = reader.feed(json, text, false, kOldProtocol);
    ASSERT_TRUE(connect && *connect);
    EXPECT_EQ((*connect)->nsp, "/admin");
    EXPECT_EQ((*connect)->query, "token=x&y=1");
    const auto now = reader.feed(json, text, false, kProtocol);
    ASSERT_TRUE(now && *now);
    EXPECT_EQ((*now)->nsp, "/admin?token=x&y=1") << "a name like any other in protocol 5";

    const Parser msgpack(ParserKind::MessagePack);
    Trip packed(msgpack, msgpack.disconnect("/admin?token=x"), kOldProtocol);
    EXPECT_EQ(packed.received.nsp, "/admin");
    EXPECT_EQ(packed.received.query, "token=x");
}

TEST(PacketReader, LongTokensFitIntoAQueryButNotIntoAName) {
    const Parser json(ParserKind::Json);
    PacketReader reader;
    const std::string token(500, 'x');
    EXPECT_TRUE(reader.feed(json, "0/admin?token=" + token + ",", false, kOldProtocol));
    EXPECT_FALSE(reader.feed(json, "0/" + token + ",", false, kOldProtocol));
    EXPECT_FALSE(reader.feed(json, "0/admin?token=" + std::string(5000, 'x') + ",", false, kOldProtocol));
}

TEST(PacketReader, TellsWhoseAttachmentsItAwaits) {
    const Parser parser(ParserKind::Json);
    PacketReader reader;
    EXPECT_EQ(reader.awaiting(), nullptr);
    std::string text = R"(52-/chat,3["file",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])";
    ASSERT_TRUE(reader.feed(parser, text, false));
    text.assign(text.size(), '!');
    ASSERT_NE(reader.awaiting(), nullptr);
    EXPECT_EQ(reader.awaiting()->nsp, "/chat");
    ASSERT_TRUE(reader.feed(parser, "one", true));
    auto received = reader.feed(parser, "two", true);
    ASSERT_TRUE(received && *received);
    EXPECT_EQ(reader.awaiting(), nullptr);
    ReceivedPacket packet = std::move(**received);
    EXPECT_EQ(packet.type, PacketType::Event);
    EXPECT_EQ(packet.nsp, "/chat");
    EXPECT_EQ(packet.ack_id, 3u);
    EXPECT_EQ(packet.take_arguments(), Arguments({Bytes{"two"}, Bytes{"one"}}));
}

TEST(PacketReader, RefusesMessagesOutOfOrder) {
    const Parser json(ParserKind::Json);
    PacketReader between;
    ASSERT_TRUE(between.feed(json, R"(51-["a",{"_placeholder":true,"num":0}])", false));
    EXPECT_FALSE(between.feed(json, R"(2["a"])", false)) << "text between attachments";
    PacketReader alone;
    EXPECT_FALSE(alone.feed(json, "bytes", true)) << "bytes that belong to no packet";
    PacketReader missing;
    ASSERT_TRUE(missing.feed(json, R"(51-["a",{"_placeholder":true,"num":1}])", false));
    EXPECT_FALSE(missing.feed(json, "bytes", true)) << "placeholder without attachment";
    const Parser msgpack(ParserKind::MessagePack);
    PacketReader text;
    const auto refused = text.feed(msgpack, R"(2["a"])", false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Protocol);
}

TEST(PacketReader, IdleIsOnePointer) {
    EXPECT_EQ(sizeof(PacketReader), sizeof(void*));
}

}  // namespace
}  // namespace parley::socketio

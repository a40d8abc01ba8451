#include "parley/socketio/packet.hpp"

#include <gtest/gtest.h>

namespace parley::socketio {
namespace {

struct Decoded {
    std::string text;
    PacketType type;
    std::string nsp;
    std::optional<AckId> ack_id;
    std::uint32_t attachments;
    std::string event;
    std::string json;
};

// Among them the examples of socket.io-protocol 5.
const std::vector<Decoded> kValid = {
    {"0", PacketType::Connect, "/", {}, 0, "", ""},
    {R"(0{"token":"123"})", PacketType::Connect, "/", {}, 0, "", R"({"token":"123"})"},
    {"0/admin,", PacketType::Connect, "/admin", {}, 0, "", ""},
    {"0/admin", PacketType::Connect, "/admin", {}, 0, "", ""},
    {R"(0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"})", PacketType::Connect, "/admin", {}, 0, "", R"({"sid":"oSO0OpakMV_3jnilAAAA"})"},
    {"1", PacketType::Disconnect, "/", {}, 0, "", ""},
    {"1/admin,", PacketType::Disconnect, "/admin", {}, 0, "", ""},
    {R"(2["foo"])", PacketType::Event, "/", {}, 0, "foo", ""},
    {R"(2["a",1,{}])", PacketType::Event, "/", {}, 0, "a", "1,{}"},
    {R"(2/admin,["bar"])", PacketType::Event, "/admin", {}, 0, "bar", ""},
    {R"(212["foo"])", PacketType::Event, "/", 12, 0, "foo", ""},
    {R"(2/admin,456["project:delete",123])", PacketType::Event, "/admin", 456, 0, "project:delete", "123"},
    {R"(29007199254740991["big"])", PacketType::Event, "/", kMaxAckId, 0, "big", ""},
    {R"(2[1,"a"])", PacketType::Event, "/", {}, 0, "1", R"("a")"},
    {R"(2[-1e21])", PacketType::Event, "/", {}, 0, "-1e+21", ""},
    {R"(2 [ "a\"]" , [ 1 ] , "b" ] )", PacketType::Event, "/", {}, 0, "a\"]", R"([ 1 ] , "b")"},
    {R"(2["\u0061\\"])", PacketType::Event, "/", {}, 0, "a\\", ""},
    {R"(2["",null])", PacketType::Event, "/", {}, 0, "", "null"},
    {"312[]", PacketType::Ack, "/", 12, 0, "", ""},
    {R"(3/admin,456["a", 2])", PacketType::Ack, "/admin", 456, 0, "", R"("a", 2)"},
    {R"(4{"message":"Not authorized"})", PacketType::ConnectError, "/", {}, 0, "", R"({"message":"Not authorized"})"},
    {R"(4/x,"Unauthorized")", PacketType::ConnectError, "/x", {}, 0, "", R"("Unauthorized")"},
    {R"(51-["hello",{"_placeholder":true,"num":0}])", PacketType::BinaryEvent, "/", {}, 1, "hello", R"({"_placeholder":true,"num":0})"},
    {R"(52-/admin,3["a"])", PacketType::BinaryEvent, "/admin", 3, 2, "a", ""},
    {R"(61-/admin,456[{"_placeholder":true,"num":0}])", PacketType::BinaryAck, "/admin", 456, 1, "", R"({"_placeholder":true,"num":0})"},
};

TEST(PacketDecoder, ReadsEveryKind) {
    for (const Decoded& expected : kValid) {
        const auto packet = decode_packet(expected.text);
        ASSERT_TRUE(packet) << expected.text << ": " << packet.error().message;
        EXPECT_EQ(packet->type, expected.type) << expected.text;
        EXPECT_EQ(packet->nsp, expected.nsp) << expected.text;
        EXPECT_EQ(packet->ack_id, expected.ack_id) << expected.text;
        EXPECT_EQ(packet->attachments, expected.attachments) << expected.text;
        EXPECT_EQ(packet->event, expected.event) << expected.text;
        EXPECT_EQ(packet->json, expected.json) << expected.text;
    }
}

TEST(PacketDecoder, RefusesWhatIsNone) {
    const std::vector<std::string> malformed = {
        "",
        "7",
        "999",
        "hello",
        " 0",
        // payloads of the wrong kind
        "0[]",
        R"(0/admin,"invalid")",
        "0null",
        "0{",
        "1{}",
        "1/admin,{}",
        "2",
        "2{}",
        "2[]",
        R"(2/admin,"invalid)",
        R"(2["a")",
        R"(2["a"]x)",
        R"(2["a",])",
        R"(442["some","data")",
        R"(2[true,"foo"])",
        R"(2[null,"bar"])",
        R"(2[{"toString":"foo"}])",
        "2[[1]]",
        "3",
        "3{}",
        "31",
        "4",
        "4[]",
        "4true",
        // attachments
        "5",
        "51",
        "5-[\"a\"]",
        R"(50-["a"])",
        R"(5a-["a"])",
        R"(51.23-["a"])",
        R"(511-["a"])",
        R"(599999999999999999999-["a"])",
        // acknowledgement ids
        R"(29007199254740992["a"])",
        R"(299999999999999999999999["a"])",
        R"(2-1["a"])",
        // JSON rules
        R"(2["a",{"b":1,"b":2}])",
        "2[\"a\",\"\xFF\"]",
        R"(2["a",1e999])",
        "2[\"a\"," + std::string(32, '[') + std::string(32, ']') + "]",
        // namespaces
        "0/\xFF,",
        "0/" + std::string(300, 'x'),
        "2/a,b,[\"x\"]",
    };
    for (const std::string& text : malformed) {
        const auto packet = decode_packet(text);
        ASSERT_FALSE(packet) << text;
        EXPECT_EQ(packet.error().code, ErrorCode::Protocol);
    }
}

TEST(PacketDecoder, RefusesReservedEvents) {
    for (const std::string name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
        EXPECT_FALSE(decode_packet("2[\"" + name + "\",\"x\"]")) << name;
        EXPECT_FALSE(decode_packet("51-[\"" + name + "\"]")) << name;
    }
    EXPECT_FALSE(decode_packet(R"(2["\u0063onnect"])")) << "escaped";
    EXPECT_TRUE(decode_packet(R"(2["Connect"])"));
}

TEST(PacketDecoder, LimitsAreTheCallers) {
    EXPECT_TRUE(decode_packet(R"(510-["a"])"));
    EXPECT_FALSE(decode_packet(R"(53-["a"])", {.max_attachments = 2}));
    EXPECT_TRUE(decode_packet("0/1234567,", {.max_namespace_bytes = 8}));
    EXPECT_FALSE(decode_packet("0/12345678,", {.max_namespace_bytes = 8}));
}

TEST(PacketEncoder, WritesEveryKind) {
    EXPECT_EQ(encode_connect("/", "x_1-"), R"(0{"sid":"x_1-"})");
    EXPECT_EQ(encode_connect("/admin", "x"), R"(0/admin,{"sid":"x"})");
    EXPECT_EQ(encode_connect_error("/admin", "Invalid namespace"), R"(4/admin,{"message":"Invalid namespace"})");
    EXPECT_EQ(encode_disconnect("/"), "1");
    EXPECT_EQ(encode_disconnect("/admin"), "1/admin,");
    EXPECT_EQ(encode_event("/", "foo", {}).text, R"(2["foo"])");
    EXPECT_EQ(encode_event("/admin", "a\"b", {1, "x"}, 12).text, R"(2/admin,12["a\"b",1,"x"])");
    EXPECT_EQ(encode_event("/", "raw", Arguments::from_json("1, 2")).text, R"(2["raw",1, 2])");
    EXPECT_EQ(encode_ack("/", 12, {}).text, "312[]");
    EXPECT_EQ(encode_ack("/admin", 0, {Object{{"ok", true}}}).text, R"(3/admin,0[{"ok":true}])");
    EXPECT_EQ(encode_event_json("/", "foo", ""), R"(2["foo"])");
    EXPECT_EQ(encode_event_json("/x", "foo", "1,2"), R"(2/x,["foo",1,2])");
}

TEST(PacketEncoder, BytesTravelBesideTheText) {
    const EncodedPacket event = encode_event("/", "file", {Object{{"data", Bytes{"\x01\x02"}}}, 1, Array{Bytes{"z"}}}, 7);
    EXPECT_EQ(event.text, R"(52-7["file",{"data":{"_placeholder":true,"num":0}},1,[{"_placeholder":true,"num":1}]])");
    EXPECT_EQ(event.attachments, (std::vector<std::string>{"\x01\x02", "z"}));
    EXPECT_EQ(encode_ack("/", 3, {Bytes{"z"}}).text, R"(61-3[{"_placeholder":true,"num":0}])");
}

TEST(AttachmentCollector, PutsBytesIntoTheirPlaces) {
    const EncodedPacket sent = encode_event("/chat", "file", {Bytes{"one"}, Object{{"a", Array{Bytes{"two"}}}}, "x"}, 9);
    std::string text = sent.text;
    AttachmentCollector collector(*decode_packet(text));
    text.assign(text.size(), '!');
    EXPECT_FALSE(collector.add(sent.attachments[0]));
    EXPECT_TRUE(collector.add(sent.attachments[1]));
    EXPECT_EQ(collector.packet().nsp, "/chat");
    EXPECT_EQ(collector.packet().event, "file");
    EXPECT_EQ(collector.packet().ack_id, 9u);
    const auto arguments = collector.finish();
    ASSERT_TRUE(arguments);
    EXPECT_EQ(*arguments, Arguments({Bytes{"one"}, Object{{"a", Array{Bytes{"two"}}}}, "x"}));
}

TEST(AttachmentCollector, RefusesPlaceholdersWithoutAttachment) {
    for (const std::string json :
         {R"({"_placeholder":true,"num":1})", R"({"_placeholder":true,"num":-1})", R"({"_placeholder":true,"num":"0"})",
          R"({"_placeholder":true})", R"({"_placeholder":true,"num":0},[{"_placeholder":true,"num":0}])"}) {
        const std::string text = "51-[\"a\"," + json + "]";
        AttachmentCollector collector(*decode_packet(text));
        EXPECT_TRUE(collector.add("bytes"));
        EXPECT_FALSE(collector.finish()) << json;
    }
}

}  // namespace
}  // namespace parley::socketio

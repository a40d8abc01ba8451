#include "msgpack.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "msgpack_packet.hpp"
#include "parley/base/encoding.hpp"

namespace parley::socketio {
namespace {

std::string bytes(std::string_view hex) {
    return *hex_decode(hex);
}

std::string write(const Value& value) {
    std::string out;
    append_msgpack(out, value);
    return out;
}

std::string head_of(const Value& value, std::size_t length) {
    return hex_encode(write(value).substr(0, length));
}

// Nullopt: refused, or bytes left.
std::optional<Value> read(std::string_view message) {
    Value value;
    MsgpackReader reader(message);
    if (!reader.read(value) || !reader.rest().empty()) return std::nullopt;
    return value;
}

bool skip(std::string_view message) {
    MsgpackReader reader(message);
    return reader.skip() && reader.rest().empty();
}

Value nested_arrays(std::size_t levels) {
    Value value;
    for (std::size_t i = 0; i < levels; ++i) value = Array{std::move(value)};
    return value;
}

TEST(Msgpack, IntegersTakeTheShortestForm) {
    const std::vector<std::pair<std::int64_t, std::string>> expected = {
        {0, "00"},
        {127, "7f"},
        {128, "cc80"},
        {255, "ccff"},
        {256, "cd0100"},
        {65535, "cdffff"},
        {65536, "ce00010000"},
        {4294967295, "ceffffffff"},
        {4294967296, "cf0000000100000000"},
        {std::numeric_limits<std::int64_t>::max(), "cf7fffffffffffffff"},
        {-1, "ff"},
        {-32, "e0"},
        {-33, "d0df"},
        {-128, "d080"},
        {-129, "d1ff7f"},
        {-32768, "d18000"},
        {-32769, "d2ffff7fff"},
        {-2147483648LL, "d280000000"},
        {-2147483649LL, "d3ffffffff7fffffff"},
        {std::numeric_limits<std::int64_t>::min(), "d38000000000000000"},
    };
    for (const auto& [integer, hex] : expected) {
        EXPECT_EQ(hex_encode(write(integer)), hex);
        EXPECT_EQ(read(bytes(hex)), Value(integer)) << hex;
    }
    EXPECT_EQ(read(bytes("cf0000000000000001")), Value(1)) << "longer than it need be";
}

TEST(Msgpack, UnsignedNumbersBeyondSignedOnesBecomeDoubles) {
    EXPECT_EQ(read(bytes("cf8000000000000000")), Value(9223372036854775808.0));
}

TEST(Msgpack, DoublesStayDoublesWholeOrNot) {
    EXPECT_EQ(hex_encode(write(1.5)), "cb3ff8000000000000");
    EXPECT_EQ(hex_encode(write(1e20)), "cb4415af1d78b58c40");
    EXPECT_EQ(read(bytes("cb4415af1d78b58c40")), Value(1e20));
    EXPECT_EQ(read(bytes("ca3fc00000")), Value(1.5)) << "single precision";
    EXPECT_EQ(read(write(-std::numeric_limits<double>::infinity())), Value(-std::numeric_limits<double>::infinity()));
    EXPECT_TRUE(std::isnan(read(bytes("cb7ff8000000000000"))->as_number()));
    EXPECT_TRUE(std::isnan(read(bytes("ca7fc00000"))->as_number()));
}

TEST(Msgpack, LengthsTakeTheShortestForm) {
    EXPECT_EQ(head_of(std::string(31, 'x'), 1), "bf");
    EXPECT_EQ(head_of(std::string(32, 'x'), 2), "d920");
    EXPECT_EQ(head_of(std::string(256, 'x'), 3), "da0100");
    EXPECT_EQ(head_of(std::string(65536, 'x'), 5), "db00010000");
    EXPECT_EQ(head_of(Bytes{""}, 2), "c400");
    EXPECT_EQ(head_of(Bytes{std::string(256, 'x')}, 3), "c50100");
    EXPECT_EQ(head_of(Bytes{std::string(65536, 'x')}, 5), "c600010000");
    EXPECT_EQ(head_of(Array(15), 1), "9f");
    EXPECT_EQ(head_of(Array(16), 3), "dc0010");
    EXPECT_EQ(head_of(Array(65536), 5), "dd00010000");
    Object object;
    for (int i = 0; i < 16; ++i) object.emplace_back(std::to_string(i), i);
    EXPECT_EQ(head_of(object, 3), "de0010");
}

TEST(Msgpack, ValuesComeBackAsTheyWent) {
    Object many;
    for (int i = 0; i < 70000; ++i) many.emplace_back(std::to_string(i), i);
    const std::vector<Value> values = {nullptr,
                                       true,
                                       false,
                                       "",
                                       "käse \U0001F600",
                                       std::string("a\0b", 3),
                                       std::string(300, 'x'),
                                       std::string(70000, 'x'),
                                       Bytes{std::string("\0\xFF", 2)},
                                       Bytes{std::string(70000, '\xFF')},
                                       Array{},
                                       Array{1, Array{2, "x"}, nullptr},
                                       Array(70000),
                                       Object{},
                                       Object{{"b", 1}, {"a", Object{{"b", Bytes{"z"}}}}},
                                       many};
    for (const Value& value : values) {
        EXPECT_EQ(read(write(value)), value) << to_json(value).substr(0, 80);
        EXPECT_TRUE(skip(write(value)));
    }
}

TEST(Msgpack, TextThatIsNotUtf8IsMended) {
    EXPECT_EQ(read(write("a\xFF")), Value("a\uFFFD"));
}

TEST(Msgpack, ExtensionsAreThoseOfNotepack) {
    EXPECT_EQ(read(bytes("d40000")), Value());                                          // undefined
    EXPECT_EQ(read(bytes("9201d40000")), Value(Array{1, nullptr}));                     // [1, undefined]
    EXPECT_EQ(read(bytes("82a161d40000a16202")), Value(Object{{"b", 2}}));              // {a: undefined, b: 2}
    EXPECT_EQ(read(bytes("d7000000000000000000")), Value("1970-01-01T00:00:00.000Z"));  // new Date(0)
    EXPECT_EQ(read(bytes("d700ffffffffffffffff")), Value("1969-12-31T23:59:59.999Z"));  // new Date(-1)
    EXPECT_EQ(read(bytes("d7007fffffffffffffff")), Value());                            // no date JavaScript has
    EXPECT_EQ(read(bytes("c70200ff01")), Value(Bytes{"\xFF\x01"}));                     // new Uint8Array([255, 1]).buffer
    EXPECT_EQ(read(bytes("c70000")), Value(Bytes{}));                                   // new ArrayBuffer(0)
    EXPECT_EQ(read(bytes("c8000200ff01")), Value(Bytes{"\xFF\x01"}));
    EXPECT_EQ(read(bytes("c90000000200ff01")), Value(Bytes{"\xFF\x01"}));
}

TEST(Msgpack, DatesReadAsInJavaScript) {
    EXPECT_EQ(iso_date(1732291200123), "2024-11-22T16:00:00.123Z");
    EXPECT_EQ(iso_date(-62198755200000), "-000001-01-01T00:00:00.000Z");
    EXPECT_EQ(iso_date(253402300800000), "+010000-01-01T00:00:00.000Z");
    EXPECT_EQ(iso_date(8640000000000000), "+275760-09-13T00:00:00.000Z");
    EXPECT_EQ(iso_date(-8640000000000000), "-271821-04-20T00:00:00.000Z");
    EXPECT_EQ(iso_date(8640000000000001), std::nullopt);
}

TEST(Msgpack, RefusesWhatIsMalformed) {
    for (const std::string_view hex : {
             "",    // nothing
             "c1",  // never used
             "cc",  // numbers cut short
             "cd01",
             "cb3ff80000",  //
             "a3ab61",      // texts cut short
             "d905616263",
             "db",
             "dbffffffff61",
             "c40261",
             "c6ffffffff",  // bytes cut short
             "91",
             "dcffff00",
             "ddffffffff00",  // arrays cut short
             "81a161",
             "deffff",
             "dfffffffff",  // maps cut short
             "a1ff",
             "a3eda080",  // not UTF-8; half a surrogate pair
             "81a1ffc0",  // a name that is not UTF-8
             "810102",
             "81c0c0",
             "8180c0",              // names that are no strings
             "82a16101a16102",      // a name twice
             "82a161d40000a16102",  // the same, once undefined
             "d40100",
             "d4",
             "d500",
             "d5000000",
             "d6ff00000000",
             "d701ffffffffffffffff",
             "d800",
             "c70101ff",  // extensions that nobody has
         }) {
        EXPECT_FALSE(read(bytes(hex))) << hex;
        EXPECT_FALSE(skip(bytes(hex))) << hex;
    }
}

TEST(Msgpack, NestsAsDeepAsJson) {
    EXPECT_TRUE(read(write(nested_arrays(kMaxJsonDepth))));
    EXPECT_FALSE(read(write(nested_arrays(kMaxJsonDepth + 1))));
    EXPECT_FALSE(skip(std::string(1'000'000, '\x91')));
}

// {type, nsp, data}
std::string packet(const Value& type, const Value& nsp, const Value& data) {
    return write(Object{{"type", type}, {"nsp", nsp}, {"data", data}});
}

TEST(MsgpackPacket, ReadsEveryKind) {
    const std::string connect = packet(0, "/", Object{{"token", "123"}});
    const auto connected = decode_msgpack_packet(connect, {});
    ASSERT_TRUE(connected);
    EXPECT_EQ(connected->type, PacketType::Connect);
    EXPECT_EQ(msgpack_payload(connected->msgpack), Value(Object{{"token", "123"}}));

    const std::string event = write(
        Object{{"type", 2}, {"data", Array{"file", Bytes{"x"}, 1}}, {"options", Object{{"compress", true}}}, {"id", 0}, {"nsp", "/admin"}});
    const auto sent = decode_msgpack_packet(event, {});
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->type, PacketType::Event);
    EXPECT_EQ(sent->nsp, "/admin");
    EXPECT_EQ(sent->event, "file");
    EXPECT_EQ(sent->ack_id, 0u);
    EXPECT_EQ(msgpack_arguments(sent->msgpack), Arguments({Bytes{"x"}, 1}));

    const std::string ack = write(Object{{"type", 3}, {"nsp", "/"}, {"id", 12}, {"data", Array{"ok"}}});
    const auto acknowledged = decode_msgpack_packet(ack, {});
    ASSERT_TRUE(acknowledged);
    EXPECT_EQ(acknowledged->ack_id, 12u);
    EXPECT_EQ(msgpack_arguments(acknowledged->msgpack), Arguments({"ok"}));

    EXPECT_EQ(decode_msgpack_packet(write(Object{{"type", 1}, {"nsp", "/"}}), {})->type, PacketType::Disconnect);
    EXPECT_EQ(decode_msgpack_packet(packet(2, "/", Array{1.5}), {})->event, "1.5");
}

TEST(MsgpackPacket, UndefinedFieldsAreMissing) {
    // {type: 0, nsp: "/", data: undefined, id: undefined}
    const std::string connect = bytes("84a47479706500a36e7370a12fa464617461d40000a26964d40000");
    const auto connected = decode_msgpack_packet(connect, {});
    ASSERT_TRUE(connected);
    EXPECT_EQ(connected->msgpack, "");
    EXPECT_FALSE(connected->ack_id);
    EXPECT_TRUE(decode_msgpack_packet(packet(1, "/", nullptr), {})) << "nil";
}

TEST(MsgpackPacket, RefusesWhatIsNone) {
    const std::vector<std::string> malformed = {
        "",
        write(Array{}),
        write(Object{}),
        write(Object{{"type", 2}, {"data", Array{"a"}}}),
        write(Object{{"nsp", "/"}, {"data", Array{"a"}}}),
        packet(5, "/", Array{"a"}),
        packet(-1, "/", Array{"a"}),
        packet("2", "/", Array{"a"}),
        packet(2.5, "/", Array{"a"}),
        packet(2, 1, Array{"a"}),
        packet(2, std::string(257, 'x'), Array{"a"}),
        packet(0, "/", "auth"),
        packet(0, "/", Array{}),
        packet(1, "/", Object{}),
        packet(2, "/", nullptr),
        packet(2, "/", Object{}),
        packet(2, "/", Array{}),
        packet(2, "/", Array{true}),
        packet(2, "/", Array{nested_arrays(1)}),
        packet(2, "/", Array{Bytes{"a"}}),
        packet(2, "/", Array{"disconnect"}),
        packet(3, "/", nullptr),
        packet(4, "/", nullptr),
        packet(4, "/", 1),
        packet(2, "/", Array{"a"}) + '\0',
        packet(2, "/", Array{"a"}).substr(0, 15),
        packet(2, "/", nested_arrays(33)),
        write(Object{{"type", 2}, {"nsp", "/"}, {"data", Array{"a"}}, {"id", -1}}),
        write(Object{{"type", 2}, {"nsp", "/"}, {"data", Array{"a"}}, {"id", "1"}}),
        write(Object{{"type", 2}, {"nsp", "/"}, {"data", Array{"a"}}, {"id", std::int64_t(kMaxAckId) + 1}}),
        write(Object{{"type", 2}, {"nsp", "/"}, {"data", Array{"a"}}, {"type", 2}}),
    };
    for (const std::string& message : malformed) {
        const auto read = decode_msgpack_packet(message, {});
        ASSERT_FALSE(read) << hex_encode(message);
        EXPECT_EQ(read.error().code, ErrorCode::Protocol);
    }
}

// Every packet, cut short anywhere, is refused.
TEST(MsgpackPacket, RefusesEveryBeginningOfAPacket) {
    const std::string whole =
        encode_msgpack_event("/admin", "file", {Bytes{"bytes"}, 1.5, -70000, Object{{"a", Array{nullptr, true}}}}, 300);
    ASSERT_TRUE(decode_msgpack_packet(whole, {}));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(decode_msgpack_packet(whole.substr(0, length), {})) << length;
    }
}

}  // namespace
}  // namespace parley::socketio

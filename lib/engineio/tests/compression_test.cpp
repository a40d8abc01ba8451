// Compressed answers to polls (RFC 9110 section 8.4) and compressed WebSocket messages (RFC 7692).
#include <zlib.h>

#include "../src/content_coding.hpp"
#include "fixture.hpp"

namespace parley::engineio::test {
namespace {

std::string inflated(std::string_view bytes, int window_bits) {
    z_stream stream{};
    inflateInit2(&stream, window_bits);
    std::string text(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    inflate(&stream, Z_SYNC_FLUSH);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

std::string gunzipped(std::string_view bytes) {
    return inflated(bytes, 15 + 16);
}

std::string_view chosen(std::string_view accepted) {
    net::Headers headers;
    headers.add("accept-encoding", accepted);
    return name_of(choose_coding(headers));
}

TEST(ContentCoding, TheClientsWeightsDecide) {
    EXPECT_EQ(name_of(choose_coding({})), "");
    EXPECT_EQ(chosen("gzip, deflate, br"), "gzip");
    EXPECT_EQ(chosen("deflate, gzip"), "deflate");
    EXPECT_EQ(chosen("gzip;q=0.5, deflate;q=0.8"), "deflate");
    EXPECT_EQ(chosen("gzip ; q=0.501 , deflate;q=0.5"), "gzip");
    EXPECT_EQ(chosen("gzip;q=0, deflate;q=0.001"), "deflate");
    EXPECT_EQ(chosen("gzip;q=0"), "");
    EXPECT_EQ(chosen("br, identity"), "");
    EXPECT_EQ(chosen("*"), "gzip");
    EXPECT_EQ(chosen("gzip;q=0, *;q=0.5"), "deflate");
    EXPECT_EQ(chosen("*;q=0"), "");
    EXPECT_EQ(chosen("GZIP"), "gzip");
    for (const char* nonsense : {"", ",,;;", "gzip;q=", "gzip;q=x", "gzip;q=0.x", "gzip;q=2"}) EXPECT_EQ(chosen(nonsense), "") << nonsense;
}

TEST(ContentCoding, SeveralFieldsAreOneList) {
    net::Headers headers;
    headers.add("Accept-Encoding", "br");
    headers.add("Accept-Encoding", "deflate");
    EXPECT_EQ(name_of(choose_coding(headers)), "deflate");
}

class Compression : public EngineTest {
protected:
    Answer poll_accepting(const std::string& sid, const std::string& accepted) {
        return Connection(port_).request("GET", polling(sid), {{"Accept-Encoding", accepted}});
    }
    const std::string long_text_ = std::string(3'000, 'x');
};

TEST_F(Compression, LongAnswersToPolls) {
    start({.http_compression = HttpCompression{}});
    const std::string sid = open_polling();
    const auto send = [&](std::size_t bytes) { with_session(sid, [=](Session& session) { session.send_text(std::string(bytes, 'x')); }); };
    send(3'000);
    Answer answer = poll_accepting(sid, "gzip, deflate");
    EXPECT_EQ(answer.headers.at("content-encoding"), "gzip");
    EXPECT_EQ(answer.headers.at("content-type"), "text/plain; charset=UTF-8");
    EXPECT_LT(answer.body.size(), 200u);
    EXPECT_EQ(gunzipped(answer.body), "4" + long_text_);
    send(3'000);
    answer = poll_accepting(sid, "deflate");
    EXPECT_EQ(answer.headers.at("content-encoding"), "deflate");
    EXPECT_EQ(inflated(answer.body, 15), "4" + long_text_);
    send(1'023);
    EXPECT_TRUE(poll_accepting(sid, "gzip").headers.contains("content-encoding"));
    send(1'022);
    EXPECT_FALSE(poll_accepting(sid, "gzip").headers.contains("content-encoding"));
    send(3'000);
    EXPECT_EQ(poll_accepting(sid, "br").body, "4" + long_text_);
}

TEST_F(Compression, APollThatWaitsIsRememberedWithWhatItAccepts) {
    start({.http_compression = HttpCompression{.threshold_bytes = 10}});
    const std::string sid = open_polling();
    Connection poller(port_);
    poller.send_request("GET", polling(sid), {{"Accept-Encoding", "gzip"}});
    EXPECT_TRUE(poller.silent());
    with_session(sid, [](Session& session) { session.send(PreparedPacket::text("0123456789")); });
    EXPECT_EQ(gunzipped(poller.read_answer().body), "40123456789");
}

TEST_F(Compression, OneMessageThatMayBeCompressedIsEnough) {
    start({.http_compression = HttpCompression{}});
    const std::string sid = open_polling();
    const auto sent = [&](std::function<void(Session&)> send) {
        with_session(sid, std::move(send));
        return poll_accepting(sid, "gzip").headers.contains("content-encoding");
    };
    EXPECT_FALSE(sent([&](Session& session) { session.send_text(long_text_, false); }));
    EXPECT_FALSE(sent([&](Session& session) { session.send_binary(long_text_, false); }));
    EXPECT_FALSE(sent([&](Session& session) { session.send(PreparedPacket::text(long_text_, false)); }));
    EXPECT_FALSE(sent([&](Session& session) { session.send_latest(1, PreparedPacket::text(long_text_, false)); }));
    EXPECT_TRUE(sent([&](Session& session) {
        session.send_text(long_text_, false);
        session.send_text("short");
    }));
}

TEST_F(Compression, NotUnlessSwitchedOn) {
    start();
    const std::string sid = open_polling();
    with_session(sid, [&](Session& session) { session.send_text(long_text_); });
    EXPECT_EQ(poll_accepting(sid, "gzip").body, "4" + long_text_);
}

class MessageCompression : public Compression {
protected:
    const Fields offer_{{"Sec-WebSocket-Extensions", "permessage-deflate"}};
    void expect_compressed(WebSocketClient& client, const std::string& sid) {
        with_session(sid, [&](Session& session) {
            session.send_text(long_text_);
            session.send(PreparedPacket::text(long_text_));
            session.send_text(long_text_, false);
            session.send(PreparedPacket::text(long_text_, false));
        });
        for (int i = 0; i < 2; ++i) {
            const std::string payload = client.read_frame().payload;
            EXPECT_LT(payload.size(), 200u);
            EXPECT_EQ(inflated(payload, -15), "4" + long_text_);
        }
        for (int i = 0; i < 2; ++i) EXPECT_EQ(client.read_text(), "4" + long_text_);
    }
};

TEST_F(MessageCompression, OverAWebSocketThatOffersIt) {
    start({.permessage_deflate = net::Deflate{}});
    WebSocketClient client(port_);
    const Answer answer = client.upgrade("/socket.io/?EIO=4&transport=websocket", offer_);
    EXPECT_TRUE(answer.headers.at("sec-websocket-extensions").starts_with("permessage-deflate"));
    expect_compressed(client, sid_in(client.read_text()));
}

TEST_F(MessageCompression, AfterAnUpgrade) {
    start({.permessage_deflate = net::Deflate{}});
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    EXPECT_EQ(client.upgrade(websocket(sid), offer_).status, 101);
    client.send_text("2probe");
    EXPECT_EQ(client.read_text(), "3probe");
    finish_upgrade(client, sid);
    expect_compressed(client, sid);
}

TEST_F(MessageCompression, NotUnlessSwitchedOn) {
    start();
    WebSocketClient client(port_);
    EXPECT_FALSE(client.upgrade("/socket.io/?EIO=4&transport=websocket", offer_).headers.contains("sec-websocket-extensions"));
}

}  // namespace
}  // namespace parley::engineio::test

// The parser alone: pieces of any size give the same request.
#include "http_parse.hpp"

#include <gtest/gtest.h>

namespace parley::net {
namespace {

struct Outcome {
    HttpParser::Status status = HttpParser::Status::NeedMore;
    HttpRequest request;
    std::string rest;
};

// Feeds `bytes` in pieces and keeps, like a connection, what was not consumed.
Outcome parse_in_pieces(HttpParser& parser, std::string_view bytes, std::size_t piece, std::size_t max_body_bytes) {
    Outcome outcome;
    while (!bytes.empty()) {
        outcome.rest.append(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        do {
            const HttpParser::Step step = parser.feed(outcome.rest);
            outcome.status = step.status;
            outcome.rest.erase(0, step.consumed);
            if (step.status == HttpParser::Status::Head) parser.set_max_body_bytes(max_body_bytes);
        } while (outcome.status == HttpParser::Status::Head);
        if (outcome.status != HttpParser::Status::NeedMore) break;
    }
    outcome.rest.append(bytes);
    if (outcome.status == HttpParser::Status::Complete) outcome.request = parser.take_request();
    return outcome;
}

TEST(HttpParser, PiecesOfAnySizeGiveTheSameRequest) {
    const std::string bytes =
        "\r\nPATCH /a?b HTTP/1.1\r\nHost: test\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n4;e=1\r\nabcd\r\nb\r\nefghijklmno\r\n0\r\nT: "
        "u\r\n\r\nGET ";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        HttpParser parser(1000);
        const Outcome outcome = parse_in_pieces(parser, bytes, piece, 100);
        ASSERT_EQ(outcome.status, HttpParser::Status::Complete) << piece;
        EXPECT_EQ(outcome.request.method, Method::Patch);
        EXPECT_EQ(outcome.request.target, "/a?b");
        EXPECT_EQ(outcome.request.headers.get("x"), "y");
        EXPECT_EQ(outcome.request.headers.size(), 3u);
        EXPECT_EQ(outcome.request.body, "abcdefghijklmno");
        EXPECT_EQ(outcome.rest, "GET ");
    }
}

TEST(HttpParser, TakesOneRequestAfterAnother) {
    HttpParser parser(1000);
    for (const std::string body : {"one", "", "three"}) {
        const std::string head = "PUT /" + body + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        const Outcome outcome = parse_in_pieces(parser, head + body, 7, 100);
        ASSERT_EQ(outcome.status, HttpParser::Status::Complete);
        EXPECT_EQ(outcome.request.target, "/" + body);
        EXPECT_EQ(outcome.request.body, body);
        EXPECT_EQ(parser.head(), nullptr);
    }
}

TEST(HttpParser, BodyLimitIsExact) {
    const std::string announced = "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nabcde";
    const std::string chunked = "PUT / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n";
    for (const std::string& bytes : {announced, chunked}) {
        for (const std::size_t piece : {1u, 1000u}) {
            HttpParser fits(1000);
            EXPECT_EQ(parse_in_pieces(fits, bytes, piece, 5).request.body, "abcde");
            HttpParser over(1000);
            EXPECT_EQ(parse_in_pieces(over, bytes, piece, 4).status, HttpParser::Status::Rejected);
            EXPECT_EQ(over.rejection().status, 413u);
            EXPECT_NE(over.head(), nullptr);
        }
    }
}

TEST(HttpParser, KeepAliveIsWhatTheClientAsksFor) {
    const auto keep_alive = [](const std::string& bytes) {
        HttpParser parser(1000);
        return parse_in_pieces(parser, bytes, 1000, 0).request.keep_alive;
    };
    EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nHost: t\r\n\r\n"));
    EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: t\r\nConnection: x, close\r\n\r\n"));
    EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keep_alive("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(HttpParser, AbsoluteTargetBecomesOriginFormAndItsHostWins) {
    const std::pair<const char*, const char*> cases[] = {
        {"http://h:8080/p?q", "/p?q"}, {"HTTP://h:8080", "/"}, {"https://h:8080?q", "/?q"}, {"http://h:8080/http://x/", "/http://x/"}};
    for (const auto& [target, expected] : cases) {
        HttpParser parser(1000);
        const Outcome outcome = parse_in_pieces(parser, "GET " + std::string(target) + " HTTP/1.1\r\nHost: other\r\n\r\n", 1000, 0);
        EXPECT_EQ(outcome.request.target, expected);
        EXPECT_EQ(outcome.request.headers.get("Host"), "h:8080");
    }
}

TEST(HttpParser, RejectionIsFinal) {
    HttpParser parser(1000);
    EXPECT_EQ(parser.feed("broken\n").status, HttpParser::Status::Rejected);
    EXPECT_EQ(parser.feed("GET / HTTP/1.1\r\nHost: t\r\n\r\n").status, HttpParser::Status::Rejected);
}

}  // namespace
}  // namespace parley::net

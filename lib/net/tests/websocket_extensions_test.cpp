#include "websocket_extensions.hpp"

#include <gtest/gtest.h>

namespace parley::net {
namespace {

const std::string kAnswer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer(std::string_view field, Deflate options = {}) {
    const auto agreed = agree_on_deflate(field, options);
    return agreed ? agreed->answer : "declined";
}

TEST(WebSocketExtensions, WhatBrowsersOfferIsAccepted) {
    EXPECT_EQ(answer("permessage-deflate; client_max_window_bits"), kAnswer);
    EXPECT_EQ(agree_on_deflate("permessage-deflate; client_max_window_bits", {})->window_bits, 15);
}

TEST(WebSocketExtensions, EveryParameterOfTheRfcIsUnderstood) {
    EXPECT_EQ(answer("permessage-deflate"), kAnswer);
    EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=8; client_no_context_takeover"), kAnswer);
    EXPECT_EQ(answer("permessage-deflate;server_no_context_takeover\t; server_max_window_bits=\"1\\0\""),
              kAnswer + "; server_max_window_bits=10");
}

TEST(WebSocketExtensions, TheSmallerWindowIsUsed) {
    Deflate options;
    options.max_window_bits = 12;
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=13", options), kAnswer + "; server_max_window_bits=12");
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=11", options), kAnswer + "; server_max_window_bits=11");
    EXPECT_EQ(agree_on_deflate("permessage-deflate", options)->window_bits, 12);
    EXPECT_EQ(agree_on_deflate("permessage-deflate; server_max_window_bits=15", {})->window_bits, 15);
}

TEST(WebSocketExtensions, WhatSection71ForbidsIsDeclined) {
    for (const char* offer : {
             "permessage-deflate; unknown",
             "permessage-deflate; client_no_context_takeover=1",
             "permessage-deflate; server_no_context_takeover=true",
             "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
             "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
             "permessage-deflate; server_max_window_bits",
             "permessage-deflate; server_max_window_bits=7",
             "permessage-deflate; server_max_window_bits=16",
             "permessage-deflate; server_max_window_bits=010",
             "permessage-deflate; server_max_window_bits=1a",
             "permessage-deflate; client_max_window_bits=20",
             "x-webkit-deflate-frame",
             "",
         }) {
        EXPECT_EQ(answer(offer), "declined") << offer;
    }
}

TEST(WebSocketExtensions, AnOfferThatCannotBeSatisfiedFallsThroughToTheNext) {
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=8"), "declined");  // zlib cannot
    EXPECT_EQ(
        answer(
            "foo; bar=baz, permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9, permessage-deflate"),
        kAnswer + "; server_max_window_bits=9");
}

TEST(WebSocketExtensions, MalformedFieldsAreRecognised) {
    for (const char* field : {"a b", "a;", "a; =1", "a; b=", "a; b=\"\"", "a; b=\"c", "a; b=\"c d\"", "a; b=\"c\\", "\"a\"", "a=b"}) {
        EXPECT_FALSE(parse_extensions(field)) << field;
    }
    for (const char* field : {"", " ", ",,a ,\t, b", "a; b; c=d; e=\"f\""}) EXPECT_TRUE(parse_extensions(field)) << field;
}

TEST(WebSocketExtensions, SeveralFieldsAreOneList) {
    RequestHead head;
    head.headers.add("Sec-WebSocket-Extensions", "foo");
    head.headers.add("Other", "x");
    head.headers.add("sec-websocket-extensions", "permessage-deflate");
    EXPECT_EQ(websocket_extensions(head), "foo, permessage-deflate");
    EXPECT_EQ(websocket_extensions({}), "");
}

}  // namespace
}  // namespace parley::net

#include "site/content_coding.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace parley::site {
namespace {

std::string ranked(const std::vector<std::string>& fields) {
    net::Headers headers;
    headers.add("Accept", "gzip");
    for (const auto& field : fields) headers.add("accept-encoding", field);
    std::string result;
    for (const Coding coding : AcceptedCodings::of(headers)) result += (result.empty() ? "" : " ") + std::string(coding_name(coding));
    return result;
}

struct Row {
    const char* field;
    const char* ranked;
};

// RFC 9110 section 12.5.3.
TEST(ContentCoding, WhatAClientTakesAndInWhichOrder) {
    constexpr Row kRows[] = {
        {"gzip, deflate, br, zstd", "br gzip identity"},
        {"gzip, deflate", "gzip identity"},
        {"br", "br identity"},
        {"zstd", "identity"},
        {"", "identity"},
        {"identity", "identity"},
        {"*", "br gzip identity"},
        {"gzip;q=1.0, br;q=0.5", "gzip br identity"},
        {"gzip;q=0.5, br;q=0.5", "br gzip identity"},
        {"gzip;q=0.001, br;q=0.002", "br gzip identity"},
        {"identity, gzip;q=0.5", "identity gzip"},
        {"identity;q=0.5, gzip;q=0.4, br", "br identity gzip"},
        {"br;q=0, gzip", "gzip identity"},
        {"br;q=0.000, gzip", "gzip identity"},
        {"*;q=0, gzip", "gzip"},
        {"*;q=0, identity;q=0.1", "identity"},
        {"identity;q=0", ""},
        {"*;q=0", ""},
        {"identity;q=0, gzip", "gzip"},
        {"identity;q=0, *", "br gzip"},
        {"gzip, *;q=0.1", "gzip br identity"},
        {"br, *;q=0", "br"},
        {"GZip ; Q=0.8 ,\tBR\t;\tq=1.000", "br gzip identity"},
        {"x-gzip", "gzip identity"},
        {",, ,gzip,,", "gzip identity"},
        {"gzip, gzip;q=0", "gzip identity"},
    };
    for (const Row& row : kRows) EXPECT_EQ(ranked({row.field}), row.ranked) << row.field;
}

TEST(ContentCoding, WhatCannotBeUnderstoodIsPassedOver) {
    for (const char* field : {"br;q=2", "br;q=1.001", "br;q=0.1234", "br;q=", "br;q=x", "br;q=.5", "br;q=0,5", "br;q=-1", "br;q =1",
                              "br;level=1", "br gzip", "bro", "b", ";q=1", "q=1"}) {
        EXPECT_EQ(ranked({field}), "identity") << field;
    }
    EXPECT_EQ(ranked({"br;q=1."}), "br identity");
    EXPECT_EQ(ranked({"br;q=x, br;q=0.5"}), "br identity");
}

TEST(ContentCoding, SeveralFieldsAreOneList) {
    EXPECT_EQ(ranked({"gzip", "br;q=0.1"}), "gzip br identity");
}

TEST(ContentCoding, NoFieldIsAPlainClient) {
    EXPECT_EQ(ranked({}), "identity");
}

TEST(ContentCoding, TextIsWorthACodingAndPicturesAreNot) {
    for (const char* type : {"text/html; charset=utf-8", "text/javascript; charset=utf-8", "application/json; charset=utf-8",
                             "image/svg+xml", "application/wasm", "application/manifest+json"}) {
        EXPECT_TRUE(is_compressible(type)) << type;
    }
    for (const char* type : {"", "image/png", "font/woff2", "video/mp4", "application/zip", "application/octet-stream"})
        EXPECT_FALSE(is_compressible(type)) << type;
}

}  // namespace
}  // namespace parley::site

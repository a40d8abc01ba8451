#include "site/conditions.hpp"

#include <gtest/gtest.h>

namespace parley::site {
namespace {

constexpr std::int64_t kModified = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
const Validators kValidators{"\"abc\"", kModified};

bool not_modified(std::vector<std::pair<std::string, std::string>> fields) {
    net::Headers headers;
    for (const auto& [name, value] : fields) headers.add(name, value);
    return is_not_modified(headers, kValidators);
}

TEST(IfNoneMatch, ComparesWeaklyAgainstEachEntry) {
    EXPECT_TRUE(not_modified({{"If-None-Match", "\"abc\""}}));
    EXPECT_TRUE(not_modified({{"If-None-Match", "W/\"abc\""}}));
    EXPECT_TRUE(not_modified({{"If-None-Match", "\"x\", \"abc\" , \"y\""}}));
    EXPECT_TRUE(not_modified({{"If-None-Match", " * "}}));
    EXPECT_FALSE(not_modified({{"If-None-Match", "\"abcd\""}}));
    EXPECT_FALSE(not_modified({{"If-None-Match", "abc"}}));
    EXPECT_FALSE(not_modified({{"If-None-Match", ""}}));
    EXPECT_FALSE(not_modified({}));
}

TEST(IfModifiedSince, ComparesTheDate) {
    EXPECT_TRUE(not_modified({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
    EXPECT_TRUE(not_modified({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:38 GMT"}}));
    EXPECT_FALSE(not_modified({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}));
    EXPECT_FALSE(not_modified({{"If-Modified-Since", "yesterday"}}));
}

TEST(IfModifiedSince, IsIgnoredBesideIfNoneMatch) {
    EXPECT_FALSE(not_modified({{"If-None-Match", "\"x\""}, {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:38 GMT"}}));
}

RangeRequest range(std::string_view text, std::uint64_t size = 100, std::string_view if_range = "") {
    net::Headers headers;
    headers.add("Range", text);
    if (!if_range.empty()) headers.add("If-Range", if_range);
    return requested_range(headers, size, kValidators);
}

void expect_part(std::string_view text, std::uint64_t first, std::uint64_t count, std::uint64_t size = 100) {
    const RangeRequest request = range(text, size);
    EXPECT_EQ(request.kind, RangeRequest::Kind::Part) << text;
    EXPECT_EQ(request.range, (ByteRange{first, count})) << text;
}

TEST(Range, FromTo) {
    expect_part("bytes=0-14", 0, 15);
    expect_part("bytes=99-99", 99, 1);
    expect_part("bytes=90-200", 90, 10);
    expect_part("Bytes= 0-0 ", 0, 1);
    expect_part("bytes=0-99999999999999999999999", 0, 100);
}

TEST(Range, OpenEndAndSuffix) {
    expect_part("bytes=90-", 90, 10);
    expect_part("bytes=-10", 90, 10);
    expect_part("bytes=-200", 0, 100);
}

TEST(Range, BeyondTheEndCannotBeSatisfied) {
    for (const char* text : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"}) {
        EXPECT_EQ(range(text).kind, RangeRequest::Kind::Unsatisfiable) << text;
    }
    EXPECT_EQ(range("bytes=0-", 0).kind, RangeRequest::Kind::Unsatisfiable);
    EXPECT_EQ(range("bytes=-5", 0).kind, RangeRequest::Kind::Unsatisfiable);
}

TEST(Range, WhatCannotBeUnderstoodIsIgnored) {
    for (const char* text : {"", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=a-b", "bytes=1-2,4-5", "lines=0-1", "bytes=+1-2",
                             "bytes=0x1-2", "bytes=--5"}) {
        EXPECT_EQ(range(text).kind, RangeRequest::Kind::Whole) << text;
    }
}

TEST(IfRange, AStrongTagOrTheVeryDateKeepsTheRange) {
    EXPECT_EQ(range("bytes=0-1", 100, "\"abc\"").kind, RangeRequest::Kind::Part);
    EXPECT_EQ(range("bytes=0-1", 100, "Sun, 06 Nov 1994 08:49:37 GMT").kind, RangeRequest::Kind::Part);
    for (const char* other : {"W/\"abc\"", "\"x\"", "Sun, 06 Nov 1994 08:49:38 GMT", "nonsense"}) {
        EXPECT_EQ(range("bytes=0-1", 100, other).kind, RangeRequest::Kind::Whole) << other;
    }
}

}  // namespace
}  // namespace parley::site

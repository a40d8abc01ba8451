#include "site/bundle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bundle_bytes.hpp"
#include "site/embedded_client.hpp"

namespace parley::site {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kHead = 16;
constexpr std::size_t kEntry = 56;

std::string sample() {
    return pack(
        {{"a.js", {"aaaaaaaa", "gz", "b"}}, {"empty.txt", {"", std::nullopt, std::nullopt}}, {"index.html", {"<p>", "g", std::nullopt}}});
}

std::string refusal(const std::string& bytes) {
    const auto bundle = Bundle::open(bytes);
    if (bundle) return "";
    EXPECT_EQ(bundle.error().code, ErrorCode::InvalidArgument);
    return bundle.error().message;
}

std::string changed(std::size_t at, std::uint64_t value) {
    std::string bytes = sample();
    put_number(bytes, at, value);
    return bytes;
}

TEST(Bundle, FilesByNameInTheirCodings) {
    const std::string bytes = sample();
    const auto bundle = Bundle::open(bytes);
    ASSERT_TRUE(bundle) << bundle.error().message;
    EXPECT_EQ(bundle->size(), 3U);
    const auto file = bundle->find("a.js");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->variant[0]->bytes, "aaaaaaaa");
    EXPECT_EQ(file->variant[1]->bytes, "gz");
    EXPECT_EQ(file->variant[2]->bytes, "b");
    EXPECT_NE(file->variant[0]->hash, file->variant[1]->hash);
    EXPECT_EQ(bundle->find("empty.txt")->variant[0]->bytes, "");
    EXPECT_FALSE(bundle->find("index.html")->variant[2]);
    EXPECT_EQ((*bundle)[2].name, "index.html");
    for (const char* absent : {"", "a", "a.jsx", "b", "zzz", "A.js"}) EXPECT_FALSE(bundle->find(absent)) << absent;
}

TEST(Bundle, NothingIsCopied) {
    const std::string bytes = sample();
    const auto file = Bundle::open(bytes)->find("a.js");
    EXPECT_GE(file->variant[0]->bytes.data(), bytes.data());
    EXPECT_LT(file->variant[0]->bytes.data(), bytes.data() + bytes.size());
}

TEST(Bundle, AnEmptyOneHasNoFiles) {
    const std::string bytes = pack({});
    EXPECT_FALSE(Bundle::open(bytes)->find("index.html"));
}

TEST(Bundle, OtherBytesAreRefused) {
    EXPECT_THAT(refusal(""), HasSubstr("does not begin like one"));
    EXPECT_THAT(refusal("<!doctype html>"), HasSubstr("does not begin like one"));
    EXPECT_THAT(refusal("PARLEYW2" + sample().substr(8)), HasSubstr("does not begin like one"));
}

TEST(Bundle, CutAnywhereItIsRefused) {
    const std::string whole = sample();
    ASSERT_EQ(refusal(whole), "");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::string cut = whole.substr(0, size);
        EXPECT_NE(refusal(cut), "") << size;
        // Also where it says that this is its size.
        if (size < kHead) continue;
        put_number(cut, 8, size);
        EXPECT_NE(refusal(cut), "") << size;
    }
    EXPECT_NE(refusal(whole + "x"), "");
}

TEST(Bundle, InconsistentEntriesAreRefused) {
    EXPECT_THAT(refusal(changed(12, 0xffffffff)), HasSubstr("no room"));
    EXPECT_THAT(refusal(changed(12, 5)), HasSubstr("no room"));
    EXPECT_THAT(refusal(changed(kHead, 0xffffffff)), HasSubstr("no name for entry 0"));
    EXPECT_THAT(refusal(changed(kHead, 3)), HasSubstr("no name for entry 0"));
    EXPECT_THAT(refusal(changed(kHead + 4, 0xffffffff)), HasSubstr("no name for entry 0"));
    EXPECT_THAT(refusal(changed(kHead + kEntry + 4, 0)), HasSubstr("entry 1 out of order"));
    EXPECT_THAT(refusal(changed(kHead + 8, 0)), HasSubstr("contents of entry 0"));
    EXPECT_THAT(refusal(changed(kHead + 12, 0x7fffffff)), HasSubstr("contents of entry 0"));
    EXPECT_THAT(refusal(changed(kHead + 8 + 16, 0xfffffff0)), HasSubstr("contents of entry 0"));
}

TEST(EmbeddedClient, ThatWasLeftOutSaysWhy) {
    const auto client = open_client("none: Node.js was not there\n");
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::NotFound);
    EXPECT_EQ(client.error().message, "Node.js was not there");
    EXPECT_TRUE(open_client(sample()));
    EXPECT_EQ(open_client("").error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace parley::site

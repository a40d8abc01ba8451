#include "parley/base/encoding.hpp"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(Base64, Rfc4648Vectors) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(base64_encode(bytes), text);
        EXPECT_EQ(base64_decode(text), bytes);
    }
}

TEST(Base64, PaddingIsOptionalButNothingElseIs) {
    EXPECT_EQ(base64_decode("Zg"), "f");
    EXPECT_EQ(base64_decode("Zm8"), "fo");
    for (const char* wrong : {"Z", "Zg=", "Zg===", "Z===", "====", "Zm9v====", "Zm 9v", "Zm9v\n", "Zh", "Zm9", "Zg==Zg=="}) {
        EXPECT_EQ(base64_decode(wrong), std::nullopt) << wrong;
    }
}

TEST(Base64, FoldedLinesAreReadOnlyWhereAsked) {
    for (const char* text : {"Zm9vYg==", "Zm9v\nYg==\n", "Zm\r\n9vY\r\ng=\r\n=", "\nZm9vYg"})
        EXPECT_EQ(base64_decode_folded(text), "foob") << text;
    for (const char* wrong : {"Zm9v Yg==", "Z\n", "Zm9vYg=\n"}) EXPECT_EQ(base64_decode_folded(wrong), std::nullopt) << wrong;
    EXPECT_EQ(base64_decode_folded("\r\n"), "");
}

TEST(Base64, BytesOfAnyLengthComeBack) {
    for (std::size_t size = 0; size < 70; ++size) {
        std::string bytes(size, '\0');
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(255 - i * 37);
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
        EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
        EXPECT_EQ(base64_encode(bytes).size(), (size + 2) / 3 * 4);
    }
}

TEST(Base64Url, UsesItsOwnAlphabetWithoutPadding) {
    const std::string bytes = "\xfb\xff\xfe";
    EXPECT_EQ(base64url_encode(bytes), "-__-");
    EXPECT_EQ(base64url_decode("-__-"), bytes);
    EXPECT_EQ(base64url_decode("+//+"), std::nullopt);
    EXPECT_EQ(base64url_decode("Zg=="), std::nullopt);
}

TEST(Hex, RoundTripAndBothCases) {
    EXPECT_EQ(hex_encode(std::string("\x00\xab\xff", 3)), "00abff");
    EXPECT_EQ(hex_decode("00ABff"), std::string("\x00\xab\xff", 3));
    EXPECT_EQ(hex_decode("0"), std::nullopt);
    EXPECT_EQ(hex_decode("0g"), std::nullopt);
}

}  // namespace
}  // namespace parley

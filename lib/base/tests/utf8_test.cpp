#include "parley/base/utf8.hpp"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(Utf8, RefusesWhatRfc3629Refuses) {
    EXPECT_TRUE(is_valid_utf8(""));
    EXPECT_TRUE(is_valid_utf8(std::string_view("a\0\u00e9\u20ac\U0001F600", 11)));
    for (const char* wrong : {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xe2\x82", "\xff"}) {
        EXPECT_FALSE(is_valid_utf8(wrong));
    }
}

TEST(Utf8, AWrongByteIsFoundWhereverItStands) {
    for (std::size_t size = 1; size < 300; size += size < 40 ? 1 : 37) {
        EXPECT_TRUE(is_valid_utf8(std::string(size, '\x7f')));
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            text[at] = '\xff';
            EXPECT_FALSE(is_valid_utf8(text));
            text.replace(at, 1, "\u20ac");
            EXPECT_TRUE(is_valid_utf8(text));
        }
    }
}

TEST(Utf8, CountsCodePointsAndUtf16Units) {
    EXPECT_EQ(count_code_points("a\u00e9\U0001F600"), 3u);
    EXPECT_EQ(count_utf16_units("a\u00e9\U0001F600"), 4u);
}

}  // namespace
}  // namespace parley

#include "chat/username.hpp"

#include <gtest/gtest.h>

namespace parley::chat {
namespace {

using namespace std::string_literals;

std::string repeat(std::size_t times, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) result += text;
    return result;
}

struct Keyed {
    std::string name;
    std::string key;
};

TEST(UsernameKey, FoldsLetterCaseComposesAndTrims) {
    const Keyed table[] = {
        {"alice", "alice"},
        {"ALICE", "alice"},
        {"  Alice\t\n", "alice"},
        {"two  Words", "two  words"},
        {"Жанна", "жанна"},
        {"王小明", "王小明"},
        {"סבתא", "סבתא"},
        {"😀🎉", "😀🎉"},
        {"Straße", "strasse"},
        {"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
        {"σίσυφος", "σίσυφοσ"},
        {"jose\u0301", "jos\u00E9"},
        {"JOS\u00C9", "jos\u00E9"},
        {"\uFB01n", "fin"},                      // folding opens the ligature
        {"\uFF21", "\uFF41"},                    // but NFC is not NFKC: full-width letters stay what they are
        {"\u212A", "k"},                         // the Kelvin sign
        {"\u03B1\u0345\u0301", "\u03AC\u03B9"},  // marks in either order
        {"\u03B1\u0301\u0345", "\u03AC\u03B9"},
        {"a\0B"s, "a\0b"s},
        {"", ""},
    };
    for (const auto& [name, key] : table) EXPECT_EQ(username_key(name), key) << name;
}

TEST(UsernameKey, TrimsWhatJavaScriptTrims) {
    for (const auto* space :
         {"\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
          "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"}) {
        const std::string padding = space;
        EXPECT_EQ(username_key(padding + padding + "a" + padding), "a");
        EXPECT_EQ(username_key(padding), "");
    }
    for (const auto* other : {"\u0085", "\u180E", "\u200B", "\u200D", "\u2060"}) {
        EXPECT_NE(username_key(std::string(other) + "a"), "a") << "JavaScript keeps it";
    }
}

TEST(UsernameKey, OfAKeyIsThatKey) {
    for (const auto* name : {"Alice", "Straße", "\u03B1\u0345\u0301", "\u0130stanbul", "\uFB03", "\u1E9E", "\u0149", "e\u0301\u0323"}) {
        const auto key = username_key(name);
        EXPECT_EQ(username_key(key), key) << name;
    }
}

TEST(SearchKey, KeepsWhiteSpace) {
    EXPECT_EQ(search_key(" Жанна  "), " жанна  ");
}

TEST(NewUsername, MayBeOfAnyScriptAndIsAnsweredByItsKey) {
    const Keyed table[] = {
        {"alice", "alice"},           {" Alice ", "alice"},     {"жанна", "жанна"},  {"👩‍👩‍👧", "👩‍👩‍👧"},
        {"a&b#c?d%e+", "a&b#c?d%e+"}, {"<b>x</b>", "<b>x</b>"}, {"q\"'\\", "q\"'\\"}};
    for (const auto& [name, key] : table) {
        const auto checked = check_new_username(name);
        ASSERT_TRUE(checked.has_value()) << name;
        EXPECT_EQ(*checked, key);
    }
}

TEST(NewUsername, HasAtMost64CodePoints) {
    EXPECT_TRUE(check_new_username(repeat(64, "u")).has_value());
    EXPECT_TRUE(check_new_username(repeat(64, "😀")).has_value());
    EXPECT_FALSE(check_new_username(repeat(65, "u")).has_value());
    EXPECT_FALSE(check_new_username(repeat(65, "é")).has_value());
    EXPECT_EQ(check_new_username(repeat(300, "u")).error().message, "Username must be at most 64 characters");
}

void expect_refused(const std::string& name, const std::string& text) {
    const auto checked = check_new_username(name);
    ASSERT_FALSE(checked.has_value()) << name;
    EXPECT_EQ(checked.error(), (Error{ErrorCode::InvalidArgument, text}));
}

TEST(NewUsername, IsNotEmpty) {
    for (const auto* name : {"", " ", "\u00A0\u3000", "\uFEFF"}) expect_refused(name, "Username cannot be empty");
}

TEST(NewUsername, HasNoControlCharacters) {
    for (const auto& name : {"a\nb"s, "a\0"s, "\ta"s, "a\x1F"s, "a\x7F"s, "a\u0080"s, "a\u0085"s, "a\u009F"s}) {
        expect_refused(name, "Username cannot contain control characters");
    }
}

TEST(NewUsername, HasNoCharactersThatTurnTextAround) {
    for (const auto* c :
         {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069", "\u200E", "\u200F", "\u061C"}) {
        expect_refused("a"s + c + "b", "Username cannot contain text direction characters");
    }
}

}  // namespace
}  // namespace parley::chat

#include "site/avatars.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace parley::site {
namespace {

using ::testing::HasSubstr;

const chat::UserId kUser = chat::UserId::parse("0123456789abcdef01234567").value();

net::HttpResponse ask(std::string target, std::string if_none_match = "", net::Method method = net::Method::Get) {
    net::RequestHead head;
    head.method = method;
    head.target = std::move(target);
    if (!if_none_match.empty()) head.headers.add("If-None-Match", if_none_match);
    return respond_avatar(head);
}

TEST(Avatars, ThePathOfAUserNamesThatUser) {
    EXPECT_EQ(avatar_path(kUser), "/api/avatars/0123456789abcdef01234567.svg");
    EXPECT_EQ(avatar_user(avatar_path(kUser)), kUser);
    EXPECT_EQ(avatar_user("/API/Avatars/0123456789ABCDEF01234567.SVG"), kUser);
}

TEST(Avatars, OtherPathsNameNobody) {
    for (const char* path : {"", "/api/avatars/", "/api/avatars/0123456789abcdef0123456.svg", "/api/avatars/0123456789abcdef012345678.svg",
                             "/api/avatars/0123456789abcdef0123456g.svg", "/api/avatars/0123456789abcdef01234567.png",
                             "/api/avatars/0123456789abcdef01234567", "/api/avatarsx0123456789abcdef01234567.svg"}) {
        EXPECT_EQ(avatar_user(path), std::nullopt) << path;
    }
}

TEST(Avatars, AreTheSameForEverAndMayBeKept) {
    const auto response = ask(avatar_path(kUser));
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.headers.get("Content-Type"), "image/svg+xml");
    EXPECT_EQ(response.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(std::get<std::string>(response.body), avatar_svg(kUser));
    EXPECT_EQ(ask(avatar_path(kUser), std::string(response.headers.get("ETag"))).status, 304U);
    EXPECT_EQ(ask(avatar_path(kUser), "\"other\"").status, 200U);
}

TEST(Avatars, AnythingElseIsAJsonError) {
    for (const auto& response : {ask("/api/avatars/nobody.svg"), ask(avatar_path(kUser), "", net::Method::Post)}) {
        EXPECT_EQ(response.status, 404U);
        EXPECT_THAT(std::get<std::string>(response.body), HasSubstr("\"error\":"));
    }
}

TEST(Avatars, AreSmallWholeAndDifferent) {
    std::set<std::string> seen;
    chat::UserId user = kUser;
    for (int i = 0; i < 200; ++i) {
        user.bytes[11] = static_cast<std::uint8_t>(i);
        const std::string svg = avatar_svg(user);
        EXPECT_LT(svg.size(), 2048U);
        EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        seen.insert(svg);
    }
    EXPECT_EQ(seen.size(), 200U);
}

TEST(Avatars, AreAsTheyWereInTheFirstVersion) {
    const std::string svg = avatar_svg(kUser);
    EXPECT_THAT(svg, HasSubstr("hsl(245,65%,55%)"));
    EXPECT_THAT(svg, HasSubstr("<ellipse cy=\"-22\" rx=\"9\" ry=\"18\" transform=\"rotate(68)\"/>"));
    EXPECT_THAT(svg, HasSubstr("<circle cy=\"-31\" r=\"3\" transform=\"rotate(38)\"/>"));
    EXPECT_TRUE(svg.ends_with("<circle r=\"7\" fill=\"hsl(56,80%,86%)\"/></svg>"));
}

TEST(OriginalAvatars, EscapeTheName) {
    EXPECT_EQ(original_avatar_url("bob", chat::Gender::Male), "https://avatar.iran.liara.run/public/boy?username=bob");
    EXPECT_EQ(original_avatar_url("a&b#c d", chat::Gender::Female), "https://avatar.iran.liara.run/public/girl?username=a%26b%23c%20d");
}

}  // namespace
}  // namespace parley::site

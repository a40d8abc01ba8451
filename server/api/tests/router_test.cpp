#include "api/router.hpp"

#include <gtest/gtest.h>

#include "dialect/v1.hpp"

namespace parley::api {
namespace {

using dialect::Action;
using net::Method;

const dialect::V1 v1;
const Router router(v1.routes());

std::optional<Action> action(Method method, std::string_view path) {
    const auto match = router.find(method, path);
    return match ? std::optional(match->route->action) : std::nullopt;
}

TEST(Router, CaseAndOneTrailingSlashDoNotMatter) {
    EXPECT_EQ(action(Method::Get, "/api/users"), Action::ListUsers);
    EXPECT_EQ(action(Method::Get, "/API/Users/"), Action::ListUsers);
    EXPECT_EQ(action(Method::Post, "/Api/Auth/LOGIN/"), Action::LogIn);
    EXPECT_EQ(action(Method::Get, "/api/users//"), std::nullopt);
    EXPECT_EQ(action(Method::Get, "//api/users"), std::nullopt);
    EXPECT_EQ(action(Method::Get, "/api/users/x/y"), std::nullopt);
    EXPECT_EQ(action(Method::Get, "/api"), std::nullopt);
    EXPECT_EQ(action(Method::Get, ""), std::nullopt);
}

TEST(Router, TheMethodCounts) {
    EXPECT_EQ(action(Method::Head, "/api/users"), Action::ListUsers);
    EXPECT_EQ(action(Method::Post, "/api/users"), std::nullopt);
    EXPECT_EQ(action(Method::Get, "/api/auth/login"), std::nullopt);
    EXPECT_EQ(action(Method::Delete, "/api/users"), std::nullopt);
}

TEST(Router, AnIdMayStandBetweenWords) {
    EXPECT_EQ(action(Method::Put, "/api/conversations/x/read"), Action::MarkRead);
    EXPECT_EQ(router.find(Method::Put, "/api/Conversations/Xy/READ/")->id, "Xy");
    EXPECT_EQ(action(Method::Put, "/api/conversations/x"), std::nullopt);
    EXPECT_EQ(action(Method::Put, "/api/conversations/x/read/y"), std::nullopt);
    EXPECT_EQ(action(Method::Get, "/api/conversations"), Action::ListConversations);
    EXPECT_EQ(action(Method::Get, "/api/users/x"), Action::GetUser);
    EXPECT_EQ(router.allowed("/api/conversations/x/read"), "PUT");
}

TEST(Router, TheIdIsDecoded) {
    EXPECT_EQ(router.find(Method::Get, "/api/messages/a%30b")->id, "a0b");
    EXPECT_EQ(router.find(Method::Post, "/api/messages/SEND/Xy/")->id, "Xy");
    EXPECT_EQ(router.find(Method::Get, "/api/messages/send")->id, "send");
    EXPECT_EQ(router.find(Method::Get, "/api/messages/%zz")->id, std::nullopt);
    EXPECT_FALSE(router.find(Method::Get, "/api/messages/"));
    EXPECT_FALSE(router.find(Method::Get, "/api/messages//"));
}

TEST(Router, AllowedMethodsAreNamed) {
    EXPECT_EQ(router.allowed("/api/users"), "GET, HEAD");
    EXPECT_EQ(router.allowed("/api/auth/login"), "POST");
    EXPECT_EQ(router.allowed("/api/nothing"), "");
}

TEST(Router, BelowMeansAtASlash) {
    EXPECT_TRUE(is_at_or_below("/api", "/api"));
    EXPECT_TRUE(is_at_or_below("/Api/x", "/api"));
    EXPECT_FALSE(is_at_or_below("/apis", "/api"));
    EXPECT_FALSE(is_at_or_below("/ap", "/api"));
}

}  // namespace
}  // namespace parley::api

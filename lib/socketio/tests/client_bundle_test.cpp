#include "client_bundle.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace parley::socketio {
namespace {

constexpr std::string_view kBanner = "/*!\n * Socket.IO v4.8.1\n * (c) somebody\n */\n";

class ClientBundleTest : public testing::Test {
protected:
    ClientBundleTest() { std::filesystem::create_directories(folder_); }
    ~ClientBundleTest() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, std::string_view text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }

    static std::optional<net::HttpResponse> get(const ClientBundle& bundle, std::string target, net::Method method = net::Method::Get,
                                                std::string_view if_none_match = {}) {
        net::RequestHead head;
        head.method = method;
        head.target = std::move(target);
        if (!if_none_match.empty()) head.headers.add("If-None-Match", if_none_match);
        return bundle.serve(head);
    }

    static std::string body(const net::HttpResponse& response) { return *std::get<SharedBytes>(response.body); }

    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("client_bundle_test_" + std::to_string(::getpid()));
};

TEST_F(ClientBundleTest, ServesSourcesAndMaps) {
    write("socket.io.js", std::string(kBanner) + "plain");
    write("socket.io.min.js", std::string(kBanner) + "min");
    write("socket.io.min.js.map", "{}");
    write("socket.io.msgpack.min.js", "msgpack");
    for (const std::string_view path : {"/socket.io", "/socket.io/"}) {
        const auto bundle = ClientBundle::load(folder_, path);
        ASSERT_TRUE(bundle);
        const auto plain = get(*bundle, "/socket.io/socket.io.js");
        ASSERT_TRUE(plain);
        EXPECT_EQ(plain->status, 200u);
        EXPECT_EQ(plain->headers.get("Content-Type"), "application/javascript; charset=utf-8");
        EXPECT_EQ(plain->headers.get("ETag"), "\"4.8.1\"");
        EXPECT_EQ(plain->headers.get("Cache-Control"), "public, max-age=0");
        EXPECT_EQ(body(*plain), std::string(kBanner) + "plain");
        const auto map = get(*bundle, "/socket.io/socket.io.min.js.map?x=1");
        ASSERT_TRUE(map);
        EXPECT_EQ(map->headers.get("Content-Type"), "application/json; charset=utf-8");
        EXPECT_TRUE(get(*bundle, "/socket.io/socket.io.msgpack.min.js"));
        EXPECT_TRUE(get(*bundle, "/socket.io/socket.io.js", net::Method::Head));
    }
}

TEST_F(ClientBundleTest, LeavesOtherRequestsToOthers) {
    write("socket.io.js", kBanner);
    write("secret.js", "secret");
    const auto bundle = ClientBundle::load(folder_, "/socket.io/");
    ASSERT_TRUE(bundle);
    for (const std::string target :
         {"/socket.io/", "/socket.io/?EIO=4", "/socket.io.js", "/socket.io/socket.io.min.js", "/socket.io/secret.js",
          "/socket.io/../socket.io.js", "/socket.io/socket.io.jsx", "/other/socket.io.js", "/"}) {
        EXPECT_FALSE(get(*bundle, target)) << target;
    }
    EXPECT_FALSE(get(*bundle, "/socket.io/socket.io.js", net::Method::Post));
}

TEST_F(ClientBundleTest, AnswersNotModifiedToWhoHasTheVersion) {
    write("socket.io.js", kBanner);
    const auto bundle = ClientBundle::load(folder_, "/socket.io");
    ASSERT_TRUE(bundle);
    for (const std::string_view tag : {"\"4.8.1\"", "W/\"4.8.1\"", "\"4.8.0\" , \"4.8.1\"", "*"}) {
        const auto response = get(*bundle, "/socket.io/socket.io.js", net::Method::Get, tag);
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 304u) << tag;
        EXPECT_EQ(response->headers.get("ETag"), "\"4.8.1\"");
    }
    EXPECT_EQ(get(*bundle, "/socket.io/socket.io.js", net::Method::Get, "\"4.8.0\"")->status, 200u);
}

TEST_F(ClientBundleTest, ASourceWithoutVersionIsKnownByItsContent) {
    write("socket.io.js", "one");
    const auto one = ClientBundle::load(folder_, "/socket.io");
    write("socket.io.js", "two");
    const auto two = ClientBundle::load(folder_, "/socket.io");
    ASSERT_TRUE(one && two);
    const auto tag = [](const ClientBundle& bundle) { return std::string(get(bundle, "/socket.io/socket.io.js")->headers.get("ETag")); };
    EXPECT_EQ(tag(*one).size(), 18u);
    EXPECT_NE(tag(*one), tag(*two));
}

TEST_F(ClientBundleTest, AFolderWithoutClientIsAnError) {
    write("socket.io.js.map", "{}");
    const auto empty = ClientBundle::load(folder_, "/socket.io");
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::NotFound);
    EXPECT_NE(empty.error().message.find(folder_.string()), std::string::npos);
    EXPECT_FALSE(ClientBundle::load(folder_ / "missing", "/socket.io"));
}

}  // namespace
}  // namespace parley::socketio

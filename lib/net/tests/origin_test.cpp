#include "parley/net/origin.hpp"

#include <gtest/gtest.h>

namespace parley::net {
namespace {

const TrustedProxies kProxies{{*Network::parse("127.0.0.0/8"), *Network::parse("10.0.0.0/8"), *Network::parse("::1")}};

RequestHead request(const char* peer, std::initializer_list<Headers::Field> fields) {
    RequestHead head;
    head.peer.ip = *IpAddress::parse(peer);
    for (const auto& field : fields) head.headers.add(field.name, field.value);
    return head;
}

std::string client(const char* peer, std::initializer_list<Headers::Field> fields) {
    return client_address(request(peer, fields), kProxies).to_string();
}

TEST(ClientAddress, IsThePeerUnlessThatIsATrustedProxy) {
    EXPECT_EQ(client("192.0.2.1", {{"X-Forwarded-For", "198.51.100.9"}}), "192.0.2.1");
    EXPECT_EQ(client("127.0.0.1", {}), "127.0.0.1");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "198.51.100.9"}}), "198.51.100.9");
}

TEST(ClientAddress, IsReadFromTheRightSkippingTrustedHops) {
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.9, 10.0.0.3,10.0.0.2"}}), "198.51.100.9");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "198.51.100.9"}}), "198.51.100.9");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}}), "10.0.0.3");
}

TEST(ClientAddress, EntryThatIsNoAddressEndsTheWalk) {
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "198.51.100.9, unknown, 10.0.0.2"}}), "10.0.0.2");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", ""}}), "127.0.0.1");
}

TEST(ClientAddress, EntriesMayCarryPorts) {
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "198.51.100.9:4711"}}), "198.51.100.9");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "[2001:db8::1]:4711"}}), "2001:db8::1");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "2001:db8::1"}}), "2001:db8::1");
}

TEST(IsHttps, BelievesTrustedProxiesOnly) {
    EXPECT_TRUE(is_https(request("127.0.0.1", {{"X-Forwarded-Proto", "HTTPS"}}), kProxies));
    EXPECT_TRUE(is_https(request("127.0.0.1", {{"X-Forwarded-Proto", "http, https"}}), kProxies));
    EXPECT_FALSE(is_https(request("127.0.0.1", {{"X-Forwarded-Proto", "http"}}), kProxies));
    EXPECT_FALSE(is_https(request("192.0.2.1", {{"X-Forwarded-Proto", "https"}}), kProxies));
    EXPECT_FALSE(is_https(request("127.0.0.1", {}), kProxies));
}

OriginVerdict judge(std::initializer_list<Headers::Field> fields, const char* peer = "192.0.2.1") {
    const OriginPolicy policy{{"http://localhost:3000", "https://chat.example"}};
    return policy.judge(request(peer, fields), kProxies);
}

TEST(Origin, NoneWithoutTheField) {
    EXPECT_EQ(judge({{"Host", "chat.test"}}), OriginVerdict::None);
}

TEST(Origin, SameHostWithDefaultPortsDropped) {
    EXPECT_EQ(judge({{"Host", "chat.test:5000"}, {"Origin", "http://CHAT.test:5000"}}), OriginVerdict::SameHost);
    EXPECT_EQ(judge({{"Host", "chat.test"}, {"Origin", "http://chat.test:80"}}), OriginVerdict::SameHost);
    EXPECT_EQ(judge({{"Host", "chat.test:443"}, {"Origin", "https://chat.test"}}), OriginVerdict::SameHost);
    EXPECT_EQ(judge({{"Host", "chat.test:5000"}, {"Origin", "http://chat.test"}}), OriginVerdict::Foreign);
    EXPECT_EQ(judge({{"Host", "chat.test"}, {"Origin", "http://chat.test:443"}}), OriginVerdict::Foreign);
    EXPECT_EQ(judge({{"Host", "chat.test"}, {"Origin", "http://chat.test.evil"}}), OriginVerdict::Foreign);
    EXPECT_EQ(judge({{"Host", ""}, {"Origin", "http://chat.test"}}), OriginVerdict::Foreign);
}

TEST(Origin, ForwardedHostCountsFromATrustedProxyOnly) {
    EXPECT_EQ(judge({{"Host", "inside:5000"}, {"X-Forwarded-Host", "chat.test"}, {"Origin", "https://chat.test"}}, "127.0.0.1"),
              OriginVerdict::SameHost);
    EXPECT_EQ(judge({{"Host", "inside:5000"}, {"X-Forwarded-Host", "chat.test"}, {"Origin", "https://chat.test"}}), OriginVerdict::Foreign);
}

TEST(Origin, AllowedByTheListWithSchemeAndPort) {
    EXPECT_EQ(judge({{"Host", "h"}, {"Origin", "http://localhost:3000"}}), OriginVerdict::Allowed);
    EXPECT_EQ(judge({{"Host", "h"}, {"Origin", "https://chat.example:443"}}), OriginVerdict::Allowed);
    EXPECT_EQ(judge({{"Host", "h"}, {"Origin", "http://chat.example"}}), OriginVerdict::Foreign);
    EXPECT_EQ(judge({{"Host", "h"}, {"Origin", "http://localhost:3001"}}), OriginVerdict::Foreign);
}

TEST(Origin, NullAndNonsenseAreForeign) {
    for (const char* origin : {"null", "", "h", "file://", "http://", "http://h/path", "http://user@h", "javascript://h"}) {
        EXPECT_EQ(judge({{"Host", "h"}, {"Origin", origin}}), OriginVerdict::Foreign) << origin;
    }
    EXPECT_EQ(judge({{"Host", "h"}, {"Origin", "http://h"}, {"Origin", "http://evil"}}), OriginVerdict::Foreign);
}

TEST(Origin, StarAllowsEveryOrigin) {
    const OriginPolicy policy{{"*"}};
    EXPECT_EQ(policy.judge(request("192.0.2.1", {{"Host", "h"}, {"Origin", "http://evil"}}), kProxies), OriginVerdict::Allowed);
    EXPECT_EQ(policy.judge(request("192.0.2.1", {{"Host", "h"}, {"Origin", "null"}}), kProxies), OriginVerdict::Allowed);
}

}  // namespace
}  // namespace parley::net

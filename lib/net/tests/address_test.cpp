#include "parley/net/address.hpp"

#include <gtest/gtest.h>

namespace parley::net {
namespace {

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
    EXPECT_EQ(IpAddress::parse("192.0.2.7")->to_string(), "192.0.2.7");
    EXPECT_EQ(IpAddress::parse("2001:DB8:0:0::1")->to_string(), "2001:db8::1");
    EXPECT_EQ(IpAddress::parse("[::1]")->to_string(), "::1");
}

TEST(IpAddress, MappedAddressIsIPv4) {
    EXPECT_EQ(IpAddress::parse("::ffff:127.0.0.1"), IpAddress::parse("127.0.0.1"));
    EXPECT_TRUE(IpAddress::parse("::ffff:10.0.0.1")->is_v4());
    EXPECT_FALSE(IpAddress::parse("::1")->is_v4());
}

TEST(IpAddress, KnowsLoopback) {
    EXPECT_TRUE(IpAddress::parse("127.3.2.1")->is_loopback());
    EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
    EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
    EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
}

TEST(IpAddress, RefusesWhatIsNone) {
    for (const char* text : {"", "1.2.3", "1.2.3.256", "1.2.3.4:80", "[1.2.3.4]", "::g", "localhost", "1.2.3.4 ", "[]"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
    EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(Address, PrintsWithPort) {
    EXPECT_EQ((Address{*IpAddress::parse("127.0.0.1"), 5000}.to_string()), "127.0.0.1:5000");
    EXPECT_EQ((Address{*IpAddress::parse("::1"), 5000}.to_string()), "[::1]:5000");
}

bool is_in(const char* network, const char* address) {
    return Network::parse(network)->contains(*IpAddress::parse(address));
}

TEST(Network, ContainsItsAddressesOnly) {
    EXPECT_TRUE(is_in("10.0.0.0/8", "10.255.1.2"));
    EXPECT_FALSE(is_in("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(is_in("192.0.2.128/25", "192.0.2.200"));
    EXPECT_FALSE(is_in("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(is_in("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(is_in("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(is_in("fd00::/8", "fdff::1"));
    EXPECT_FALSE(is_in("fd00::/8", "fe00::1"));
    EXPECT_TRUE(is_in("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(is_in("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(is_in("::/0", "8.8.8.8"));
    EXPECT_TRUE(is_in("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(Network, RefusesWhatIsNone) {
    for (const char* text : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x", "10.0.0.0/-1", "/8"}) {
        EXPECT_FALSE(Network::parse(text)) << text;
    }
}

}  // namespace
}  // namespace parley::net

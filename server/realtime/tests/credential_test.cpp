#include "realtime/credential.hpp"

#include <gtest/gtest.h>

namespace parley::realtime {
namespace {

net::IpAddress address(const char* text) {
    return net::IpAddress::parse(text).value();
}

TEST(AnonymousCap, OneMoreThanAllowedIsRefusedUntilOneLeaves) {
    const auto cap = std::make_shared<AnonymousCap>(2);
    auto first = cap->take(address("10.0.0.1"));
    auto second = cap->take(address("10.0.0.1"));
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(cap->take(address("10.0.0.1")));
    EXPECT_TRUE(cap->take(address("10.0.0.2")));
    first->release();
    first->release();  // only once counts
    auto third = cap->take(address("10.0.0.1"));
    EXPECT_TRUE(third);
    EXPECT_FALSE(cap->take(address("10.0.0.1")));
}

TEST(AnonymousCap, AnIpv6SubscriberIsOneAddress) {
    const auto cap = std::make_shared<AnonymousCap>(1);
    auto held = cap->take(address("2001:db8:1:2::1"));
    EXPECT_FALSE(cap->take(address("2001:db8:1:2:ffff::9")));
    EXPECT_TRUE(cap->take(address("2001:db8:1:3::1")));
}

TEST(AnonymousCap, MovedPlaceIsGivenBackOnceByItsLastOwner) {
    const auto cap = std::make_shared<AnonymousCap>(1);
    {
        Credential credential;
        credential.place = std::make_unique<AnonymousCap::Place>(std::move(*cap->take(address("10.0.0.1"))));
        EXPECT_FALSE(cap->take(address("10.0.0.1")));
    }
    EXPECT_TRUE(cap->take(address("10.0.0.1")));
}

TEST(AnonymousCap, CapOfZeroRefusesEverybody) {
    EXPECT_FALSE(std::make_shared<AnonymousCap>(0)->take(address("10.0.0.1")));
}

}  // namespace
}  // namespace parley::realtime

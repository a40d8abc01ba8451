#include "auth/bounded_map.hpp"

#include <gtest/gtest.h>

namespace parley::auth {
namespace {

using Map = BoundedMap<int>;

TEST(BoundedMap, KeepsWhatWasPutIn) {
    Map map(1000);
    map.update("a", [](int& value) { value = 7; });
    EXPECT_EQ(map.find("a"), 7);
    EXPECT_EQ(map.find("b"), std::nullopt);
}

TEST(BoundedMap, NeverHoldsMoreThanItsCapacity) {
    Map map(160);
    for (int i = 0; i < 10'000; ++i) map.update(std::to_string(i), [i](int& value) { value = i; });
    EXPECT_LE(map.size(), 160U);
    EXPECT_EQ(map.find("9999"), 9999);
    EXPECT_EQ(map.find("0"), std::nullopt);
}

TEST(BoundedMap, WhatIsUsedStays) {
    Map map(160);
    map.update("mine", [](int& value) { value = 1; });
    for (int i = 0; i < 10'000; ++i) {
        map.update(std::to_string(i), [](int&) {});
        ASSERT_EQ(map.find("mine"), 1) << i;
    }
}

}  // namespace
}  // namespace parley::auth

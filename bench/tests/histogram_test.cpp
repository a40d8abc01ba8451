#include "report/histogram.hpp"

#include <gtest/gtest.h>

namespace bench {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, HasNoQuantilesWithoutValues) {
    const Histogram empty;
    EXPECT_EQ(empty.quantile(0.5), 0ns);
    EXPECT_EQ(empty.max(), 0ns);
}

TEST(Histogram, SmallValuesAreExact) {
    Histogram histogram;
    for (int i = 1; i <= 60; ++i) histogram.add(std::chrono::nanoseconds(i));
    EXPECT_EQ(histogram.quantile(0), 1ns);
    EXPECT_EQ(histogram.quantile(0.5), 30ns);
    EXPECT_EQ(histogram.quantile(1), 60ns);
}

// Every value alone in its bucket, around each power of two: below another one, so that the largest value does not hide a mistake.
TEST(Histogram, IsNeverTooLowAndAtMostOnePartIn64TooHigh) {
    for (int power = 0; power < 43; ++power) {
        for (const std::int64_t beside : {-1, 0, 1}) {
            const std::chrono::nanoseconds value((std::int64_t{1} << power) + beside);
            Histogram histogram;
            histogram.add(value);
            histogram.add(value * 2 + 100ns);
            EXPECT_GE(histogram.quantile(0.5), value);
            EXPECT_LE(histogram.quantile(0.5), value + value / 64);
        }
    }
}

TEST(Histogram, TheLargestIsExactHoweverLong) {
    Histogram histogram;
    histogram.add(1s);
    histogram.add(100h);
    EXPECT_EQ(histogram.quantile(1), std::chrono::nanoseconds(100h));
    EXPECT_EQ(histogram.max(), std::chrono::nanoseconds(100h));
}

TEST(Histogram, TwoAddedAreAsOne) {
    Histogram one;
    Histogram other;
    one.add(10us, 99);
    other.add(1ms);
    one.add(other);
    EXPECT_EQ(one.count(), 100U);
    EXPECT_LT(one.quantile(0.99), 11us);
    EXPECT_EQ(one.quantile(0.995), 1ms);
}

}  // namespace
}  // namespace bench

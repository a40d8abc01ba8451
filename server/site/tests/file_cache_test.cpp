#include "site/file_cache.hpp"

#include <gtest/gtest.h>

namespace parley::site {
namespace {

FileCache::Entry entry(std::size_t size, std::uint64_t inode = 1) {
    return {Stamp{size, 0, inode}, share(std::string(size, 'x')), {}};
}

TEST(FileCache, FindsWhatWasPut) {
    FileCache cache(100'000);
    cache.put("a", entry(10));
    ASSERT_TRUE(cache.find("a"));
    EXPECT_EQ(cache.find("a")->bytes->size(), 10U);
    EXPECT_FALSE(cache.find("b"));
    cache.erase("a");
    EXPECT_FALSE(cache.find("a"));
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST(FileCache, KnowsOfFilesThatItDoesNotKeepAndOfThoseThatAreNotThere) {
    FileCache cache(100'000);
    cache.put("large", {Stamp{1'000'000'000, 0, 1}, nullptr, {}});
    cache.put("absent", {std::nullopt, nullptr, {}});
    EXPECT_EQ(cache.find("large")->stamp->size, 1'000'000'000U);
    EXPECT_FALSE(cache.find("large")->bytes);
    EXPECT_FALSE(cache.find("absent")->stamp);
    EXPECT_EQ(cache.bytes(), 2 * FileCache::kEntryBytes);
    cache.put("large", entry(10));
    cache.erase("absent");
    EXPECT_EQ(cache.bytes(), 10 + FileCache::kEntryBytes);
}

TEST(FileCache, TheLongestUnusedGoesFirst) {
    FileCache cache(4 * (1000 + FileCache::kEntryBytes));
    for (const char* name : {"a", "b", "c", "d"}) cache.put(name, entry(1000));
    cache.find("a");
    cache.put("e", entry(1000));
    EXPECT_TRUE(cache.find("a"));
    EXPECT_FALSE(cache.find("b"));
    EXPECT_TRUE(cache.find("e"));
}

TEST(FileCache, NeverHoldsMoreThanItMay) {
    FileCache cache(10'000);
    for (int i = 0; i < 1000; ++i) {
        cache.put(std::to_string(i), entry(static_cast<std::size_t>(i)));
        ASSERT_LE(cache.bytes(), 10'000U);
    }
    for (int i = 0; i < 1000; ++i) cache.put("empty" + std::to_string(i), entry(0));
    EXPECT_LE(cache.bytes(), 10'000U);
}

TEST(FileCache, ALargeFileDoesNotPushOutTheRest) {
    FileCache cache(10'000);
    cache.put("small", entry(10));
    cache.put("large", entry(5'000));
    EXPECT_TRUE(cache.find("small"));
    EXPECT_FALSE(cache.find("large"));
}

TEST(FileCache, ReplacingCountsOnce) {
    FileCache cache(10'000);
    cache.put("a", entry(100));
    cache.put("a", entry(200));
    EXPECT_EQ(cache.bytes(), 200 + FileCache::kEntryBytes);
}

TEST(FileCache, ConfirmingAnotherContentDoesNothing) {
    FileCache cache(10'000);
    cache.put("a", entry(100, 1));
    const auto now = FileCache::Clock::now();
    cache.confirm("a", {100, 0, 2}, now);
    EXPECT_NE(cache.find("a")->checked, now);
    cache.confirm("a", {100, 0, 1}, now);
    EXPECT_EQ(cache.find("a")->checked, now);
}

}  // namespace
}  // namespace parley::site

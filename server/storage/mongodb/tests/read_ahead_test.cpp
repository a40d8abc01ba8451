#include "storage/mongodb/read_ahead.hpp"

#include <gtest/gtest.h>

#include "storage/mongodb/history.hpp"

namespace parley::storage::mongodb {
namespace {

class ReadAheadTest : public testing::Test {
protected:
    static constexpr std::size_t kLimit = 100;

    // What a reading brings that asked for more than one page.
    chat::MessagePage read(std::size_t count, bool more) const {
        chat::MessagePage page{.messages = {}, .more = more};
        for (std::size_t i = 0; i < count; ++i) {
            page.messages.push_back({.id = chat::MessageId::generate(),
                                     .sender = query_.reader,
                                     .receiver = query_.peer,
                                     .text = "x",
                                     .created_at = chat::system_now(),
                                     .updated_at = {}});
        }
        return page;
    }
    std::optional<chat::MessagePage> take_after(const chat::MessagePage& page) {
        query_.after = make_cursor(Place::of(page.messages.back()));
        return ahead_.take(query_);
    }

    chat::HistoryQuery query_{.reader = chat::UserId::generate(), .peer = chat::UserId::generate(), .limit = kLimit};
    ReadAhead ahead_;
};

TEST_F(ReadAheadTest, WhatFollowsIsThere) {
    const auto first = ahead_.cut(query_, read(3 * kLimit, true));
    EXPECT_EQ(first.messages.size(), kLimit);
    const auto second = take_after(first);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->messages.size(), kLimit);
    const auto third = take_after(*second);
    ASSERT_TRUE(third.has_value());
    EXPECT_EQ(third->messages.size(), kLimit);
    EXPECT_TRUE(third->more);
    EXPECT_FALSE(take_after(*third).has_value());
}

// Something may have been said since. Whoever asks now has been told of a version that includes it.
TEST_F(ReadAheadTest, TheEndIsReadAgain) {
    const auto first = ahead_.cut(query_, read(2 * kLimit + 50, false));
    EXPECT_TRUE(first.more);
    const auto second = take_after(first);
    ASSERT_TRUE(second.has_value());
    EXPECT_TRUE(second->more);
    EXPECT_FALSE(take_after(*second).has_value());

    const auto only = ahead_.cut(query_, read(kLimit + kLimit, false));
    EXPECT_FALSE(take_after(only).has_value()) << "as long as a page, and the end";
}

}  // namespace
}  // namespace parley::storage::mongodb

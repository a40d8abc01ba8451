#include <gtest/gtest.h>

#include "storage/mongodb/tender.hpp"

namespace parley::storage::mongodb {
namespace {

chat::MessageId id(int number) {
    chat::MessageId made;
    made.bytes[11] = static_cast<std::uint8_t>(number);
    return made;
}

std::vector<chat::MessageId> ids(std::initializer_list<int> numbers) {
    std::vector<chat::MessageId> made;
    for (const int number : numbers) made.push_back(id(number));
    return made;
}

// Messages whose times are their numbers.
std::vector<Place> messages(std::initializer_list<int> numbers) {
    std::vector<Place> made;
    for (const int number : numbers) {
        made.push_back({.created_at = chat::Timestamp(std::chrono::milliseconds(number)), .id = id(number)});
    }
    return made;
}

bool all(const Place&) {
    return true;
}

TEST(MendArray, ACompleteArrayStaysAsItIs) {
    EXPECT_EQ(mend_array(ids({1, 2, 3}), messages({1, 2, 3}), all, 10), ids({1, 2, 3}));
    EXPECT_EQ(mend_array({}, {}, all, 10), ids({}));
}

TEST(MendArray, MissingIdsGoToTheirPlaces) {
    EXPECT_EQ(mend_array(ids({2, 5}), messages({1, 2, 3, 4, 5, 6}), all, 10), ids({1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(mend_array({}, messages({1, 2}), all, 10), ids({1, 2}));
}

TEST(MendArray, AnUnsettledMessageMarksAPlaceAndIsNotAdded) {
    const auto settled = [](const Place& place) { return place.id < id(3); };
    EXPECT_EQ(mend_array(ids({1, 3}), messages({1, 2, 3, 4}), settled, 10), ids({1, 2, 3}));
}

TEST(MendArray, OthersIdsAndDanglingOnesStayWhereTheyAre) {
    EXPECT_EQ(mend_array(ids({2, 99, 4}), messages({1, 2, 3, 4}), all, 10), ids({1, 2, 99, 3, 4}));
}

TEST(MendArray, AnIdThatIsTwiceInItStaysOnce) {
    EXPECT_EQ(mend_array(ids({1, 2, 1, 3, 3}), messages({1, 2, 3}), all, 10), ids({1, 2, 3}));
}

TEST(MendArray, AnArrayInItsOwnOrderKeepsIt) {
    EXPECT_EQ(mend_array(ids({3, 1, 2}), messages({1, 2, 3, 4}), all, 10), ids({3, 1, 2, 4}));
}

TEST(MendArray, OnlyWhatIsAFifthOverTheCapIsCutBackToIt) {
    EXPECT_EQ(mend_array(ids({1, 2, 3, 4, 5, 6}), messages({1, 2, 3, 4, 5, 6}), all, 5), ids({1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(mend_array(ids({1, 2, 3, 4, 5, 6, 7}), messages({3, 4, 5, 6, 7}), all, 5), ids({3, 4, 5, 6, 7}));
}

}  // namespace
}  // namespace parley::storage::mongodb

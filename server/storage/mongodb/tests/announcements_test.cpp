#include "storage/mongodb/announcements.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::storage::mongodb {
namespace {

class AnnouncementsTest : public testing::Test, public chat::CommitListener {
protected:
    void committed(const chat::Committed& event) override { told_.push_back(event.message.text); }

    static chat::Message message(std::string text, chat::MessageId id = chat::MessageId::generate()) {
        chat::Message made;
        made.id = id;
        made.text = std::move(text);
        return made;
    }
    static chat::MessageId foreign_id() {
        auto id = chat::MessageId::generate();
        id.bytes[5] ^= 0xff;  // one of the five bytes that name the process
        return id;
    }

    std::vector<std::string> told_;
    Announcements announcements_{*this};
};

using Texts = std::vector<std::string>;

TEST_F(AnnouncementsTest, AnOwnMessageIsToldOnceWhetherTheStreamIsBeforeOrAfterItsWriter) {
    const auto before = message("stream first");
    announcements_.begin(before.id);
    EXPECT_FALSE(announcements_.heard(before));
    EXPECT_EQ(told_, Texts{});
    announcements_.stored({before, "", ""});
    const auto after = message("writer first");
    announcements_.begin(after.id);
    announcements_.stored({after, "", ""});
    EXPECT_FALSE(announcements_.heard(after));
    EXPECT_EQ(told_, (Texts{"stream first", "writer first"}));
}

TEST_F(AnnouncementsTest, AForeignMessageIsTold) {
    EXPECT_TRUE(announcements_.heard(message("theirs", foreign_id())));
    EXPECT_EQ(told_, Texts{"theirs"});
}

TEST_F(AnnouncementsTest, AGivenUpMessageIsToldWhenTheStreamShowsThatItWasStored) {
    const auto lost = message("answer lost");
    announcements_.begin(lost.id);
    EXPECT_EQ(announcements_.give_up(lost.id), std::nullopt);
    EXPECT_TRUE(announcements_.heard(lost));
    EXPECT_FALSE(announcements_.heard(lost));
    EXPECT_EQ(told_, Texts{"answer lost"});
}

TEST_F(AnnouncementsTest, AMessageTheStreamHasShownIsNotGivenUp) {
    const auto lost = message("answer lost");
    announcements_.begin(lost.id);
    announcements_.heard(lost);
    const auto stored = announcements_.give_up(lost.id);
    ASSERT_EQ(stored, lost);
    announcements_.stored({*stored, "", ""});
    EXPECT_EQ(told_, Texts{"answer lost"});
}

TEST_F(AnnouncementsTest, AKeysMessageThatAnotherProcessStoredMeanwhileIsToldOnce) {
    const auto theirs = message("theirs", foreign_id());
    announcements_.begin(theirs.id);
    announcements_.heard(theirs);
    announcements_.found(theirs, true);
    EXPECT_EQ(told_, Texts{"theirs"});
    EXPECT_FALSE(announcements_.heard(theirs));
    EXPECT_EQ(told_, Texts{"theirs"});
}

TEST_F(AnnouncementsTest, WithoutAStreamARepeatTellsWhatWasGivenUp) {
    const auto lost = message("answer lost");
    announcements_.begin(lost.id);
    announcements_.give_up(lost.id);
    announcements_.begin(lost.id);
    announcements_.found(lost, false);
    announcements_.found(lost, false);
    EXPECT_EQ(told_, Texts{"answer lost"});
}

TEST_F(AnnouncementsTest, AKeysMessageThatWasNeverTriedHereIsToldWhenAnotherProcessStoresIt) {
    const auto claimed = message("claimed here, stored there");
    announcements_.give_up(claimed.id);
    EXPECT_TRUE(announcements_.heard(claimed));
    EXPECT_EQ(told_, Texts{"claimed here, stored there"});
}

TEST_F(AnnouncementsTest, WhoeverSeesAMessageStoredBeforeItsWriterKnowsLeavesItToTheWriter) {
    const auto first = message("once");
    announcements_.begin(first.id);
    announcements_.heard(first);
    announcements_.seen(first, true);
    EXPECT_EQ(told_, Texts{});
    announcements_.stored({first, "key", ""});
    announcements_.seen(first, false);
    EXPECT_EQ(told_, Texts{"once"});
}

TEST_F(AnnouncementsTest, ARepeatedMessageIsNotToldAgain) {
    const auto first = message("once");
    announcements_.begin(first.id);
    announcements_.stored({first, "key", ""});
    announcements_.begin(first.id);
    announcements_.heard(first);
    announcements_.found(first, true);
    EXPECT_EQ(told_, Texts{"once"});
}

}  // namespace
}  // namespace parley::storage::mongodb

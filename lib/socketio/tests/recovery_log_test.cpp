#include "recovery_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "delivery.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Names = std::vector<std::string>;
using Positions = std::vector<LogPosition>;

// A log whose clock the test moves.
class RecoveryLogTest : public testing::Test {
protected:
    LogPosition emit(Names rooms, Names except = {}, std::size_t bytes = 100) {
        Operation operation;
        operation.rooms = std::move(rooms);
        operation.except = std::move(except);
        operation.packet.text = R"(2["tick"])";
        const auto delivery = std::make_shared<const Delivery>(std::move(operation));
        emitted_.push_back(delivery);
        return log_->append(delivery, delivery->operation.rooms, delivery->operation.except, bytes, now_);
    }

    std::optional<Positions> missed(LogPosition after, const std::vector<RoomMembership>& rooms, LogPosition up_to) {
        const auto events = log_->missed(after, rooms, up_to, now_);
        if (!events) return std::nullopt;
        Positions positions;
        for (const auto& [position, delivery] : *events) {
            positions.push_back(position);
            EXPECT_EQ(delivery, emitted_.at(position - 1).lock());
        }
        return positions;
    }
    std::optional<Positions> missed(LogPosition after, const std::vector<RoomMembership>& rooms) {
        return missed(after, rooms, log_->last());
    }

    void limit(std::size_t max_bytes) { log_.emplace(RecoveryLog::Limits{165s, max_bytes}); }

    RecoveryLog::Clock::time_point now_{1000s};
    std::optional<RecoveryLog> log_{std::in_place, RecoveryLog::Limits{.kept_for = 165s}};
    std::vector<std::weak_ptr<const Delivery>> emitted_;  // by position - 1
};

TEST_F(RecoveryLogTest, AClientGetsWhatWasForItsRoomsOrEverybodyInOrder) {
    emit({"lobby"});
    emit({});
    emit({"kitchen"});
    emit({"my-id"});
    emit({"kitchen", "lobby"});
    EXPECT_EQ(missed(0, {{"my-id"}, {"lobby"}}), (Positions{1, 2, 4, 5}));
    EXPECT_EQ(missed(0, {{"other-id"}}), (Positions{2}));
    EXPECT_EQ(missed(0, {}), (Positions{2}));
}

TEST_F(RecoveryLogTest, WhatWasSeenIsNotRepeated) {
    for (int i = 0; i < 6; ++i) emit({"lobby"});
    EXPECT_EQ(missed(4, {{"lobby"}}), (Positions{5, 6}));
    EXPECT_EQ(missed(6, {{"lobby"}}), Positions{});
}

TEST_F(RecoveryLogTest, WhatTheLoopWillDeliverItselfIsLeftToIt) {
    for (int i = 0; i < 6; ++i) emit({"lobby"});
    EXPECT_EQ(missed(1, {{"lobby"}}, 4), (Positions{2, 3, 4}));
}

TEST_F(RecoveryLogTest, AnEventToSeveralOfTheClientsRoomsComesOnce) {
    emit({"a", "b", "a"});
    emit({"b", "b"});
    EXPECT_EQ(missed(0, {{"a"}, {"b"}}), (Positions{1, 2}));
    EXPECT_EQ(missed(0, {{"a"}}), (Positions{1}));
}

TEST_F(RecoveryLogTest, WhoIsExceptedDoesNotGetIt) {
    emit({}, {"my-id"});
    emit({"lobby"}, {"kitchen", "cellar"});
    EXPECT_EQ(missed(0, {{"my-id"}, {"lobby"}}), (Positions{2}));
    EXPECT_EQ(missed(0, {{"other-id"}, {"lobby"}, {"cellar"}}), (Positions{1}));
}

TEST_F(RecoveryLogTest, ARoomsPastIsNotForWhoJoinsIt) {
    emit({"lobby"});
    emit({"lobby"});
    const LogPosition joined = log_->last();
    emit({"lobby"});
    EXPECT_EQ(missed(0, {{"lobby", joined}}), (Positions{3}));
}

TEST_F(RecoveryLogTest, AnOffsetOlderThanEverythingKeptIsStillGood) {
    const LogPosition old = emit({"lobby"});
    for (int i = 0; i < 10; ++i) {
        now_ += 100s;
        emit({"kitchen"});
    }
    EXPECT_LT(log_->size(), 3u);
    emit({"lobby"});
    EXPECT_EQ(missed(old, {{"lobby"}}), (Positions{12}));
}

TEST_F(RecoveryLogTest, EventsAreKeptToTheBoundAndNoLonger) {
    emit({"lobby"});
    now_ += 165s;
    EXPECT_EQ(missed(0, {{"lobby"}}), (Positions{1}));
    now_ += 1ms;
    EXPECT_EQ(missed(0, {{"lobby"}}), Positions{});
    EXPECT_EQ(log_->size(), 0u);
    EXPECT_EQ(log_->bytes(), 0u);
    EXPECT_EQ(log_->rooms(), 0u);
    EXPECT_TRUE(emitted_.front().expired());
}

TEST_F(RecoveryLogTest, ALogInWhichNothingHappensCanBePruned) {
    emit({"lobby"});
    now_ += 166s;
    log_->prune(now_);
    EXPECT_EQ(log_->size(), 0u);
}

TEST_F(RecoveryLogTest, WhoMayHaveLostSomethingToTheByteBoundIsNotRecovered) {
    limit(2000);
    for (int i = 0; i < 5; ++i) emit({"lobby"}, {}, 600);
    EXPECT_LE(log_->bytes(), 2000u);
    const LogPosition dropped = log_->last() - log_->size();
    ASSERT_GT(dropped, 0u);
    EXPECT_EQ(missed(dropped - 1, {{"lobby"}}), std::nullopt);
    EXPECT_EQ(missed(dropped, {{"lobby"}})->size(), log_->size());
}

TEST_F(RecoveryLogTest, TheByteBoundIsForgivenWhenTheDroppedWouldHaveExpired) {
    limit(2000);
    const LogPosition seen = emit({"lobby"});
    for (int i = 0; i < 5; ++i) emit({"kitchen"}, {}, 600);
    now_ += 165s;
    EXPECT_EQ(missed(seen - 1, {{"lobby"}}), std::nullopt);
    now_ += 1ms;
    EXPECT_EQ(missed(seen - 1, {{"lobby"}}), Positions{});
}

TEST_F(RecoveryLogTest, AnEventTooBigForTheLogHasAPositionAndIsMissing) {
    limit(2000);
    EXPECT_EQ(emit({"lobby"}, {}, 5000), 1u);
    EXPECT_EQ(log_->size(), 0u);
    EXPECT_EQ(missed(0, {{"lobby"}}), std::nullopt);
    EXPECT_EQ(missed(1, {{"lobby"}}), Positions{});
    EXPECT_EQ(emit({"lobby"}), 2u);
    EXPECT_EQ(missed(1, {{"lobby"}}), (Positions{2}));
}

TEST_F(RecoveryLogTest, ManyEventsOfNoBytesAreBoundedToo) {
    limit(10'000);
    for (int i = 0; i < 10'000; ++i) emit({"room" + std::to_string(i)}, {}, 0);
    EXPECT_LT(log_->size(), 200u);
    EXPECT_EQ(log_->rooms(), log_->size());
}

TEST_F(RecoveryLogTest, ClearedBecauseNobodyIsLeftItIsCompleteForWhoeverComes) {
    emit({"lobby"});
    log_->clear();
    EXPECT_EQ(log_->size(), 0u);
    EXPECT_EQ(missed(1, {{"lobby"}}), Positions{});
    emit({"lobby"});
    EXPECT_EQ(missed(1, {{"lobby"}}), (Positions{2}));
}

TEST_F(RecoveryLogTest, OffsetsComeBackAsThePositionsTheyWere) {
    EXPECT_EQ(log_->find_position(log_->offset(0)), 0u);
    for (int i = 0; i < 2000; ++i) {
        const LogPosition position = emit({});
        ASSERT_EQ(log_->find_position(log_->offset(position)), position);
        ASSERT_LE(log_->offset(position).size(), 11u);
    }
}

TEST_F(RecoveryLogTest, AnotherServersOffsetIsNotTaken) {
    emit({});
    const RecoveryLog other({165s});
    EXPECT_EQ(log_->find_position(other.offset(1)), std::nullopt);
}

TEST_F(RecoveryLogTest, AnOffsetFromTheFutureIsNotTaken) {
    emit({});
    EXPECT_EQ(log_->find_position(log_->offset(2)), std::nullopt);
    EXPECT_EQ(log_->find_position(log_->offset(~LogPosition{0})), std::nullopt);
}

TEST_F(RecoveryLogTest, GarbageIsNoOffset) {
    for (int i = 0; i < 50; ++i) emit({});
    const std::string good = log_->offset(47);
    ASSERT_TRUE(log_->find_position(good));
    const std::string epoch = good.substr(0, good.find('.'));
    const std::array garbage{std::string(),
                             std::string("."),
                             std::string("hello"),
                             std::string("…"),
                             epoch,
                             epoch + ".",
                             epoch + ".-1",
                             epoch + ".00",
                             epoch + ".+1",
                             good + " ",
                             " " + good,
                             good + "\0"s,
                             epoch + ".0a",
                             epoch + "." + good,
                             epoch + ".1B",
                             "0" + good,
                             epoch + ".zzzzzzzzzzzzzzzzzzzzzzzz",
                             std::string(100'000, '1')};
    for (const std::string& text : garbage) EXPECT_EQ(log_->find_position(text), std::nullopt) << text.substr(0, 50);
}

// Against the definition: look at every event.
TEST_F(RecoveryLogTest, WhateverHappensTheIndexFindsWhatAScanWouldFind) {
    std::mt19937 random(7);
    const auto some_rooms = [&](std::size_t at_most) {
        Names rooms(random() % (at_most + 1));
        for (std::string& room : rooms) room = std::string(1, static_cast<char>('a' + random() % 8));
        return rooms;
    };
    struct Event {
        Names rooms;
        Names except;
        RecoveryLog::Clock::time_point when;
    };
    std::vector<Event> history;
    for (int step = 0; step < 3000; ++step) {
        now_ += std::chrono::seconds(random() % 4);
        history.push_back({some_rooms(3), some_rooms(random() % 4 == 0 ? 1 : 0), now_});
        emit(history.back().rooms, history.back().except);

        const Names rooms = some_rooms(4);
        std::vector<RoomMembership> memberships;
        for (const std::string& room : rooms) memberships.push_back({room});
        const auto in = [&](const Names& names) { return std::ranges::find_first_of(names, rooms) != names.end(); };
        const LogPosition after = log_->last() - std::min<LogPosition>(random() % 200, log_->last());
        const LogPosition up_to = log_->last() - std::min<LogPosition>(random() % 10, log_->last());
        Positions expected;
        for (LogPosition position = after + 1; position <= up_to; ++position) {
            const Event& event = history[position - 1];
            if (now_ - event.when <= 165s && (event.rooms.empty() || in(event.rooms)) && !in(event.except)) expected.push_back(position);
        }
        ASSERT_EQ(missed(after, memberships, up_to), expected) << "step " << step;
    }
}

}  // namespace
}  // namespace parley::socketio

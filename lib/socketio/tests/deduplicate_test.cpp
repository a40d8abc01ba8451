#include "parley/socketio/deduplicate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace parley::socketio {
namespace {

using Outcome = Deduplicator::Outcome;

struct Client {
    // An acknowledgement that writes down what it gets.
    Ack ack() {
        return Ack([this](const Arguments& arguments) { answers.push_back(arguments.json()); });
    }
    std::vector<std::string> answers;
};

struct DeduplicatorTest : testing::Test {
    std::chrono::steady_clock::time_point now;
    int runs = 0;
    Client client;

    Deduplicator make(DeduplicatorLimits limits = {}) {
        return Deduplicator(limits, [this] { return now; });
    }
    // With a handler that answers at once, with how often it has run.
    Outcome ask(Deduplicator& deduplicator, std::string_view id, std::string_view scope = "anna") {
        return deduplicator.run(scope, id, client.ack(), [this](Ack answer) { answer(++runs); });
    }
};

TEST_F(DeduplicatorTest, ARepeatGetsTheFirstAnswer) {
    auto deduplicator = make();
    EXPECT_EQ(ask(deduplicator, "x"), Outcome::Ran);
    EXPECT_EQ(ask(deduplicator, "x"), Outcome::Repeated);
    EXPECT_EQ(ask(deduplicator, "y"), Outcome::Ran);
    EXPECT_EQ(ask(deduplicator, "x"), Outcome::Repeated);
    EXPECT_EQ(client.answers, (std::vector<std::string>{"1", "1", "2", "1"}));
}

TEST_F(DeduplicatorTest, RepeatsWhileItRunsWaitForIt) {
    auto deduplicator = make();
    Ack later;
    const auto keep = [&](Ack answer) {
        ++runs;
        later = std::move(answer);
    };
    EXPECT_EQ(deduplicator.run("anna", "x", client.ack(), keep), Outcome::Ran);
    EXPECT_EQ(deduplicator.run("anna", "x", client.ack(), keep), Outcome::Waits);
    EXPECT_EQ(deduplicator.run("anna", "x", Ack(), keep), Outcome::Waits);
    EXPECT_TRUE(client.answers.empty());
    later("done");
    later("twice");
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(client.answers, (std::vector<std::string>{"\"done\"", "\"done\""}));
}

TEST_F(DeduplicatorTest, IdsOfDifferentUsersAreDifferent) {
    auto deduplicator = make();
    EXPECT_EQ(ask(deduplicator, "1x", "a"), Outcome::Ran);
    EXPECT_EQ(ask(deduplicator, "1x", "b"), Outcome::Ran);
    EXPECT_EQ(ask(deduplicator, "x", "a1"), Outcome::Ran);
}

TEST_F(DeduplicatorTest, AHandlerThatGivesUpMayBeTriedAgain) {
    auto deduplicator = make();
    EXPECT_EQ(deduplicator.run("anna", "x", client.ack(), [](Ack) {}), Outcome::Ran);
    EXPECT_THROW(deduplicator.run("anna", "x", client.ack(), [](Ack) { throw std::runtime_error("no"); }), std::runtime_error);
    EXPECT_EQ(deduplicator.size(), 0u);
    EXPECT_EQ(ask(deduplicator, "x"), Outcome::Ran);
    EXPECT_EQ(client.answers, (std::vector<std::string>{"1"}));
}

TEST_F(DeduplicatorTest, ForgetsWhatNobodyAsksForAnyMore) {
    auto deduplicator = make({.max_age = std::chrono::seconds(10)});
    ask(deduplicator, "asked again");
    ask(deduplicator, "left alone");
    now += std::chrono::seconds(8);
    EXPECT_EQ(ask(deduplicator, "asked again"), Outcome::Repeated);
    now += std::chrono::seconds(8);
    EXPECT_EQ(ask(deduplicator, "asked again"), Outcome::Repeated);
    EXPECT_EQ(deduplicator.size(), 1u);
    EXPECT_EQ(ask(deduplicator, "left alone"), Outcome::Ran);
}

TEST_F(DeduplicatorTest, ForgetsTheLongestUnusedBeyondItsCount) {
    auto deduplicator = make({.max_entries = 2});
    ask(deduplicator, "a");
    ask(deduplicator, "b");
    ask(deduplicator, "a");
    EXPECT_EQ(ask(deduplicator, "c"), Outcome::Ran);
    EXPECT_EQ(deduplicator.size(), 2u);
    EXPECT_EQ(ask(deduplicator, "a"), Outcome::Repeated);
    EXPECT_EQ(ask(deduplicator, "b"), Outcome::Ran);
}

TEST_F(DeduplicatorTest, AnswersAreBoundedInBytes) {
    auto deduplicator = make({.max_bytes = 4000});
    const auto answer = [&](std::string_view id, const Value& value) {
        return deduplicator.run("anna", id, Ack(), [&](Ack ack) { ack(value); });
    };
    answer("small", "x");
    answer("huge", Object{{"a", Array{Bytes{std::string(5000, 'x')}}}});
    EXPECT_EQ(answer("huge", 1), Outcome::Ran) << "not remembered";
    EXPECT_EQ(answer("small", 1), Outcome::Repeated) << "and nothing was forgotten for it";
    for (int i = 0; i < 10; ++i) answer(std::to_string(i), std::string(1000, 'x'));
    EXPECT_LE(deduplicator.size(), 4u);
    EXPECT_EQ(answer("9", 1), Outcome::Repeated);
}

TEST_F(DeduplicatorTest, RefusesIdsItCannotKeepAndMoreThanMayRun) {
    auto deduplicator = make({.max_entries = 1, .max_id_bytes = 4});
    EXPECT_EQ(ask(deduplicator, ""), Outcome::Refused);
    EXPECT_EQ(ask(deduplicator, "12345"), Outcome::Refused);
    Ack later;
    deduplicator.run("anna", "x", client.ack(), [&](Ack answer) { later = std::move(answer); });
    EXPECT_EQ(ask(deduplicator, "y"), Outcome::Refused);
    EXPECT_EQ(runs, 0);
    later("done");
    EXPECT_EQ(ask(deduplicator, "y"), Outcome::Ran);
}

TEST_F(DeduplicatorTest, AHandlerMayAnswerWhenTheDeduplicatorHasGone) {
    Ack later;
    {
        auto deduplicator = make();
        deduplicator.run("anna", "x", client.ack(), [&](Ack answer) { later = std::move(answer); });
    }
    later("done");
    EXPECT_EQ(client.answers, (std::vector<std::string>{"\"done\""}));
}

TEST(DeduplicatorThreads, RunAHandlerOnceWhateverLoopsAsk) {
    Deduplicator deduplicator;
    constexpr int kThreads = 4;
    constexpr int kIds = 500;
    std::atomic<int> runs = 0;
    std::atomic<int> answers = 0;
    std::latch start(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            start.arrive_and_wait();
            for (int id = 0; id < kIds; ++id) {
                deduplicator.run("anna", std::to_string(id), Ack([&](const Arguments&) { ++answers; }), [&](Ack answer) {
                    ++runs;
                    answer("ok");
                });
            }
        });
    }
    threads.clear();
    EXPECT_EQ(runs, kIds);
    EXPECT_EQ(answers, kThreads * kIds);
}

}  // namespace
}  // namespace parley::socketio

#include "parley/async/loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "parley/async/completion.hpp"

namespace parley {
namespace {

using std::chrono::milliseconds;

TEST(Loop, PostedFunctionsRunInOrderOnTheLoopsThread) {
    LoopGroup loops(1);
    loops.start();
    std::vector<int> seen;
    std::promise<bool> done;
    for (int i = 0; i < 1000; ++i) loops[0].post([&seen, i] { seen.push_back(i); });
    loops[0].post([&] { done.set_value(loops[0].is_current()); });
    EXPECT_TRUE(done.get_future().get());
    ASSERT_EQ(seen.size(), 1000u);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(Loop, ExceptionInAPostedFunctionEndsThatFunctionAlone) {
    LoopGroup loops(1);
    loops.start();
    std::promise<void> done;
    loops[0].post([] { throw std::runtime_error("thrown on purpose"); });
    loops[0].post([&] { done.set_value(); });
    EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST(Loop, DeferRunsAfterWhatIsReadyNow) {
    LoopGroup loops(1);
    std::vector<std::string> order;
    std::promise<void> done;
    loops[0].post([&] {
        loops[0].defer([&] {
            order.push_back("deferred");
            done.set_value();
        });
        order.push_back("first");
    });
    loops[0].post([&] { order.push_back("second"); });
    loops.start();
    done.get_future().get();
    EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "deferred"}));
}

TEST(PostBatch, WakesTheLoopsWhenItEnds) {
    LoopGroup loops(2);
    loops.start();
    std::atomic<int> run = 0;
    std::promise<void> first_awake;
    loops[0].post([&] { first_awake.set_value(); });
    first_awake.get_future().get();
    std::promise<void> done;
    {
        const PostBatch outer;
        for (int i = 0; i < 100; ++i) loops[static_cast<std::size_t>(i % 2)].post([&] { ++run; });
        {
            const PostBatch inner;
        }
        std::this_thread::sleep_for(milliseconds(20));
        EXPECT_EQ(run, 0);
        loops[1].post([&] { done.set_value(); });
    }
    done.get_future().get();
    std::promise<void> other_done;
    loops[0].post([&] { other_done.set_value(); });
    other_done.get_future().get();
    EXPECT_EQ(run, 100);
}

TEST(Loop, WhatATurnDefersRunsAtItsEndAndWhatThatDefersLater) {
    LoopGroup loops(1);
    std::vector<std::string> order;
    std::promise<void> done;
    const auto defer_again = [&] {
        order.push_back("deferred");
        loops[0].defer([&] {
            order.push_back("deferred by that");
            done.set_value();
        });
    };
    loops[0].post([&] {
        {
            const Loop::Turn turn(loops[0]);
            loops[0].defer(defer_again);
            order.push_back("in the turn");
        }
        order.push_back("after the turn");
    });
    loops.start();
    done.get_future().get();
    EXPECT_EQ(order, (std::vector<std::string>{"in the turn", "deferred", "after the turn", "deferred by that"}));
}

Task<void> sleep_and_tell(milliseconds delay, std::promise<milliseconds>* slept) {
    const auto start = std::chrono::steady_clock::now();
    co_await sleep_for(delay);
    slept->set_value(std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start));
}

TEST(Loop, SleepIsNeverShorterThanAsked) {
    LoopGroup loops(1);
    loops.start();
    std::promise<milliseconds> long_sleep;
    std::promise<milliseconds> short_sleep;
    loops[0].spawn(sleep_and_tell(milliseconds(120), &long_sleep));
    loops[0].spawn(sleep_and_tell(milliseconds(30), &short_sleep));
    EXPECT_GE(short_sleep.get_future().get(), milliseconds(30));
    EXPECT_GE(long_sleep.get_future().get(), milliseconds(120));
}

Task<void> await_completer(std::promise<Completer<int>>* out, std::promise<bool>* resumed_on_loop, Loop* loop) {
    const auto start = [out](Completer<int> completer) { out->set_value(std::move(completer)); };
    const int value = co_await suspend<int>(start);
    resumed_on_loop->set_value(value == 7 && loop->is_current());
}

TEST(Completion, CompletedOnAnotherThreadResumesOnTheLoop) {
    LoopGroup loops(1);
    loops.start();
    std::promise<Completer<int>> completer;
    std::promise<bool> resumed;
    loops[0].spawn(await_completer(&completer, &resumed, &loops[0]));
    completer.get_future().get().complete(7);
    EXPECT_TRUE(resumed.get_future().get());
}

TEST(Completion, LoopDestroyedWhileACoroutineWaitsFreesIt) {
    std::promise<milliseconds> never;
    LoopGroup loops(1);
    loops.start();
    loops[0].spawn(sleep_and_tell(std::chrono::hours(1), &never));
    std::promise<void> started;
    loops[0].post([&] { started.set_value(); });
    started.get_future().get();  // the leak checker says whether the frame went
}

}  // namespace
}  // namespace parley

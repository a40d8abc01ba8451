#include "stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace parley::net {
namespace {

constexpr std::chrono::seconds kStreamPatience{20};

// One end of a socket pair as a stream; counts its calls.
struct Watched {
    explicit Watched(Loop& loop) {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        stream = Stream(loop, ends[0]);
        peer = ends[1];
    }
    ~Watched() { hang_up(); }
    void hang_up() {
        if (peer >= 0) ::close(std::exchange(peer, -1));
    }
    void say() const { EXPECT_EQ(::send(peer, "x", 1, 0), 1); }
    void await_readable() { EXPECT_TRUE(stream.wait_readable(Stream::call<Watched, &Watched::on_readable>, this)); }
    void on_readable() {
        ++calls;
        if (react) react();
    }
    void on_other() { ++others; }

    Stream stream;
    int peer = -1;
    std::atomic<int> calls{0};
    std::atomic<int> others{0};
    std::function<void()> react;
};

class StreamTest : public testing::Test {
protected:
    void SetUp() override { loops_.start(); }
    void TearDown() override {
        on_loop([this] { streams_.clear(); });
    }
    void on_loop(std::function<void()> function) {
        std::promise<void> done;
        loops_[0].post([&] {
            function();
            done.set_value();
        });
        done.get_future().wait();
    }
    Watched& add() {
        on_loop([this] { streams_.push_back(std::make_unique<Watched>(loops_[0])); });
        return *streams_.back();
    }
    bool eventually(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + kStreamPatience;
        while (!condition() && std::chrono::steady_clock::now() < deadline) on_loop([] {});
        return condition();
    }
    void let_turns_pass() {
        for (int i = 0; i < 10; ++i) on_loop([] {});
    }

    LoopGroup loops_{1};
    std::vector<std::unique_ptr<Watched>> streams_;
};

TEST_F(StreamTest, AWaitCallsBackOnceAndWhatIsLeftUnreadIsReportedToTheNext) {
    Watched& one = add();
    on_loop([&] { one.await_readable(); });
    one.say();
    EXPECT_TRUE(eventually([&] { return one.calls == 1; }));
    let_turns_pass();
    EXPECT_EQ(one.calls, 1);
    on_loop([&] { one.await_readable(); });
    EXPECT_TRUE(eventually([&] { return one.calls == 2; }));
}

TEST_F(StreamTest, WhatCameWhileNobodyWaitedIsReportedToTheNext) {
    Watched& one = add();
    one.say();
    let_turns_pass();
    on_loop([&] { one.await_readable(); });
    EXPECT_TRUE(eventually([&] { return one.calls == 1; }));
}

TEST_F(StreamTest, MoreThanOneTurnTakesAreAllCalled) {
    for (int i = 0; i < 600; ++i) add().say();
    on_loop([this] {
        for (const auto& one : streams_) one->await_readable();
    });
    EXPECT_TRUE(eventually([this] { return std::ranges::all_of(streams_, [](const auto& one) { return one->calls == 1; }); }));
}

TEST_F(StreamTest, AStreamThatACallbackClosesIsNotCalledInTheSameTurn) {
    Watched& one = add();
    Watched& other = add();
    one.react = [&] { other.stream.close(); };
    other.react = [&] { one.stream.close(); };
    on_loop([&] {  // both are ready before the reactor looks
        one.await_readable();
        other.await_readable();
        one.say();
        other.say();
    });
    EXPECT_TRUE(eventually([&] { return one.calls + other.calls == 1; }));
    let_turns_pass();
    EXPECT_EQ(one.calls + other.calls, 1);
}

TEST_F(StreamTest, ABrokenConnectionWakesEveryWait) {
    Watched& one = add();
    on_loop([&] { EXPECT_TRUE(one.stream.wait_broken(Stream::call<Watched, &Watched::on_other>, &one)); });
    let_turns_pass();
    EXPECT_EQ(one.others, 0);
    one.hang_up();
    EXPECT_TRUE(eventually([&] { return one.others == 1; }));
    let_turns_pass();  // the reactor has stopped watching it, and starts again when asked
    on_loop([&] { one.await_readable(); });
    EXPECT_TRUE(eventually([&] { return one.calls == 1; }));
}

TEST_F(StreamTest, WhatWasReadBeforeAnyWaitMayBeHandedOverAndWaitedForThere) {
    Watched& one = add();
    one.say();
    on_loop([&] {
        std::array<char, 4> room;
        EXPECT_EQ(one.stream.read(room).bytes, 1u);
        EXPECT_EQ(one.stream.read(room).status, IoStatus::WouldBlock) << "whatever the descriptor's own mode";
        one.stream = Stream(loops_[0], one.stream.release());
        one.await_readable();
    });
    let_turns_pass();
    EXPECT_EQ(one.calls, 0);
    one.say();
    EXPECT_TRUE(eventually([&] { return one.calls == 1; }));
}

TEST_F(StreamTest, AClosedStreamIsNotWaitedFor) {
    Watched& one = add();
    on_loop([&] {
        one.stream.close();
        EXPECT_FALSE(one.stream.wait_readable(Stream::call<Watched, &Watched::on_readable>, &one));
        EXPECT_FALSE(one.stream.wait_writable(Stream::call<Watched, &Watched::on_readable>, &one));
        EXPECT_FALSE(one.stream.wait_broken(Stream::call<Watched, &Watched::on_readable>, &one));
    });
}

TEST_F(StreamTest, AnExceptionInACallbackEndsThatCallAlone) {
    Watched& one = add();
    Watched& other = add();
    one.react = [] { throw std::runtime_error("thrown on purpose"); };
    other.react = one.react;
    on_loop([&] {
        one.await_readable();
        other.await_readable();
        one.say();
        other.say();
    });
    EXPECT_TRUE(eventually([&] { return one.calls == 1 && other.calls == 1; }));
}

}  // namespace
}  // namespace parley::net

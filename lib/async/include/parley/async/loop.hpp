// Loop: one thread, one reactor (an Asio io_context), and what a server needs around it: posting from other threads, end-of-turn work, a timer
// wheel, a shared read buffer, coroutines.
// Threading: post(), spawn() and stop() may be called from any thread; everything else is confined to the loop's thread.
// Ownership: LoopGroup owns the loops and their threads.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "parley/async/heap_trim.hpp"
#include "parley/async/task.hpp"
#include "parley/async/timer.hpp"

namespace parley {

class Loop {
public:
    using Function = std::move_only_function<void()>;
    static constexpr std::size_t kReadBufferBytes = 65536;

    explicit Loop(std::uint16_t index);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    std::uint16_t index() const { return index_; }
    boost::asio::io_context& context() { return context_; }

    // The loop that the calling thread runs, or nullptr.
    static Loop* current();
    bool is_current() const { return current() == this; }

    // Any thread. Runs `function` on this loop, never inside the call; functions posted by one thread run in order. What is posted between two
    // turns costs one wake-up altogether. After the loop has ended functions are destroyed unrun.
    void post(Function function);

    // Loop thread. Runs `function` when the handlers that are ready now have run: the place to write out what a turn has queued.
    void defer(Function function);

    // Loop thread, as a local of a handler that serves many events: what is deferred meanwhile runs when it ends, without a way through Asio.
    class Turn {
    public:
        explicit Turn(Loop& loop) : loop_(loop) { loop_.in_turn_ = true; }
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        Loop& loop_;
    };

    // Any thread. Starts a coroutine on this loop; an exception that leaves it is logged as a defect and ends it alone.
    void spawn(Task<void> task);

    TimerWheel& timers() { return timers_; }
    // To be told of every connection that comes and goes.
    HeapTrim& heap_trim() { return heap_trim_; }

    // 64 KiB for reads: valid until the handler that uses it returns. Nothing may be kept in it.
    std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }

    // Blocks and serves until stop().
    void run();
    // Any thread. run() returns after the turn in which this is seen.
    void stop();

private:
    struct Mailbox;
    friend class PostBatch;
    void wake_for_mailbox();
    void drain_mailbox();
    void run_deferred();
    void sleep_until(TimerWheel::Clock::time_point due);
    void on_wheel_wake();

    friend Task<void> sleep_for(std::chrono::milliseconds delay);

    // Destroying the context destroys unfinished coroutines, which may still post and cancel timers: it goes before what they use.
    struct Sleepers;
    struct WheelAlarm;
    const std::uint16_t index_;
    std::unique_ptr<Mailbox> mailbox_;
    TimerWheel timers_;
    HeapTrim heap_trim_{timers_};
    std::unique_ptr<char[]> read_buffer_;
    boost::asio::io_context context_;
    std::unique_ptr<Sleepers> sleepers_;
    std::unique_ptr<WheelAlarm> alarm_;
    std::vector<Function> deferred_;
    bool deferred_scheduled_ = false;
    bool in_turn_ = false;
};

// While one lives, what its thread posts wakes the loops only when it ends: for somebody who posts much in a row and would be interrupted by those whom
// he wakes. Of nested ones the outermost counts. Not for a loop's own thread to wait in.
// Threading: on the stack of one thread. Ownership: the loops posted to outlive it.
class PostBatch {
public:
    PostBatch();
    ~PostBatch();
    PostBatch(const PostBatch&) = delete;
    PostBatch& operator=(const PostBatch&) = delete;

private:
    friend class Loop;
    std::vector<Loop*> asleep_;  // posted to, and to be woken
};

// The loops of one server, each with a thread of its own.
class LoopGroup {
public:
    // count: 1 to 255 (a session id names its loop in 8 bits).
    explicit LoopGroup(std::size_t count);
    ~LoopGroup();  // stops and joins

    std::size_t size() const { return loops_.size(); }
    Loop& operator[](std::size_t index) { return *loops_[index]; }

    void start();
    // Stops every loop and waits for its thread. Idempotent.
    void stop();

private:
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::thread> threads_;
};

// Suspends the calling coroutine for at least `delay`, by the current loop's wheel.
Task<void> sleep_for(std::chrono::milliseconds delay);

}  // namespace parley

// suspend<T>(start): parks the calling coroutine and hands `start` a Completer<T>, the one-time right to wake it with a value.
// The bridge between coroutines and everything else that finishes later: other threads, timers, callbacks.
//
//     const auto start = [&](Completer<Reply> completer) { worker.push({request, std::move(completer)}); };
//     Reply reply = co_await suspend<Reply>(start);
//
// A Completer may travel to any thread. The coroutine always resumes on the loop where it suspended, in a later turn.
// A Completer destroyed unused ends its coroutine: the frame is destroyed, on its loop. So whoever holds Completers is destroyed before the loops.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <functional>
#include <utility>

#include "parley/async/loop.hpp"

namespace parley {

template <class T>
class Completer {
public:
    Completer(Loop& loop, std::move_only_function<void(T)> resume) : loop_(&loop), resume_(std::move(resume)) {}

    // Any thread. complete() or resume() is called at most once.
    void complete(T value) {
        assert(resume_);
        loop_->post([resume = std::exchange(resume_, nullptr), value = std::move(value)]() mutable { resume(std::move(value)); });
    }

    // For whoever brings the value to the coroutine's loop himself: in a function posted there, wakes the coroutine within the call.
    Loop& loop() const { return *loop_; }
    void resume(T value) {
        assert(resume_ && loop_->is_current());
        std::exchange(resume_, nullptr)(std::move(value));
    }

private:
    Loop* loop_;
    std::move_only_function<void(T)> resume_;
};

// `start` is called at once, with the Completer, on the coroutine's loop.
template <class T, class Start>
Task<T> suspend(Start start) {
    auto initiate = [&start](auto handler) {
        Completer<T> completer(*Loop::current(), [handler = std::move(handler)](T value) mutable { std::move(handler)(std::move(value)); });
        start(std::move(completer));
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(initiate, boost::asio::use_awaitable);
}

}  // namespace parley

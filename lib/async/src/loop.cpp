#include "parley/async/loop.hpp"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <exception>
#include <list>
#include <mutex>
#include <thread>

#include "parley/async/completion.hpp"
#include "parley/base/log.hpp"

namespace parley {
namespace {

thread_local Loop* current_loop = nullptr;
thread_local PostBatch* current_batch = nullptr;

constexpr std::size_t kFunctionsKept = 256;  // room for so many is kept between turns

void report_defect(std::exception_ptr exception, const char* where) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        log::error("defect: exception in {}: {}", where, error.what());
    } catch (...) {
        log::error("defect: unknown exception in {}", where);
    }
}

void run_guarded(Loop::Function& function, const char* what) {
    try {
        function();
    } catch (...) {
        report_defect(std::current_exception(), what);
    }
}

}  // namespace

// Functions on their way from other threads. One wake-up of the reactor serves all that have gathered when it runs.
struct Loop::Mailbox {
    std::mutex mutex;
    std::vector<Function> incoming;  // guarded by mutex
    bool woken = false;              // guarded by mutex
    bool closed = false;             // guarded by mutex
    std::vector<Function> batch;     // loop thread only
};

// The one Asio timer of a loop: set to the wheel's next due time, moved only forward in time by the wheel itself and backward by arming.
struct Loop::WheelAlarm {
    explicit WheelAlarm(boost::asio::io_context& context) : timer(context) {}
    boost::asio::steady_timer timer;
    TimerWheel::Clock::time_point due = TimerWheel::Clock::time_point::max();
};

// Coroutines in sleep_for. They are held here and not by themselves: a frame that held its own Completer would never be freed.
struct Loop::Sleepers {
    struct Sleeper {
        Sleeper(Sleepers& among, Completer<bool> waiting) : sleepers(among), completer(std::move(waiting)) {}
        void wake() {
            completer.complete(true);
            sleepers.list.erase(self);
        }
        Sleepers& sleepers;
        std::list<Sleeper>::iterator self;
        Completer<bool> completer;
        Timer timer{Timer::call<Sleeper, &Sleeper::wake>, this};
    };

    void add(Completer<bool> completer, TimerWheel& wheel, std::chrono::milliseconds delay) {
        list.emplace_front(*this, std::move(completer));
        list.front().self = list.begin();
        list.front().timer.arm(wheel, delay);
    }
    std::list<Sleeper> list;
};

Loop::Loop(std::uint16_t index)
    : index_(index),
      mailbox_(std::make_unique<Mailbox>()),
      read_buffer_(std::make_unique<char[]>(kReadBufferBytes)),
      context_(1),
      sleepers_(std::make_unique<Sleepers>()),
      alarm_(std::make_unique<WheelAlarm>(context_)) {
    timers_.on_arm([](void* self, TimerWheel::Clock::time_point due) { static_cast<Loop*>(self)->sleep_until(due); }, this);
}

Loop::~Loop() {
    std::vector<Function> unrun;
    {
        std::lock_guard lock(mailbox_->mutex);
        mailbox_->closed = true;
        unrun.swap(mailbox_->incoming);
    }
}

Loop* Loop::current() {
    return current_loop;
}

void Loop::post(Function function) {
    {
        std::lock_guard lock(mailbox_->mutex);
        if (mailbox_->closed) return;
        mailbox_->incoming.push_back(std::move(function));
        if (mailbox_->woken) return;
        mailbox_->woken = true;
    }
    if (current_batch) {
        current_batch->asleep_.push_back(this);
    } else {
        wake_for_mailbox();
    }
}

void Loop::wake_for_mailbox() {
    boost::asio::post(context_, [this] { drain_mailbox(); });
}

void Loop::drain_mailbox() {
    {
        std::lock_guard lock(mailbox_->mutex);
        mailbox_->batch.swap(mailbox_->incoming);
        mailbox_->woken = false;
    }
    for (Function& function : mailbox_->batch) {
        run_guarded(function, "a posted function");
        function = nullptr;
    }
    mailbox_->batch.clear();
    if (mailbox_->batch.capacity() > kFunctionsKept) std::vector<Function>().swap(mailbox_->batch);
}

void Loop::defer(Function function) {
    assert(is_current());
    deferred_.push_back(std::move(function));
    if (deferred_scheduled_ || in_turn_) return;
    deferred_scheduled_ = true;
    boost::asio::post(context_, [this] { run_deferred(); });
}

void Loop::run_deferred() {
    deferred_scheduled_ = false;
    std::vector<Function> batch;
    batch.swap(deferred_);
    for (Function& function : batch) run_guarded(function, "end-of-turn work");
    batch.clear();
    if (deferred_.empty() && batch.capacity() <= kFunctionsKept) deferred_.swap(batch);
}

Loop::Turn::~Turn() {
    loop_.in_turn_ = false;
    if (!loop_.deferred_.empty()) loop_.run_deferred();
}

void Loop::spawn(Task<void> task) {
    boost::asio::co_spawn(context_, std::move(task), [](std::exception_ptr exception) {
        if (exception) report_defect(exception, "a coroutine");
    });
}

void Loop::sleep_until(TimerWheel::Clock::time_point due) {
    if (due >= alarm_->due) return;
    alarm_->due = due;
    alarm_->timer.expires_at(due);
    alarm_->timer.async_wait([this](boost::system::error_code error) {
        if (!error) on_wheel_wake();
    });
}

void Loop::on_wheel_wake() {
    alarm_->due = TimerWheel::Clock::time_point::max();
    timers_.advance();
    if (const auto due = timers_.next_due()) sleep_until(*due);
}

void Loop::run() {
    current_loop = this;
    const auto work = boost::asio::make_work_guard(context_);
    while (!context_.stopped()) {
        try {
            context_.run();
        } catch (...) {
            report_defect(std::current_exception(), "an event handler");
        }
    }
    current_loop = nullptr;
}

void Loop::stop() {
    context_.stop();
}

PostBatch::PostBatch() {
    if (!current_batch) current_batch = this;
}

PostBatch::~PostBatch() {
    if (current_batch != this) return;
    current_batch = nullptr;
    for (Loop* loop : asleep_) loop->wake_for_mailbox();
}

LoopGroup::LoopGroup(std::size_t count) {
    assert(count >= 1 && count <= 255);
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(static_cast<std::uint16_t>(i)));
}

LoopGroup::~LoopGroup() {
    stop();
}

void LoopGroup::start() {
    for (auto& loop : loops_) {
        threads_.emplace_back([&loop = *loop] {
            pthread_setname_np(pthread_self(), fmt::format("loop-{}", loop.index()).c_str());
            loop.run();
        });
    }
}

void LoopGroup::stop() {
    for (auto& loop : loops_) loop->stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

Task<void> sleep_for(std::chrono::milliseconds delay) {
    const auto start = [delay](Completer<bool> completer) {
        Loop& loop = *Loop::current();
        loop.sleepers_->add(std::move(completer), loop.timers(), delay);
    };
    co_await suspend<bool>(start);
}

}  // namespace parley

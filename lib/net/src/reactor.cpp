#include "reactor.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "guarded.hpp"
#include "prefetch.hpp"

namespace parley::net {
namespace {

constexpr std::size_t kEventsPerTurn = 256;
constexpr std::size_t kContextBytes = 192;              // of a connection are likely to be touched
constexpr std::uint32_t kBroken = EPOLLERR | EPOLLHUP;  // always reported
constexpr std::array<std::uint32_t, Reactor::kDirections> kEvents{EPOLLIN, EPOLLOUT, EPOLLPRI};

int make_epoll() {
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return fd;
}

std::uint32_t wanted_events(const Reactor::Entry& entry) {
    std::uint32_t wanted = 0;
    for (std::size_t direction = 0; direction < Reactor::kDirections; ++direction) {
        if (entry.callbacks[direction]) wanted |= kEvents[direction];
    }
    return wanted;
}

}  // namespace

Reactor& Reactor::of(Loop& loop) {
    return boost::asio::use_service<Reactor>(loop.context());
}

Reactor::Reactor(boost::asio::execution_context& context)
    : service(context), epoll_(static_cast<boost::asio::io_context&>(context).get_executor(), make_epoll()) {
    listen();
}

void Reactor::shutdown() {
    boost::system::error_code ignored;
    epoll_.close(ignored);
}

std::unique_ptr<Reactor::Entry> Reactor::add(int fd) {
    return std::unique_ptr<Entry>(new Entry{*this, fd});
}

bool Reactor::wait(Entry& entry, Direction direction, Callback callback, void* context) {
    entry.callbacks[direction] = callback;
    entry.context = context;
    return (entry.interest & kEvents[direction]) || set_interest(entry, entry.interest | kEvents[direction]);
}

void Reactor::remove(std::unique_ptr<Entry> entry) {
    entry->callbacks = {};
    if (epoll_.is_open()) set_interest(*entry, 0);
    if (dispatching_) removed_.push_back(std::move(entry));
}

bool Reactor::set_interest(Entry& entry, std::uint32_t interest) {
    if (entry.interest == interest) return true;
    const int operation = interest == 0 ? EPOLL_CTL_DEL : entry.interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    epoll_event event{};
    event.events = interest;
    event.data.ptr = &entry;
    if (::epoll_ctl(epoll_.native_handle(), operation, entry.fd, &event) != 0 && interest != 0) return false;
    entry.interest = interest;
    return true;
}

void Reactor::listen() {
    epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
        if (!error) on_ready();
    });
}

void Reactor::on_ready() {
    std::array<epoll_event, kEventsPerTurn> events;
    const int count = ::epoll_wait(epoll_.native_handle(), events.data(), kEventsPerTurn, 0);
    {
        const Loop::Turn turn(*Loop::current());
        dispatch_all(std::span(events).first(static_cast<std::size_t>(std::max(count, 0))));
    }
    listen();  // asks the kernel anew: what was left unread or did not fit is reported again
}

void Reactor::dispatch_all(std::span<const epoll_event> events) {
    dispatching_ = true;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (i + 2 < events.size()) prefetch(events[i + 2].data.ptr, sizeof(Entry));
        if (i + 1 < events.size()) prefetch(static_cast<Entry*>(events[i + 1].data.ptr)->context, kContextBytes);
        dispatch(*static_cast<Entry*>(events[i].data.ptr), events[i].events);
    }
    dispatching_ = false;
    removed_.clear();
    if (removed_.capacity() > kEventsPerTurn) removed_.shrink_to_fit();
}

// A callback may remove this entry, which clears the others of it.
void Reactor::dispatch(Entry& entry, std::uint32_t events) {
    for (const Direction direction : {BrokenDown, Writable, Readable}) {
        if (!(events & (kEvents[direction] | kBroken))) continue;
        const Callback callback = std::exchange(entry.callbacks[direction], nullptr);
        if (callback) guarded("a stream's callback", [&] { callback(entry.context); });
    }
    const std::uint32_t wanted = wanted_events(entry);
    if (wanted == 0 && (events & kBroken)) {
        set_interest(entry, 0);
    } else if (events & entry.interest & ~wanted) {
        set_interest(entry, entry.interest & (wanted | ~events));
    }
}

}  // namespace parley::net

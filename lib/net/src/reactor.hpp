// Reactor: one epoll set per loop for all its streams, itself one descriptor of the loop's Asio context.
// Asio's own reactor would keep 250 bytes for every connection there ever was at once, spread over the heap, so that nothing around them could be given
// back either; here a connection that has gone leaves nothing behind. Level-triggered: interest is taken back only when an event comes that nobody
// waits for, so that reading again and again costs no system call but the reads.
// Threading: loop-confined. Ownership: a service of the loop's context; entries belong to their streams.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "parley/async/loop.hpp"

namespace parley::net {

class Reactor : public boost::asio::execution_context::service {
public:
    enum Direction : std::size_t { Readable, Writable, BrokenDown, kDirections };
    using Callback = void (*)(void* context);

    // One registered descriptor and who waits for it.
    struct Entry {
        Reactor& reactor;
        int fd = -1;
        std::uint32_t interest = 0;  // what the kernel was asked for; 0: not registered
        std::array<Callback, kDirections> callbacks{};
        void* context = nullptr;  // of all callbacks
    };

    static Reactor& of(Loop& loop);

    // The kernel hears of the descriptor with the first wait: one that is read at once and handed over costs no registration.
    std::unique_ptr<Entry> add(int fd);
    // Calls back once; also when the connection is broken, in whatever direction. Never within this call. False: the kernel has no room for it.
    bool wait(Entry& entry, Direction direction, Callback callback, void* context);
    // Nothing is called any more; the descriptor is the caller's.
    void remove(std::unique_ptr<Entry> entry);

    static inline boost::asio::execution_context::id id;  // the key of use_service
    explicit Reactor(boost::asio::execution_context& context);

private:
    void shutdown() override;
    void listen();
    void on_ready();
    void dispatch_all(std::span<const epoll_event> events);
    void dispatch(Entry& entry, std::uint32_t events);
    bool set_interest(Entry& entry, std::uint32_t interest);

    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> epoll_;
    std::vector<std::unique_ptr<Entry>> removed_;  // while events are being dispatched that may name them
    bool dispatching_ = false;
};

}  // namespace parley::net

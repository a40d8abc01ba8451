// ConnectionTable: the HTTP connections of one loop, named from elsewhere by (slot, generation), and what they share: limits, the handler,
// counters, the end-of-turn flush, a date text, a spare parser.
//
// Threading: loop-confined, but for shares (retain, release), closed(), loop() and the counters, which any thread may use.
// Ownership: the server and every live Exchange hold a share: an Exchange that outlives the server (in a coroutine that ends with its loop) finds
// a closed table and does nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http_parse.hpp"
#include "parley/net/http_server.hpp"

namespace parley::net {

class HttpConnection;

// How many connections the server has, of how many it may. Shared with upgraded connections, which may outlive the server.
struct Admission {
    std::atomic<std::size_t> open{0};
    std::size_t max = 0;
    bool try_enter();
    void leave() { open.fetch_sub(1, std::memory_order_relaxed); }
};

class ConnectionTable {
public:
    ConnectionTable(Loop& loop, HttpHandler& handler, const HttpLimits& limits, std::shared_ptr<Admission> admission);
    ConnectionTable(const ConnectionTable&) = delete;
    ConnectionTable& operator=(const ConnectionTable&) = delete;

    void retain() { shares_.fetch_add(1, std::memory_order_relaxed); }
    void release();
    // The server goes, the loops have stopped: connections are closed without a word.
    void close();
    bool closed() const { return closed_.load(std::memory_order_acquire); }

    // Takes a descriptor: as a connection, or over the cap with 503.
    void accept(int fd, const Address& peer);

    // The connection that still owes the answer of this exchange, or nullptr.
    HttpConnection* find(std::uint32_t slot, std::uint32_t generation);
    std::uint32_t next_generation(std::uint32_t slot) { return ++slots_[slot].generation; }
    // The connection is destroyed at the end of the turn: its functions may be running.
    void remove(std::uint32_t slot);
    void flush_later(std::uint32_t slot);

    // From now on answers close their connections; `done` is called once, when nothing is owed or unwritten any more.
    void drain(std::function<void()> done);
    bool draining() const { return draining_; }
    void set_busy(bool busy);

    Loop& loop() { return loop_; }
    HttpHandler& handler() { return handler_; }
    const HttpLimits& limits() const { return limits_; }
    const std::shared_ptr<Admission>& admission() { return admission_; }

    std::unique_ptr<HttpParser> take_parser();
    void give_back(std::unique_ptr<HttpParser> parser);  // as new
    std::string& scratch() { return scratch_; }          // for one function at a time
    std::string_view date();

    // The handler's answer to what never became a request; a plain one if it throws.
    HttpResponse error_answer(unsigned status, std::string_view reason, const RequestHead* head);

    void count_request() { bump(requests_); }
    void count_bad_request() { bump(bad_requests_); }
    HttpCounters counters() const;

private:
    using Counter = std::atomic<std::uint64_t>;
    struct Slot {
        std::unique_ptr<HttpConnection> connection;
        std::uint32_t generation = 0;
    };

    ~ConnectionTable();
    static void bump(Counter& counter) { counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
    HttpConnection& add(int fd, const Address& peer, bool admitted);
    void refuse(int fd, const Address& peer);
    void flush();
    void report_if_idle();

    Loop& loop_;
    HttpHandler& handler_;
    const HttpLimits limits_;
    const std::shared_ptr<Admission> admission_;
    std::atomic<std::size_t> shares_{1};
    std::atomic<bool> closed_{false};

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::vector<std::unique_ptr<HttpConnection>> graveyard_;
    std::vector<std::uint32_t> dirty_;
    std::vector<std::uint32_t> flushing_;
    std::unique_ptr<HttpParser> spare_parser_;
    std::string scratch_;
    std::string date_;
    std::int64_t date_second_ = -1;
    std::size_t busy_ = 0;
    std::size_t refused_open_ = 0;
    bool draining_ = false;
    std::function<void()> drained_;

    Counter accepted_{0};
    Counter refused_{0};
    Counter requests_{0};
    Counter bad_requests_{0};
};

}  // namespace parley::net

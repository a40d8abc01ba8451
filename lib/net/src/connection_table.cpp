#include "connection_table.hpp"

#include <ctime>
#include <exception>
#include <utility>

#include "http_connection.hpp"
#include "parley/base/log.hpp"

namespace parley::net {
namespace {

// Refused connections that are still being told so; beyond it they are closed without a word, so that refusing cannot exhaust descriptors.
constexpr std::size_t kMaxRefusedOpen = 32;

}  // namespace

bool Admission::try_enter() {
    if (open.fetch_add(1, std::memory_order_relaxed) < max) return true;
    leave();
    return false;
}

ConnectionTable::ConnectionTable(Loop& loop, HttpHandler& handler, const HttpLimits& limits, std::shared_ptr<Admission> admission)
    : loop_(loop), handler_(handler), limits_(limits), admission_(std::move(admission)) {}

ConnectionTable::~ConnectionTable() = default;

void ConnectionTable::release() {
    if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void ConnectionTable::close() {
    closed_.store(true, std::memory_order_release);
    slots_.clear();
    graveyard_.clear();
    spare_parser_.reset();
    drained_ = nullptr;
}

void ConnectionTable::accept(int fd, const Address& peer) {
    bump(accepted_);
    if (!admission_->try_enter()) {
        bump(refused_);
        refuse(fd, peer);
        return;
    }
    add(fd, peer, true).start();
}

void ConnectionTable::refuse(int fd, const Address& peer) {
    HttpConnection& connection = add(fd, peer, false);
    if (++refused_open_ > kMaxRefusedOpen) {
        connection.close_if_idle();
    } else {
        connection.refuse(503, "too many connections");
    }
}

HttpConnection& ConnectionTable::add(int fd, const Address& peer, bool admitted) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    loop_.heap_trim().arrived();
    slots_[slot].connection = std::make_unique<HttpConnection>(*this, slot, fd, peer, admitted);
    return *slots_[slot].connection;
}

HttpConnection* ConnectionTable::find(std::uint32_t slot, std::uint32_t generation) {
    if (slot >= slots_.size() || slots_[slot].generation != generation) return nullptr;
    HttpConnection* connection = slots_[slot].connection.get();
    return connection && connection->owes_answer() ? connection : nullptr;
}

void ConnectionTable::remove(std::uint32_t slot) {
    if (!slots_[slot].connection->admitted()) --refused_open_;
    if (graveyard_.empty()) {
        loop_.defer([this] { std::exchange(graveyard_, {}).clear(); });
    }
    ++slots_[slot].generation;  // no exchange of this connection finds the next one
    graveyard_.push_back(std::move(slots_[slot].connection));
    free_.push_back(slot);
    loop_.heap_trim().left();
}

void ConnectionTable::flush_later(std::uint32_t slot) {
    if (dirty_.empty()) loop_.defer([this] { flush(); });
    dirty_.push_back(slot);
}

void ConnectionTable::flush() {
    flushing_.swap(dirty_);
    for (const std::uint32_t slot : flushing_) {
        if (HttpConnection* connection = slots_[slot].connection.get()) connection->flush();
    }
    flushing_.clear();
}

void ConnectionTable::drain(std::function<void()> done) {
    draining_ = true;
    drained_ = std::move(done);
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        if (HttpConnection* connection = slots_[slot].connection.get()) connection->close_if_idle();
    }
    report_if_idle();
}

void ConnectionTable::set_busy(bool busy) {
    busy ? ++busy_ : --busy_;
    report_if_idle();
}

void ConnectionTable::report_if_idle() {
    if (draining_ && busy_ == 0 && drained_) loop_.post(std::exchange(drained_, nullptr));
}

std::unique_ptr<HttpParser> ConnectionTable::take_parser() {
    return spare_parser_ ? std::move(spare_parser_) : std::make_unique<HttpParser>(limits_.max_header_bytes);
}

void ConnectionTable::give_back(std::unique_ptr<HttpParser> parser) {
    spare_parser_ = std::move(parser);
}

std::string_view ConnectionTable::date() {
    const std::int64_t now = std::time(nullptr);
    if (now != date_second_) {
        date_second_ = now;
        date_ = http_date(now);
    }
    return date_;
}

HttpResponse ConnectionTable::error_answer(unsigned status, std::string_view reason, const RequestHead* head) {
    try {
        return handler_.error(status, reason, head);
    } catch (const std::exception& error) {
        log::error("defect: exception in an HTTP error answer: {}", error.what());
    }
    return HttpResponse::text(status, "text/plain; charset=utf-8", std::string(reason_phrase(status)));
}

HttpCounters ConnectionTable::counters() const {
    HttpCounters counters;
    counters.connections_accepted = accepted_.load(std::memory_order_relaxed);
    counters.connections_refused = refused_.load(std::memory_order_relaxed);
    counters.requests = requests_.load(std::memory_order_relaxed);
    counters.bad_requests = bad_requests_.load(std::memory_order_relaxed);
    return counters;
}

}  // namespace parley::net

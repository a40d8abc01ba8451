#include "http_connection.hpp"

#include <algorithm>
#include <utility>

#include "guarded.hpp"

namespace parley::net {
namespace {

constexpr std::size_t kReadWhileWaiting = 4 * 1024;  // one read, while the bytes cannot be parsed yet

std::size_t count_heads(std::string_view bytes) {
    std::size_t count = 0;
    for (std::size_t at = bytes.find("\r\n\r\n"); at != std::string_view::npos; at = bytes.find("\r\n\r\n", at + 4)) ++count;
    return count;
}

}  // namespace

HttpConnection::HttpConnection(ConnectionTable& table, std::uint32_t slot, int fd, const Address& peer, bool admitted)
    : table_(table), slot_(slot), peer_(peer), stream_(table.loop(), fd), admitted_(admitted) {}

HttpConnection::~HttpConnection() {
    if (phase_ != Phase::Closed && admitted_) table_.admission()->leave();
}

void HttpConnection::start() {
    set_deadline(Deadline::Idle, table_.limits().keep_alive_timeout);
    on_readable();  // the request has often come with the connection
}

void HttpConnection::refuse(unsigned status, std::string_view reason) {
    reject(status, reason);
}

void HttpConnection::close_if_idle() {
    const bool idle = exchange_ == ExchangeState::None && output_.empty() && !parser_ && waiting().empty();
    if (phase_ == Phase::Open && idle) close();
}

void HttpConnection::on_readable() {
    if (phase_ == Phase::Open && !wants_bytes()) return watch();
    std::span<char> buffer = table_.loop().read_buffer();
    if (phase_ == Phase::Open && !may_parse()) buffer = buffer.first(kReadWhileWaiting);
    const IoResult result = stream_.read(buffer);
    switch (result.status) {
        case IoStatus::Done: take({buffer.data(), result.bytes}); break;
        case IoStatus::WouldBlock: watch(); break;
        case IoStatus::End: on_end(); break;
        case IoStatus::Broken: abandon(); break;
    }
}

void HttpConnection::on_broken() {
    abandon();
}

void HttpConnection::take(std::string_view bytes) {
    if (phase_ == Phase::Lingering) return drop_while_lingering(bytes.size());
    if (waiting().empty()) skip_empty_lines(bytes);
    if (waiting().empty() && may_parse() && !bytes.empty()) bytes.remove_prefix(parse(bytes));  // in place: the usual case copies nothing
    if (!bytes.empty() && !last_) keep(bytes);
    run();
}

// RFC 9112 section 2.2: empty lines before a request are ignored; they begin none, nor its deadline.
void HttpConnection::skip_empty_lines(std::string_view& bytes) const {
    while (!parser_ && bytes.starts_with("\r\n")) bytes.remove_prefix(2);
}

// What has been parsed goes before more is kept: a client whose reads never end with a request would otherwise keep all it ever sent here.
void HttpConnection::keep(std::string_view bytes) {
    input_.erase(0, std::exchange(input_offset_, 0));
    input_.append(bytes);
}

// Reads from `bytes` to the end of one request at most, and returns how many bytes that took.
std::size_t HttpConnection::parse(std::string_view bytes) {
    if (!parser_) parser_ = table_.take_parser();
    std::size_t used = 0;
    while (true) {
        const HttpParser::Step step = parser_->feed(bytes.substr(used));
        used += step.consumed;
        switch (step.status) {
            case HttpParser::Status::Head: on_head(); break;
            case HttpParser::Status::Complete: request_complete_ = true; return used;
            case HttpParser::Status::Rejected: reject(parser_->rejection().status, parser_->rejection().reason); return bytes.size();
            case HttpParser::Status::NeedMore:
                if (!parser_->head() && deadline_ != Deadline::Head) set_deadline(Deadline::Head, table_.limits().header_timeout);
                if (parser_->head() && deadline_ != Deadline::Body) set_deadline(Deadline::Body, table_.limits().body_timeout);
                // RFC 9110 section 10.1.1: only if the body is wanted and has not begun to come.
                if (parser_->head() && parser_->expects_continue() && parser_->has_body() && used == bytes.size() && !continued_) {
                    continued_ = true;
                    output_.append("HTTP/1.1 100 Continue\r\n\r\n");
                    flush_later();
                }
                return used;
        }
    }
}

void HttpConnection::on_head() {
    parser_->set_peer(peer_);
    const auto ask = [this] { parser_->set_max_body_bytes(table_.handler().max_body_bytes(*parser_->head())); };
    guarded("max_body_bytes", ask);
    continued_ = false;
}

// Handles what is complete and parses what waits, one after the other, until an answer or more bytes are needed.
void HttpConnection::run() {
    if (std::exchange(running_, true)) return;
    while (phase_ == Phase::Open) {
        if (request_complete_) {
            dispatch();
        } else if (may_parse() && !waiting().empty()) {
            std::string_view bytes = waiting();
            skip_empty_lines(bytes);
            const std::size_t used = waiting().size() - bytes.size() + (bytes.empty() ? 0 : parse(bytes));
            if (used < waiting().size()) {
                input_offset_ += used;
            } else {
                drop_input();
            }
            if (used == 0) break;
        } else {
            break;
        }
    }
    running_ = false;
    settle();
}

// What a turn leaves behind: a deadline for what is awaited, and the readiness that is of interest.
void HttpConnection::settle() {
    if (phase_ != Phase::Open) return;
    const bool between_requests = exchange_ == ExchangeState::None && !last_ && may_parse();
    if (between_requests && ended_) {
        last_ = true;  // what is left is not a whole request and never will be
        flush_later();
    } else if (between_requests && !parser_) {
        if (table_.draining()) {
            last_ = true;
            flush_later();
        } else if (output_.empty() && deadline_ != Deadline::Idle) {  // what is still being written has a deadline of its own
            set_deadline(Deadline::Idle, table_.limits().keep_alive_timeout);
        }
    }
    watch();
}

void HttpConnection::dispatch() {
    request_complete_ = false;
    HttpRequest request = parser_->take_request();
    table_.give_back(std::move(parser_));
    clear_deadline();
    table_.count_request();
    begin_exchange(request.method == Method::Head, request.version_minor, request.keep_alive);
    Exchange exchange(table_.loop().index(), slot_, generation_, &table_);
    const auto handle = [&] { table_.handler().handle(std::move(request), std::move(exchange)); };
    guarded("an HTTP handler", handle);
}

void HttpConnection::reject(unsigned status, std::string_view reason) {
    table_.count_bad_request();
    const RequestHead* head = parser_ ? parser_->head() : nullptr;
    HttpResponse response = table_.error_answer(status, reason, head);
    response.close = true;
    clear_deadline();
    begin_exchange(head && head->method == Method::Head, head ? head->version_minor : 1, false);
    drop_input();
    if (parser_) {
        parser_->reset();
        table_.give_back(std::move(parser_));
    }
    respond(std::move(response));
}

void HttpConnection::begin_exchange(bool is_head, unsigned version_minor, bool keep_alive) {
    generation_ = table_.next_generation(slot_);
    exchange_ = ExchangeState::Waiting;
    is_head_ = is_head;
    version_minor_ = static_cast<unsigned char>(version_minor);
    keep_alive_ = keep_alive;
    update_busy();
}

bool HttpConnection::may_parse() const {
    return phase_ == Phase::Open && exchange_ == ExchangeState::None && !last_ && !request_complete_ &&
           output_.bytes() < kMaxUnwrittenBytes;
}

bool HttpConnection::wants_bytes() const {
    if (ended_) return false;
    if (phase_ == Phase::Lingering || may_parse()) return true;
    const std::string_view bytes = waiting();
    return bytes.size() < kMaxWaitingBytes && count_heads(bytes) < kMaxPipelined;
}

void HttpConnection::drop_input() {
    std::string().swap(input_);
    input_offset_ = 0;
}

void HttpConnection::watch() {
    if (phase_ == Phase::Closed) return;
    const bool watched = wants_bytes() ? stream_.wait_readable(Stream::call<HttpConnection, &HttpConnection::on_readable>, this)
                                       : stream_.wait_broken(Stream::call<HttpConnection, &HttpConnection::on_broken>, this);
    if (!watched) abandon();
}

void HttpConnection::set_deadline(Deadline deadline, std::chrono::milliseconds delay) {
    deadline_ = deadline;
    input_timer_.arm(table_.loop().timers(), delay);
}

void HttpConnection::clear_deadline() {
    deadline_ = Deadline::None;
    input_timer_.cancel();
}

void HttpConnection::on_input_deadline() {
    switch (std::exchange(deadline_, Deadline::None)) {
        case Deadline::Head: reject(408, "the request's head took too long"); break;
        case Deadline::Body: reject(408, "the request's body took too long"); break;
        case Deadline::HalfClose: abandon(); break;
        case Deadline::Idle:
        case Deadline::Linger: close(); break;
        case Deadline::None: break;
    }
}

void HttpConnection::on_end() {
    if (phase_ == Phase::Lingering) return close();
    ended_ = true;
    if (exchange_ == ExchangeState::Waiting && on_abort_) set_deadline(Deadline::HalfClose, kHalfCloseGrace);
    run();
}

void HttpConnection::linger() {
    if (ended_) return close();
    phase_ = Phase::Lingering;
    drop_input();
    stream_.shutdown_write();
    set_deadline(Deadline::Linger, kLingerTime);
    update_busy();
    watch();
}

void HttpConnection::drop_while_lingering(std::size_t count) {
    lingered_bytes_ += count;
    if (lingered_bytes_ > kMaxLingerBytes) return close();
    watch();
}

// The client is gone.
void HttpConnection::abandon() {
    if (phase_ == Phase::Closed) return;
    const auto function = std::exchange(on_abort_, nullptr);
    close();
    if (function) guarded("on_abort", function);
}

void HttpConnection::close() {
    if (phase_ == Phase::Closed) return;
    phase_ = Phase::Closed;
    clear_deadline();
    write_timer_.cancel();
    stream_.close();
    exchange_ = ExchangeState::None;
    update_busy();
    if (admitted_) table_.admission()->leave();
    table_.remove(slot_);
}

void HttpConnection::update_busy() {
    const bool busy = phase_ == Phase::Open && (exchange_ != ExchangeState::None || !output_.empty());
    if (busy != std::exchange(busy_, busy)) table_.set_busy(busy);
}

void HttpConnection::on_abort(std::function<void()> function) {
    if (exchange_ != ExchangeState::Waiting) return;
    on_abort_ = std::move(function);
    if (ended_) set_deadline(Deadline::HalfClose, kHalfCloseGrace);
}

DetachedConnection HttpConnection::detach() {
    DetachedConnection detached;
    if (!output_.empty()) flush();  // answers to what came before the upgrade
    if (phase_ != Phase::Open || exchange_ != ExchangeState::Waiting || !output_.empty()) {
        close();
        return detached;
    }
    detached.unread = waiting();
    detached.peer = peer_;
    detached.slot = std::shared_ptr<void>(&table_.admission()->open, [admission = table_.admission()](void*) { admission->leave(); });
    detached.fd = stream_.release();
    phase_ = Phase::Closed;
    clear_deadline();
    write_timer_.cancel();
    exchange_ = ExchangeState::None;
    on_abort_ = nullptr;
    update_busy();
    table_.remove(slot_);
    return detached;
}

}  // namespace parley::net

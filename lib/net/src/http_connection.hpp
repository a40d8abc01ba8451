// HttpConnection: one HTTP/1.1 connection: reads requests, opens an exchange for each, writes answers, in order.
//
// Input: while an exchange is open the bytes behind it wait, at most kMaxPipelined requests or kMaxWaitingBytes and what one read brings; then the
// connection stops reading until there is room. An idle connection owns neither buffer nor parser.
// Half-close: a client that shuts its sending side may still want its answers. They are given, then the connection closes. But whoever asked for
// on_abort is told kHalfCloseGrace after the end was seen if the answer is not there by then: TCP does not tell a browser that left from `nc`.
// Closing: after an answer that closes, the connection reads and drops for at most kLingerTime, since closing with unread input would reset the
// connection and could destroy the answer on its way (RFC 9112 section 9.6).
// Threading: loop-confined. Ownership: the table; a removed connection is destroyed at the end of the turn.
// Invariants: a phase of input has at most one deadline, and bytes that trickle in do not move it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connection_table.hpp"
#include "http_write.hpp"
#include "parley/async/completion.hpp"
#include "parley/async/timer.hpp"
#include "stream.hpp"
#include "write_queue.hpp"

namespace parley::net {

inline constexpr std::size_t kMaxWaitingBytes = 16 * 1024;
inline constexpr std::size_t kMaxUnwrittenBytes =
    256 * 1024;  // more answers than this wait for the client before the next request is begun
inline constexpr std::chrono::milliseconds kHalfCloseGrace{1'000};
inline constexpr std::chrono::milliseconds kLingerTime{2'000};
inline constexpr std::size_t kMaxLingerBytes = 1024 * 1024;

class HttpConnection {
public:
    // admitted: counted in the table's admission, until it closes or is detached.
    HttpConnection(ConnectionTable& table, std::uint32_t slot, int fd, const Address& peer, bool admitted);
    ~HttpConnection();

    void start();
    void refuse(unsigned status, std::string_view reason);  // instead of start()
    void close_if_idle();
    void flush();

    bool admitted() const { return admitted_; }
    bool owes_answer() const { return exchange_ != ExchangeState::None; }

    // What an Exchange may do.
    void respond(HttpResponse response);
    void fail_unanswered();  // 500
    void on_abort(std::function<void()> function);
    DetachedConnection detach();

private:
    enum class Phase : std::uint8_t { Open, Lingering, Closed };
    enum class ExchangeState : std::uint8_t { None, Waiting, Streaming };
    enum class Deadline : std::uint8_t { None, Idle, Head, Body, HalfClose, Linger };

    // http_connection.cpp: input and life.
    void on_readable();
    void on_broken();
    void on_input_deadline();
    void take(std::string_view bytes);
    void skip_empty_lines(std::string_view& bytes) const;
    void keep(std::string_view bytes);
    std::size_t parse(std::string_view bytes);
    void on_head();
    void run();
    void settle();
    void dispatch();
    void reject(unsigned status, std::string_view reason);
    void begin_exchange(bool is_head, unsigned version_minor, bool keep_alive);
    bool may_parse() const;
    bool wants_bytes() const;
    std::string_view waiting() const { return std::string_view(input_).substr(input_offset_); }
    void drop_input();
    void watch();
    void set_deadline(Deadline deadline, std::chrono::milliseconds delay);
    void clear_deadline();
    void linger();
    void drop_while_lingering(std::size_t count);
    void on_end();
    void abandon();
    void close();
    void update_busy();

    // http_answer.cpp: output.
    void write_answer(HttpResponse& response);
    void write_text(const HttpResponse& response, AnswerFraming framing, std::string text);
    void write_shared(const HttpResponse& response, AnswerFraming framing, SharedBytes bytes);
    void write_parts(const HttpResponse& response, AnswerFraming framing, std::vector<SharedPart> parts);
    void write_stream(const HttpResponse& response, AnswerFraming framing, std::unique_ptr<BodySource> source);
    void write_head(const HttpResponse& response, const AnswerFraming& framing, std::string_view body);
    void finish_answer();
    static Task<void> pump(ConnectionTable* table, std::uint32_t slot, std::uint32_t generation, std::unique_ptr<BodySource> source);
    bool take_piece(Result<std::string> piece);
    bool end_body();
    void flush_later();
    void on_flushed();
    void on_write_deadline();

    ConnectionTable& table_;
    const std::uint32_t slot_;
    std::uint32_t generation_ = 0;  // of the exchange
    const Address peer_;
    Stream stream_;
    std::string input_;  // what came and could not be parsed yet
    std::size_t input_offset_ = 0;
    std::unique_ptr<HttpParser> parser_;  // while a request is being read
    WriteQueue output_;
    std::function<void()> on_abort_;
    std::optional<Completer<bool>> written_;  // the pump waits for an empty queue
    std::optional<std::uint64_t> body_left_;  // of a streamed body of known length
    Timer input_timer_{Timer::call<HttpConnection, &HttpConnection::on_input_deadline>, this};
    Timer write_timer_{Timer::call<HttpConnection, &HttpConnection::on_write_deadline>, this};
    std::size_t lingered_bytes_ = 0;

    Phase phase_ = Phase::Open;
    ExchangeState exchange_ = ExchangeState::None;
    Deadline deadline_ = Deadline::None;
    bool admitted_;
    bool request_complete_ = false;  // in parser_
    bool running_ = false;           // run() is on the stack
    bool ended_ = false;             // the client sends no more
    bool last_ = false;              // no further request after the present answer
    bool busy_ = false;
    bool flush_pending_ = false;
    bool is_head_ = false;  // of the request being answered, like the next two
    bool chunked_ = false;
    unsigned char version_minor_ = 1;
    bool keep_alive_ = true;
    bool continued_ = false;  // "100 Continue" was said
};

}  // namespace parley::net

// The output side of HttpConnection: answers, streamed bodies, the flush at the end of a turn.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "http_connection.hpp"
#include "parley/base/log.hpp"

namespace parley::net {
namespace {

constexpr std::size_t kInlineBodyBytes = 4 * 1024;  // copied behind its head: one piece to write
constexpr std::size_t kPiecesPerWrite = 32;

Task<Result<std::string>> next_piece(BodySource* source) {
    try {
        co_return co_await source->next();
    } catch (const std::exception& error) {
        log::error("defect: exception in a body source: {}", error.what());
    }
    co_return fail(ErrorCode::Internal, "the body could not be produced");
}

}  // namespace

void HttpConnection::respond(HttpResponse response) {
    if (exchange_ != ExchangeState::Waiting) return;
    const auto unused = std::exchange(on_abort_, nullptr);
    clear_deadline();
    last_ = last_ || response.close || !keep_alive_ || table_.draining();
    write_answer(response);
}

void HttpConnection::fail_unanswered() {
    if (exchange_ == ExchangeState::Waiting) respond(table_.error_answer(500, "the request was not answered", nullptr));
}

void HttpConnection::write_answer(HttpResponse& response) {
    AnswerFraming framing;
    framing.date = table_.date();
    framing.close = last_;
    framing.announce_keep_alive = version_minor_ == 0;
    if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&response.body); source && *source) {
        write_stream(response, framing, std::move(*source));
    } else if (auto* bytes = std::get_if<SharedBytes>(&response.body); bytes && *bytes) {
        write_shared(response, framing, std::move(*bytes));
    } else if (auto* parts = std::get_if<std::vector<SharedPart>>(&response.body)) {
        write_parts(response, framing, std::move(*parts));
    } else {
        auto* text = std::get_if<std::string>(&response.body);
        write_text(response, framing, text ? std::move(*text) : std::string());
    }
}

void HttpConnection::write_text(const HttpResponse& response, AnswerFraming framing, std::string text) {
    if (status_has_body(response.status)) framing.length = text.size();
    if (is_head_ || !status_has_body(response.status)) text.clear();
    const bool small = text.size() <= kInlineBodyBytes;
    write_head(response, framing, small ? text : std::string_view{});
    if (!small) output_.append_shared(share(std::move(text)));
    finish_answer();
}

void HttpConnection::write_shared(const HttpResponse& response, AnswerFraming framing, SharedBytes bytes) {
    const bool has_body = status_has_body(response.status);
    if (has_body) framing.length = bytes->size();
    const bool small = bytes->size() <= kInlineBodyBytes;
    const bool leave_out = is_head_ || !has_body;
    write_head(response, framing, small && !leave_out ? *bytes : std::string_view{});
    if (!small && !leave_out) output_.append_shared(std::move(bytes));
    finish_answer();
}

void HttpConnection::write_parts(const HttpResponse& response, AnswerFraming framing, std::vector<SharedPart> parts) {
    std::size_t size = 0;
    for (const SharedPart& part : parts) size += part.text.size();
    const bool has_body = status_has_body(response.status);
    if (has_body) framing.length = size;
    write_head(response, framing, {});
    for (SharedPart& part : parts) {
        if (!is_head_ && has_body) output_.append_shared(std::move(part.bytes), part.text);
    }
    finish_answer();
}

void HttpConnection::write_stream(const HttpResponse& response, AnswerFraming framing, std::unique_ptr<BodySource> source) {
    const bool has_body = status_has_body(response.status);
    body_left_ = has_body ? source->length() : std::nullopt;
    framing.length = body_left_;
    // RFC 9112 section 6.3: HTTP/1.0 knows no chunks; there the end of the connection is the end of the body.
    chunked_ = has_body && !body_left_ && version_minor_ > 0;
    if (has_body && !body_left_ && !chunked_) framing.close = last_ = true;
    framing.chunked = chunked_;
    write_head(response, framing, {});
    if (is_head_ || !has_body) return finish_answer();
    exchange_ = ExchangeState::Streaming;
    table_.loop().spawn(pump(&table_, slot_, generation_, std::move(source)));
    flush_later();
    watch();
}

void HttpConnection::write_head(const HttpResponse& response, const AnswerFraming& framing, std::string_view body) {
    std::string& scratch = table_.scratch();
    scratch.clear();
    append_head(scratch, response.status, response.headers, framing);
    scratch.append(body);
    output_.append(scratch);
}

void HttpConnection::finish_answer() {
    exchange_ = ExchangeState::None;
    flush_later();
}

Task<void> HttpConnection::pump(ConnectionTable* table, std::uint32_t slot, std::uint32_t generation, std::unique_ptr<BodySource> source) {
    while (true) {
        Result<std::string> piece = co_await next_piece(source.get());
        HttpConnection* connection = table->find(slot, generation);
        if (!connection || !connection->take_piece(std::move(piece))) co_return;
        const auto start = [connection](Completer<bool> completer) { connection->written_.emplace(std::move(completer)); };
        co_await suspend<bool>(start);
    }
}

// False: that was the last piece, or the connection has been cut.
bool HttpConnection::take_piece(Result<std::string> piece) {
    if (!piece) {
        log::warn("an answer was cut short: {}", piece.error().message);
        abandon();
        return false;
    }
    if (piece->empty()) return end_body();
    if (body_left_ && piece->size() > *body_left_) {
        log::error("defect: a body source yields more than it announced");
        abandon();
        return false;
    }
    if (body_left_) *body_left_ -= piece->size();
    if (chunked_) output_.append(fmt::format("{:x}\r\n", piece->size()));
    output_.append_shared(share(std::move(*piece)));
    if (chunked_) output_.append("\r\n");
    flush_later();
    return true;
}

bool HttpConnection::end_body() {
    if (body_left_.value_or(0) > 0) {
        log::error("defect: a body source yields less than it announced");
        abandon();
    } else {
        if (chunked_) output_.append("0\r\n\r\n");
        finish_answer();
    }
    return false;
}

void HttpConnection::flush_later() {
    update_busy();
    if (phase_ == Phase::Open && !std::exchange(flush_pending_, true)) table_.flush_later(slot_);
}

void HttpConnection::flush() {
    flush_pending_ = false;
    if (phase_ != Phase::Open) return;
    std::array<iovec, kPiecesPerWrite> pieces;
    while (!output_.empty()) {
        const IoResult result = stream_.write(output_.gather(pieces));
        if (result.status == IoStatus::Broken) return abandon();
        if (result.status == IoStatus::WouldBlock) {
            if (!write_timer_.armed()) write_timer_.arm(table_.loop().timers(), table_.limits().write_timeout);
            if (!stream_.wait_writable(Stream::call<HttpConnection, &HttpConnection::flush>, this)) abandon();
            return;
        }
        output_.consume(result.bytes);
        write_timer_.cancel();
    }
    on_flushed();
}

void HttpConnection::on_flushed() {
    update_busy();
    if (written_) std::exchange(written_, std::nullopt)->complete(true);
    if (exchange_ != ExchangeState::None) return;
    if (last_) return linger();
    run();
}

void HttpConnection::on_write_deadline() {
    abandon();
}

}  // namespace parley::net

#include "parley/net/websocket.hpp"

#include <fmt/core.h>
#include <boost/asio/io_context.hpp>

#include <utility>

#include "prefetch.hpp"
#include "websocket_connection.hpp"
#include "websocket_extensions.hpp"
#include "websocket_frame.hpp"
#include "websocket_handshake.hpp"

namespace parley::net {
namespace {

constexpr std::size_t kFlushesKept = 1024;              // room for so many is kept between turns
constexpr std::size_t kBytesPerTurn = 8 * 1024 * 1024;  // some milliseconds' worth

}  // namespace

OpenWebSockets& OpenWebSockets::of(Loop& loop) {
    return boost::asio::use_service<OpenWebSockets>(loop.context());
}

void OpenWebSockets::add(std::shared_ptr<WebSocketConnection> connection) {
    connection->open_index_ = static_cast<std::uint32_t>(open_.size());
    connection->loop_.heap_trim().arrived();
    open_.push_back(std::move(connection));
}

std::shared_ptr<WebSocketConnection> OpenWebSockets::remove(WebSocketConnection& connection) {
    const std::size_t index = connection.open_index_;
    auto removed = std::exchange(open_[index], std::move(open_.back()));
    if (open_[index]) open_[index]->open_index_ = static_cast<std::uint32_t>(index);
    open_.pop_back();
    if (open_.size() < open_.capacity() / 4) open_.shrink_to_fit();
    connection.loop_.heap_trim().left();
    return removed;
}

void OpenWebSockets::flush_later(WebSocketConnection& connection) {
    if (dirty_.empty()) connection.loop_.defer([this] { flush_dirty(); });
    dirty_.push_back(&connection);
}

void OpenWebSockets::flush_dirty() {
    // A handler may queue again meanwhile: that is for the next turn.
    flushing_.swap(dirty_);
    std::size_t next = 0;
    for (std::size_t written = 0; next < flushing_.size() && written < kBytesPerTurn; ++next) {
        if (next + 2 < flushing_.size()) prefetch(flushing_[next + 2], sizeof(WebSocketConnection));
        if (next + 1 < flushing_.size()) flushing_[next + 1]->prefetch_output();
        written += flushing_[next]->flush();
    }
    if (next < flushing_.size()) {
        if (postponed_.empty()) go_on_later(flushing_[next]->loop_);
        for (; next < flushing_.size(); ++next) postponed_.push_back(flushing_[next]->postpone());
    }
    flushing_.clear();
    if (flushing_.capacity() > kFlushesKept) flushing_.shrink_to_fit();
}

// Posted, not deferred: what is ready to be read comes in between.
void OpenWebSockets::go_on_later(Loop& loop) {
    loop.post([this] { flush_postponed(); });
}

void OpenWebSockets::flush_postponed() {
    std::size_t next = 0;
    for (std::size_t written = 0; next < postponed_.size() && written < kBytesPerTurn; ++next) written += postponed_[next]->flush();
    if (next < postponed_.size()) go_on_later(postponed_[next]->loop_);
    postponed_.erase(postponed_.begin(), postponed_.begin() + static_cast<std::ptrdiff_t>(next));
    if (postponed_.empty() && postponed_.capacity() > kFlushesKept) postponed_.shrink_to_fit();
}

void OpenWebSockets::shutdown() {
    dirty_.clear();
    for (const auto& connection : open_) connection->forget_loop();
    open_.clear();
    postponed_.clear();
}

DeflateStreams& OpenWebSockets::deflate_streams() {
    if (!deflate_streams_) deflate_streams_ = std::make_unique<DeflateStreams>();
    return *deflate_streams_;
}

namespace {

// One allocation: the frame's owners own the other as well.
struct CompressibleFrame {
    std::string frame;
    DeflatedFrame deflated;
};

PreparedMessage prepare(Opcode opcode, std::string_view payload, bool compress) {
    if (!compress) return {share(encode_frame(opcode, payload))};
    auto both = std::make_shared<CompressibleFrame>();
    both->frame = encode_frame(opcode, payload);
    return {SharedBytes(both, &both->frame), &both->deflated};
}

}  // namespace

PreparedMessage PreparedMessage::text(std::string_view payload, bool compress) {
    return prepare(Opcode::Text, payload, compress);
}

PreparedMessage PreparedMessage::binary(std::string_view payload, bool compress) {
    return prepare(Opcode::Binary, payload, compress);
}

std::shared_ptr<WebSocket> WebSocket::adopt(Loop& loop, DetachedConnection connection, std::string_view sec_websocket_key,
                                            std::string_view extra_headers, const WebSocketOptions& options, WebSocketHandler& handler,
                                            std::string_view sec_websocket_extensions) {
    std::string unread = std::move(connection.unread);
    std::string headers(extra_headers);
    DeflateTerms terms;
    if (const auto agreed = options.deflate ? agree_on_deflate(sec_websocket_extensions, *options.deflate) : std::nullopt) {
        terms = DeflateTerms::of(*options.deflate, agreed->window_bits);
        headers += fmt::format("Sec-WebSocket-Extensions: {}\r\n", agreed->answer);
    }
    auto adopted = std::make_shared<WebSocketConnection>(loop, std::move(connection), options, terms, handler);
    adopted->start(switching_protocols(sec_websocket_key, headers), std::move(unread));
    return adopted;
}

}  // namespace parley::net

#include "parley/net/websocket.hpp"

#include <boost/asio/io_context.hpp>
#include <utility>

#include "websocket_connection.hpp"
#include "websocket_frame.hpp"
#include "websocket_handshake.hpp"

namespace parley::net {

OpenWebSockets& OpenWebSockets::of(Loop& loop) {
    return boost::asio::use_service<OpenWebSockets>(loop.context());
}

void OpenWebSockets::add(std::shared_ptr<WebSocketConnection> connection) {
    connection->open_index_ = static_cast<std::uint32_t>(open_.size());
    open_.push_back(std::move(connection));
}

std::shared_ptr<WebSocketConnection> OpenWebSockets::remove(WebSocketConnection& connection) {
    const std::size_t index = connection.open_index_;
    auto removed = std::exchange(open_[index], std::move(open_.back()));
    if (open_[index]) open_[index]->open_index_ = static_cast<std::uint32_t>(index);
    open_.pop_back();
    return removed;
}

void OpenWebSockets::flush_later(Loop& loop, std::shared_ptr<WebSocketConnection> connection) {
    if (dirty_.empty()) loop.defer([this] { flush_dirty(); });
    dirty_.push_back(std::move(connection));
}

void OpenWebSockets::flush_dirty() {
    // A handler may queue again meanwhile: that is for the next turn.
    const auto batch = std::exchange(dirty_, {});
    for (const auto& connection : batch) connection->flush();
}

void OpenWebSockets::shutdown() {
    dirty_.clear();
    for (const auto& connection : open_) connection->forget_loop();
    open_.clear();
}

PreparedMessage PreparedMessage::text(std::string_view payload) {
    return {share(encode_frame(Opcode::Text, payload))};
}

PreparedMessage PreparedMessage::binary(std::string_view payload) {
    return {share(encode_frame(Opcode::Binary, payload))};
}

std::shared_ptr<WebSocket> WebSocket::adopt(Loop& loop, DetachedConnection connection, std::string_view sec_websocket_key,
                                            std::string_view extra_headers, const WebSocketOptions& options, WebSocketHandler& handler) {
    std::string unread = std::move(connection.unread);
    auto adopted = std::make_shared<WebSocketConnection>(loop, std::move(connection), options, handler);
    adopted->start(switching_protocols(sec_websocket_key, extra_headers), std::move(unread));
    return adopted;
}

}  // namespace parley::net

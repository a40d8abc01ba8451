// A session without a transport: keeps what is sent to it, and closes when told to, in a later turn as the real one does.
#pragma once

#include <string>
#include <vector>

#include "hub.hpp"
#include "parley/engineio/session.hpp"

namespace parley::socketio {

class FakeSession final : public engineio::Session {
public:
    FakeSession(Loop& loop, Hub& hub, unsigned protocol = 4) : protocol_(protocol), loop_(loop), handler_(hub.open(*this)) {}

    const std::string& id() const override { return id_; }
    Loop& loop() const override { return loop_; }
    const net::IpAddress& client_address() const override { return address_; }
    bool secure() const override { return true; }
    const std::string& query() const override { return query_; }
    const std::shared_ptr<const void>& identity() const override { return identity_; }
    std::chrono::sys_seconds opened_at() const override { return std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000)); }
    const net::RequestHead* request_head() const override { return request_head_.get(); }
    unsigned protocol() const override { return protocol_; }
    bool on_websocket() const override { return websocket_; }
    bool writable() const override { return writable_ && handler_ != nullptr; }

    void send_text(std::string_view message, bool compress) override { record(std::string(message), compress); }
    void send_binary(std::string_view message, bool compress) override { record("binary:" + std::string(message), compress); }
    void send(const engineio::PreparedPacket& packet) override { record(text_of(packet), packet.compress); }
    void send_latest(std::uint32_t channel, const engineio::PreparedPacket& packet) override {
        record("latest " + std::to_string(channel) + ":" + text_of(packet));
    }
    void close(engineio::CloseReason reason, net::CloseCode code, std::string_view) override {
        if (!close_code_) close_code_ = code;
        close_reason_ = reason;
        loop_.post([this] { end(close_reason_); });
    }

    // What the client and the transport do.
    void receive(std::string_view text) {
        if (handler_) handler_->on_message(std::string(text), false);
    }
    void receive_binary(std::string_view bytes) {
        if (handler_) handler_->on_message(bytes, true);
    }
    void upgrade() {
        websocket_ = true;
        handler_->on_upgraded();
    }
    void end(engineio::CloseReason reason) {
        if (!handler_) return;
        handler_->on_closed(reason);
        handler_.reset();
    }

    std::vector<std::string> take_sent() { return std::exchange(sent_, {}); }
    bool open() const { return handler_ != nullptr; }
    std::optional<net::CloseCode> close_code() const { return close_code_; }
    // The next send overflows the queue: the session closes itself within it.
    void overflow_next() { overflows_ = true; }

    std::string query_ = "EIO=4&transport=polling&userId=a%20b&t=x";
    std::shared_ptr<const void> identity_;
    std::unique_ptr<net::RequestHead> request_head_;
    unsigned protocol_;
    std::size_t uncompressed_ = 0;  // so many messages were not to be compressed
    bool writable_ = true;

private:
    static std::string text_of(const engineio::PreparedPacket& packet) {
        return packet.binary ? "binary:" + std::string(packet.packet()) : std::string(packet.packet().substr(1));
    }
    void record(std::string message, bool compress = true) {
        uncompressed_ += compress ? 0 : 1;
        if (std::exchange(overflows_, false)) return end(engineio::CloseReason::TooSlow);
        sent_.push_back(std::move(message));
    }

    Loop& loop_;
    std::string id_ = "engine-id";
    net::IpAddress address_ = *net::IpAddress::parse("192.0.2.7");
    bool websocket_ = false;
    bool overflows_ = false;
    std::vector<std::string> sent_;
    std::optional<net::CloseCode> close_code_;
    engineio::CloseReason close_reason_ = engineio::CloseReason::ForcedClose;
    std::unique_ptr<engineio::SessionHandler> handler_;
};

}  // namespace parley::socketio

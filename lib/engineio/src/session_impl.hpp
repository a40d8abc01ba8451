// SessionImpl: the state of one session: a queue and a waiting poll, then a WebSocket, and between them the upgrade.
// Threading: loop-confined. Ownership: its Shard.
//
// Open       messages flow.
// Lingering  closed on polling with no poll waiting: the farewell (what is queued, packet `1`) waits for the next poll, or for packet `5` of an upgrade
//            that is nearly complete. The handler is gone.
// Closed     to be destroyed at the end of the turn.
// Invariants: exactly one of polling_ and websocket_ is set while Open; upgrade_ only with polling_; a poll waits only while nothing is queued,
// but for the rest of the turn that queued it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "carrier.hpp"
#include "parley/engineio/packet.hpp"
#include "parley/engineio/session.hpp"
#include "reply.hpp"

namespace parley::engineio {

class Shard;

// How the packets of a polling answer are put together.
enum class PayloadFormat : std::uint8_t { Version4, Version3Text, Version3Bytes };

// What a session keeps of the request that opened it.
struct Opening {
    net::IpAddress address;
    bool secure = false;
    std::uint8_t protocol = 4;
    bool base64 = false;  // version 3: the transport in use carries no bytes
    std::string query;
    std::shared_ptr<const void> identity;
    std::chrono::sys_seconds at;
    std::unique_ptr<const net::RequestHead> head;  // if they are kept
};

class SessionImpl final : public Session {
public:
    SessionImpl(Shard& shard, std::string id, Opening opening);
    ~SessionImpl() override;

    const std::string& id() const override { return id_; }
    Loop& loop() const override;
    const net::IpAddress& client_address() const override { return opening_.address; }
    bool secure() const override { return opening_.secure; }
    const std::string& query() const override { return opening_.query; }
    const std::shared_ptr<const void>& identity() const override { return opening_.identity; }
    std::chrono::sys_seconds opened_at() const override { return opening_.at; }
    const net::RequestHead* request_head() const override { return opening_.head.get(); }
    unsigned protocol() const override { return protocol_; }
    bool on_websocket() const override { return websocket_ != nullptr; }
    bool writable() const override;

    void send_text(std::string_view message, bool compress) override;
    void send_binary(std::string_view message, bool compress) override;
    void send(const PreparedPacket& packet) override;
    void send_latest(std::uint32_t channel, const PreparedPacket& packet) override;
    void close(CloseReason reason, net::CloseCode code, std::string_view text) override;

    bool is_open() const { return state_ == State::Open; }
    // A POST that packet `5` has overtaken is still taken while nothing it could be behind of has come.
    bool takes_posts() const { return !websocket_ || !heard_on_websocket_; }

    // The first request, over either transport.
    void open_on_polling(Reply reply);
    void open_on_websocket(net::DetachedConnection connection, const WebSocketRequest& request);

    // Polling.
    void poll(Reply reply);
    void receive(std::string_view body, bool octet_stream, Reply reply);
    void poll_aborted();

    // The upgrade: reserved when its request arrives, attached when it has been admitted. A reservation ends by itself after upgrade_timeout.
    // nullopt: this session cannot be upgraded, now or ever.
    std::optional<std::uint32_t> reserve_upgrade();
    void release_upgrade(std::uint32_t ticket);
    // `identity` replaces the session's when the upgrade completes; nullopt: it stays. Without that reservation the connection is closed.
    void attach_upgrade(std::uint32_t ticket, net::DetachedConnection connection, const WebSocketRequest& request,
                        std::optional<std::shared_ptr<const void>> identity);

    // Of either WebSocket.
    void on_frame(const Carrier& carrier, std::string_view payload, bool binary);
    void on_drained(const Carrier& carrier);
    void on_websocket_closed(const Carrier& carrier, net::CloseCode code, std::string_view reason);

    // Of the shard.
    void flush();
    void settle();
    void shut_down();
    void stop_lingering();

private:
    enum class State : std::uint8_t { Open, Lingering, Closed };
    enum class Pong : std::uint8_t { NotAwaited, Awaited, AwaitedLonger };
    // A packet that waits for a poll: the whole of `bytes`, or what follows `offset` in a WebSocket frame.
    struct Outgoing {
        SharedBytes bytes;
        std::uint32_t offset;
        bool binary;
        bool compress;
        std::string_view packet() const { return std::string_view(*bytes).substr(offset); }
    };
    struct Latest {
        std::uint32_t channel;
        PreparedPacket packet;
    };
    struct Polling {
        Reply waiting;
        std::vector<Outgoing> queue;
        std::size_t queued_bytes = 0;  // beyond the first packet
    };
    struct Upgrade;

    using Clock = TimerWheel::Clock;

    std::string open_packet(bool upgrades) const;
    void start();
    void carry_by(std::unique_ptr<Carrier> carrier);  // nullptr: by WebSocket no more
    void on_frame_v3(std::string_view payload, bool binary);
    void on_packet(const Packet& packet);
    void deliver(std::string_view message, bool binary);
    void send_control(std::string_view packet);
    void write_binary(net::WebSocket& socket, std::string_view message, bool compress);
    void enqueue(Outgoing packet);
    void send_queued_latest();

    bool beats_by_client() const { return protocol_ == 3; }
    bool awaits_client() const { return beats_by_client() || pong_ != Pong::NotAwaited; }
    std::chrono::milliseconds client_beat() const;
    void start_heartbeat();
    void expect_within(Clock::time_point from, std::chrono::milliseconds delay);
    void on_timer();
    void on_ping(const Packet& packet);
    void on_pong();
    void on_sign_of_life();
    void close_as_silent();
    void close_if_overdue();

    bool has_output() const { return !polling_->queue.empty() || latest_; }
    std::span<const Latest> latest() const { return latest_ ? std::span<const Latest>(*latest_) : std::span<const Latest>(); }
    void answer_poll(Reply reply, std::string_view last_packet = {});
    PayloadFormat format() const;
    void answer_with(Reply reply, std::string_view packet) const;
    template <class Reader>
    void receive_all(Reader reader);
    void end_polling();
    void end_websocket(net::CloseCode code, std::string_view text);
    void linger();

    void on_probe_frame(std::string_view payload, bool binary);
    void on_probe_ping();
    void on_noop_timer();
    void on_upgrade_timeout();
    void complete_upgrade();
    void write_backlog(net::WebSocket& socket, const Polling& polling);
    void drop_upgrade(net::CloseCode code, std::string_view text);

    // What every message needs, side by side: a broadcast to thousands waits for memory most of the time.
    Shard& shard_;
    std::unique_ptr<SessionHandler> handler_;
    std::unique_ptr<Carrier> websocket_;
    net::WebSocket* wire_ = nullptr;  // websocket_'s, while it is set
    std::unique_ptr<Polling> polling_;
    CloseReason reason_ = CloseReason::TransportClose;
    State state_ = State::Open;
    Pong pong_ = Pong::NotAwaited;
    const std::uint8_t protocol_;
    bool heard_on_websocket_ = false;  // a packet has come over WebSocket
    bool flushing_ = false;            // waits for the end of the turn to be flushed
    bool settling_ = false;            // waits for the end of the turn to be settled
    net::CloseCode close_code_ = net::CloseCode::Normal;

    std::unique_ptr<std::vector<Latest>> latest_;  // nullptr: none waits
    std::unique_ptr<Upgrade> upgrade_;
    const std::string id_;
    Opening opening_;
    Clock::time_point due_;                                                // the next ping, pong, or in version 3 the client's ping
    Timer timer_{Timer::call<SessionImpl, &SessionImpl::on_timer>, this};  // heartbeat; the end while Lingering
};

}  // namespace parley::engineio

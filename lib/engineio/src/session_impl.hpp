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

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "carrier.hpp"
#include "parley/engineio/packet.hpp"
#include "parley/engineio/session.hpp"
#include "reply.hpp"

namespace parley::engineio {

class Shard;

// What a session keeps of the request that opened it.
struct Opening {
    net::IpAddress address;
    bool secure = false;
    std::string query;
    std::shared_ptr<const void> identity;
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
    bool on_websocket() const override { return websocket_ != nullptr; }

    void send_text(std::string_view message) override;
    void send_binary(std::string_view message) override;
    void send(const PreparedPacket& packet) override;
    void send_latest(std::uint32_t channel, const PreparedPacket& packet) override;
    void close(CloseReason reason, net::CloseCode code, std::string_view text) override;

    bool is_open() const { return state_ == State::Open; }

    // The first request, over either transport.
    void open_on_polling(Reply reply);
    void open_on_websocket(net::DetachedConnection connection, std::string_view sec_websocket_key);

    // Polling.
    void poll(Reply reply);
    void receive(std::string_view body, bool octet_stream, Reply reply);
    void poll_aborted();

    // The upgrade: reserved when its request arrives, attached when it has been admitted. A reservation ends by itself after upgrade_timeout.
    // nullopt: this session cannot be upgraded, now or ever.
    std::optional<std::uint32_t> reserve_upgrade();
    void release_upgrade(std::uint32_t ticket);
    // `identity` replaces the session's when the upgrade completes; nullopt: it stays. Without that reservation the connection is closed.
    void attach_upgrade(std::uint32_t ticket, net::DetachedConnection connection, std::string_view sec_websocket_key,
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
    // A packet that waits for a poll: the whole of `bytes`, or what follows `offset` in a WebSocket frame.
    struct Outgoing {
        SharedBytes bytes;
        std::uint32_t offset;
        bool binary;
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

    void start();
    void on_timer();
    void send_control(std::string_view packet);
    void on_packet(const Packet& packet);
    void deliver(std::string_view message, bool binary);
    void enqueue(Outgoing packet);
    void send_queued_latest();

    bool has_output() const { return !polling_->queue.empty() || !latest_.empty(); }
    void answer_poll(Reply reply, std::string_view last_packet = {});
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

    Shard& shard_;
    const std::string id_;
    Opening opening_;
    std::unique_ptr<SessionHandler> handler_;

    std::unique_ptr<Polling> polling_;
    std::unique_ptr<Carrier> websocket_;
    std::unique_ptr<Upgrade> upgrade_;
    std::vector<Latest> latest_;
    Timer timer_{Timer::call<SessionImpl, &SessionImpl::on_timer>, this};  // heartbeat; the end while Lingering

    net::CloseCode close_code_ = net::CloseCode::Normal;
    CloseReason reason_ = CloseReason::TransportClose;
    State state_ = State::Open;
    bool awaits_pong_ = false;
    bool heard_on_websocket_ = false;  // a packet has come over WebSocket
    bool flushing_ = false;            // waits for the end of the turn to be flushed
    bool settling_ = false;            // waits for the end of the turn to be settled
};

}  // namespace parley::engineio

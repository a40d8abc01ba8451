// WebSocketConnection: what websocket.hpp promises, on a Stream. The protocol's bytes are FrameReader's, the order of events and the end are here.
// OpenWebSockets: the open connections of one loop, those among them that have queued something in this turn, and the compression they share.
// A turn writes some megabytes at most, so that the loop comes to other work when much goes to many: who is left over goes on in the turns that follow,
// each of which writes first what it has queued itself.
// Threading: loop-confined, both.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parley/net/websocket.hpp"
#include "stream.hpp"
#include "websocket_deflate.hpp"
#include "websocket_frame.hpp"
#include "write_queue.hpp"

namespace parley::net {

class WebSocketConnection;

// Owns connections from start() until they are cut, or until the loop is destroyed: a service of the loop's context, so that it goes with it.
class OpenWebSockets : public boost::asio::execution_context::service {
public:
    static OpenWebSockets& of(Loop& loop);

    void add(std::shared_ptr<WebSocketConnection> connection);
    // Gives the connection's own reference back.
    std::shared_ptr<WebSocketConnection> remove(WebSocketConnection& connection);
    // The connection's flush() is called at the end of this turn.
    void flush_later(WebSocketConnection& connection);
    DeflateStreams& deflate_streams();

    static inline boost::asio::execution_context::id id;  // the key of use_service
    explicit OpenWebSockets(boost::asio::execution_context& context) : service(context) {}

private:
    void shutdown() override;
    void flush_dirty();
    void flush_postponed();
    void go_on_later(Loop& loop);

    std::vector<std::shared_ptr<WebSocketConnection>> open_;
    std::vector<WebSocketConnection*> dirty_;  // alive: what is removed in a turn is destroyed after that turn's flush
    std::vector<WebSocketConnection*> flushing_;
    // For later turns, first come first served. One that is cut meanwhile stays until it is its turn.
    std::vector<std::shared_ptr<WebSocketConnection>> postponed_;
    std::unique_ptr<DeflateStreams> deflate_streams_;
};

class WebSocketConnection final : public WebSocket {
public:
    WebSocketConnection(Loop& loop, DetachedConnection connection, const WebSocketOptions& options, DeflateTerms deflate,
                        WebSocketHandler& handler);
    // Once, after the constructor.
    void start(std::string_view handshake, std::string unread);
    // Writes what has been queued; called at the end of a turn. How many bytes it got rid of, or a little less.
    std::size_t flush();
    // flush() comes in a later turn; until then the connection is blocked().
    std::shared_ptr<WebSocketConnection> postpone();
    // Asks for what flush() will look at.
    void prefetch_output() const;
    // The loop is being destroyed: does nothing from here on, whoever still holds it.
    void forget_loop();

    SendResult send_text(std::string_view payload, bool compress) override { return send_message(Opcode::Text, payload, compress); }
    SendResult send_binary(std::string_view payload, bool compress) override { return send_message(Opcode::Binary, payload, compress); }
    SendResult send(const PreparedMessage& message) override;
    void close(CloseCode code, std::string_view reason) override;
    void abort() override;
    std::size_t queued_bytes() const override { return queue_.bytes(); }
    bool blocked() const override { return blocked_ || postponed_; }

private:
    // Frames are read in the first two states; what comes later is thrown away.
    enum class State : std::uint8_t {
        Open,
        CloseSent,  // our close frame is queued or written, the peer's is awaited; messages are no longer delivered
        Finishing,  // both close frames are there: the socket is cut when the queue is empty
        Lingering,  // failed, and the handler has been told: our close frame is given time to arrive
        Cut,        // the socket is closed
    };
    struct Ending {
        CloseCode code;
        std::string reason;
    };

    void wait_readable();
    void on_readable();
    void take_input(std::span<char> input);
    void on_event(const FrameEvent& event);
    void on_message(const FrameEvent& event);
    void on_ping(std::string_view payload);
    void on_peer_close(CloseCode code, std::string_view reason);

    SendResult send_message(Opcode opcode, std::string_view payload, bool compress);
    SendResult send_frame(Opcode opcode, std::string_view payload);
    SendResult send_shared(const SharedBytes& frame);
    bool make_room(std::size_t frame_bytes);
    bool fits(std::size_t frame_bytes) const { return queue_.bytes() - first_frame_left_ + frame_bytes <= max_queued_bytes_; }
    SendResult queued();
    void queue_small_frame(Opcode opcode, std::string_view payload);
    void mark_dirty();
    void write_queued();
    void on_writable();
    void after_write();

    void start_closing(State state, CloseCode code, std::string_view reason, std::string_view close_payload);
    void fail(CloseCode code, std::string_view why);
    void on_broken();
    void cut();
    void notify_later();
    template <class Call>
    void call_handler(Call call);

    std::shared_ptr<WebSocketConnection> self() { return std::static_pointer_cast<WebSocketConnection>(shared_from_this()); }

    friend class OpenWebSockets;

    // What every message touches lies together: with thousands of connections each line of memory has to be fetched anew.
    WebSocketHandler* handler_;  // nullptr after on_close
    Loop& loop_;
    OpenWebSockets& open_ones_;
    Stream stream_;
    FrameReader reader_;
    WriteQueue queue_;
    std::size_t first_frame_left_ = 0;  // unwritten bytes of the frame that was queued when nothing else was: it does not count for the cap
    std::unique_ptr<std::string> late_pong_;
    State state_ = State::Open;
    bool dirty_ = false;         // in the loop's flush batch
    bool postponed_ = false;     // dirty, and others are written first
    bool blocked_ = false;       // the socket took less than was offered: a write wait is pending
    bool owes_drained_ = false;  // was blocked or postponed since the queue was last empty
    bool notified_ = false;      // on_close has been called or will be
    const DeflateTerms deflate_;
    const std::size_t max_queued_bytes_;

    const std::chrono::milliseconds close_timeout_;
    std::shared_ptr<void> slot_;
    std::unique_ptr<Ending> ending_;
    Timer timer_{Timer::call<WebSocketConnection, &WebSocketConnection::cut>, this};  // runs from the first close frame on
    std::uint32_t open_index_ = 0;                                                    // of OpenWebSockets
};

}  // namespace parley::net

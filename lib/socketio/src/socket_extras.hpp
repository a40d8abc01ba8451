// SocketExtras: what few sockets have: handlers of their own, data, acknowledgements they wait for, a session to come back to.
// Threading: the socket's loop.
#pragma once

#include <algorithm>
#include <any>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "handlers.hpp"
#include "parley/async/timer.hpp"
#include "parley/socketio/socket.hpp"
#include "recovery_log.hpp"

namespace parley::socketio {

// The handlers that one socket's program has given it. Any of them may add and remove others while the list is being called.
template <class Signature>
class OwnHandlers {
public:
    struct Entry {
        HandlerId id;
        std::string event;  // "" where handlers are of no single event
        bool once;
        std::function<Signature> function;
        bool gone = false;
    };

    void add(HandlerId id, std::string event, std::function<Signature> function, bool once = false, bool first = false) {
        auto entry = std::make_shared<Entry>(Entry{id, std::move(event), once, std::move(function)});
        entries_.insert(first ? entries_.begin() : entries_.end(), std::move(entry));
    }
    template <class Matches>
    void remove_if(Matches matches) {
        std::erase_if(entries_, [&](const auto& entry) {
            if (!matches(*entry)) return false;
            entry->gone = true;
            return true;
        });
    }
    void remove(HandlerId id) {
        remove_if([id](const Entry& entry) { return entry.id == id; });
    }

    std::size_t count(std::string_view event) const {
        std::size_t count = 0;
        for (const auto& entry : entries_) count += entry->event == event;
        return count;
    }
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }

    // Those of the event that are in the list now. Each may be called if it may still begin().
    std::vector<std::shared_ptr<Entry>> all(std::string_view event) const {
        std::vector<std::shared_ptr<Entry>> all;
        std::ranges::copy_if(entries_, std::back_inserter(all), [event](const auto& entry) { return entry->event == event; });
        return all;
    }
    // False: it has been taken away meanwhile. What counts once leaves the list.
    bool begin(const Entry& entry) {
        if (entry.gone) return false;
        if (entry.once) remove(entry.id);
        return true;
    }

private:
    std::vector<std::shared_ptr<Entry>> entries_;
};

template <class Signature, class... Parameters>
void call_own(std::string_view name, OwnHandlers<Signature>& handlers, Parameters&... parameters) {
    for (const auto& entry : handlers.all("")) {
        if (handlers.begin(*entry)) guarded(name, [&] { entry->function(parameters...); });
    }
}

// An acknowledgement that the client owes.
class PendingAck {
public:
    PendingAck(Socket& socket, AckId id, Socket::AckHandler done) : done(std::move(done)), socket_(socket), id_(id) {}
    void arm(TimerWheel& wheel, std::chrono::milliseconds timeout) { timer_.arm(wheel, timeout); }

    Socket::AckHandler done;

private:
    void on_timeout();

    Socket& socket_;
    const AckId id_;
    Timer timer_{Timer::call<PendingAck, &PendingAck::on_timeout>, this};
};

// Of a socket that can recover.
struct RecoveryState {
    std::string pid;
    LogPosition connected_at = 0;
    std::vector<RoomMembership> rooms;  // its own id among them

    // What was emitted to the room before may still be on its way. Rooms left are remembered as far as kLeftKept.
    static constexpr std::ptrdiff_t kLeftKept = 32;
    void leave(std::string_view room, LogPosition at);
};

// An event on its way past the socket's middleware.
struct EventPassage : std::enable_shared_from_this<EventPassage> {
    EventPassage(SocketHandle socket, IncomingEvent event, Ack ack)
        : socket(std::move(socket)), event(std::move(event)), ack(std::move(ack)) {}
    void proceed(Socket& receiver);
    static void refuse(Socket& receiver, std::string_view message);

    const SocketHandle socket;
    IncomingEvent event;
    Ack ack;
    std::size_t next = 0;
};

using PendingAcks = std::unordered_map<AckId, std::unique_ptr<PendingAck>>;

// Handlers of its own.
struct SocketHandlers {
    using AnySignature = void(std::string_view, const Arguments&);

    HandlerId next = 1;
    OwnHandlers<void(Arguments, Ack)> events;
    OwnHandlers<AnySignature> any;
    OwnHandlers<AnySignature> any_outgoing;
    OwnHandlers<void(std::string_view)> error;
    OwnHandlers<void(DisconnectReason)> disconnecting;
    OwnHandlers<void(DisconnectReason)> disconnect;
    OwnHandlers<void()> upgrade;
    std::vector<std::shared_ptr<EventMiddleware>> middlewares;
};

// Each part is there when it is first used.
struct SocketExtras {
    std::unique_ptr<SocketHandlers> handlers;
    std::unique_ptr<PendingAcks> acks;
    std::unique_ptr<RecoveryState> recovery;  // nullptr: it cannot
    std::unique_ptr<Value> auth;              // nullptr: Null
    std::unique_ptr<Value> data;              // nullptr: Null
};

}  // namespace parley::socketio

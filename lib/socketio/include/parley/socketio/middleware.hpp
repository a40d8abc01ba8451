// Middleware: functions that look at who wants to connect, or at what came, before the handlers do.
//
//     io.use([](Socket& socket, Next next) {
//         if (socket.auth()["token"] == "open") return next();
//         next.refuse({"not authorized", Object{{"code", "E_AUTH"}}});       // connect_error: error.message, error.data
//     });
//
// They run in the order added, each when the one before it has let the connection pass. One may answer later, from any thread.
// Threading: called on the socket's loop; Next and EventNext may be used from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "parley/socketio/arguments.hpp"

namespace parley::socketio {

class Socket;

// Why a connection is refused. The client hears `connect_error` with this message, and with `data` unless it is Null.
struct ConnectError {
    std::string message;
    Value data;
};

// The right to let a connection pass or to refuse it; only the first answer counts. While one waits the Socket& of its middleware stays valid (on its
// loop), even if the client leaves meanwhile. Given up unanswered it refuses. When the client has left, or the Server has ended, it does nothing.
class Next {
public:
    struct State;
    explicit Next(std::shared_ptr<State> state) : state_(std::move(state)) {}
    void operator()() const;
    void refuse(ConnectError error) const;

private:
    std::shared_ptr<State> state_;
};

using Middleware = std::function<void(Socket&, Next)>;

// An event on its way to a socket's handlers.
struct IncomingEvent {
    std::string name;
    Arguments arguments;
};

// The right to let an event pass. refuse(): its handlers do not hear of it; the socket's on_error handlers do. Given up unanswered the event is dropped.
class EventNext {
public:
    struct State;
    explicit EventNext(std::shared_ptr<State> state) : state_(std::move(state)) {}
    void operator()() const;
    void refuse(std::string message) const;

private:
    std::shared_ptr<State> state_;
};

// May change the event before it lets it pass. The reference is valid as long as the EventNext, on the socket's loop.
using EventMiddleware = std::function<void(IncomingEvent&, EventNext)>;

}  // namespace parley::socketio

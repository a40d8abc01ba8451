// Lists of the program's functions, and how they are called: an exception is logged and ends only the function that threw it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parley/socketio/ack.hpp"
#include "parley/socketio/disconnect_reason.hpp"
#include "parley/socketio/middleware.hpp"

namespace parley::socketio {

// Pointers: a function stays where it is when it adds to the list that calls it. Shared: a namespace starts with its parent's.
template <class Signature>
using HandlerList = std::vector<std::shared_ptr<std::function<Signature>>>;

// In a catch block: logs the exception that is being handled.
void log_handler_failure(std::string_view handler);

template <class F>
void guarded(std::string_view handler, F call) {
    try {
        call();
    } catch (...) {
        log_handler_failure(handler);
    }
}

// Those that are in the list now, in the order added.
template <class Signature, class... Parameters>
void call_each(std::string_view handler, const HandlerList<Signature>& list, Parameters&... parameters) {
    for (std::size_t i = 0, count = list.size(); i < count; ++i) guarded(handler, [&] { (*list[i])(parameters...); });
}

template <class Signature>
void add_handler(HandlerList<Signature>& list, std::function<Signature> function) {
    list.push_back(std::make_shared<std::function<Signature>>(std::move(function)));
}

// Of all sockets of a namespace; unchanged once it has sockets.
struct NamespaceHandlers {
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    template <class Signature>
    using Events = std::unordered_map<std::string, HandlerList<Signature>, Hash, std::equal_to<>>;
    using SocketEvents = Events<void(Socket&, Arguments, Ack)>;

    // nullptr: none.
    const SocketEvents::mapped_type* find(std::string_view event) const {
        const auto found = events.find(event);
        return found == events.end() ? nullptr : &found->second;
    }

    std::vector<std::shared_ptr<Middleware>> middlewares;
    HandlerList<void(Socket&)> connection;
    SocketEvents events;
    HandlerList<void(Socket&, DisconnectReason)> disconnecting;
    HandlerList<void(Socket&, DisconnectReason)> disconnect;
    HandlerList<void(Socket&)> upgrade;
    Events<void(Arguments, Ack)> server_side;
};

}  // namespace parley::socketio

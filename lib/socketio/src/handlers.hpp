// Lists of the program's functions, and how they are called: an exception is logged and ends only the function that threw it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parley/socketio/socket.hpp"

namespace parley::socketio {

// Pointers: a function stays where it is when it adds to the list that calls it.
template <class Signature>
using HandlerList = std::vector<std::unique_ptr<std::function<Signature>>>;

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

// Of one socket.
struct SocketHandlers {
    struct Event {
        std::string name;
        std::function<void(Arguments, Ack)> function;
    };
    std::vector<std::unique_ptr<Event>> events;
    HandlerList<void(std::string_view, const Arguments&)> any;
    HandlerList<void(DisconnectReason)> disconnect;
    HandlerList<void()> upgrade;
};

// Of all sockets; unchanged once the loops run.
struct NamespaceHandlers {
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Events = HandlerList<void(Socket&, Arguments, Ack)>;

    // nullptr: none.
    const Events* find(std::string_view event) const {
        const auto found = events.find(event);
        return found == events.end() ? nullptr : &found->second;
    }

    HandlerList<void(Socket&)> connection;
    std::unordered_map<std::string, Events, Hash, std::equal_to<>> events;
    HandlerList<void(Socket&, DisconnectReason)> disconnect;
    HandlerList<void(Socket&)> upgrade;
};

}  // namespace parley::socketio

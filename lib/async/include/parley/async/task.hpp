// Task<T>: a coroutine that starts when it is awaited or spawned and stays on the loop where it was started (Asio's awaitable).
//
// Rules for coroutines in this project:
// - parameters by value; no string_view or reference to a temporary lives across a suspension;
// - no lambda with captures is a coroutine (its captures die before it does);
// - no lambda and no braced temporary inside a co_await expression (g++ 12 miscompiles some): name it first;
// - a coroutine's frame belongs to its loop, not to a connection: a client that leaves does not cancel it.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace parley {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace parley

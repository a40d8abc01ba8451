// Result<T>: a value or an Error. TRY and CO_TRY unwrap one or return its error to the caller.
//
//     TRY(auto packet, decode(bytes));                     // in a function that returns Result<U>
//     CO_TRY(auto user, co_await users.find(id));          // in a coroutine that returns Task<Result<U>>
//
// Both are declarations, not expressions: they may not stand alone as the body of an `if`.
#pragma once

#include <expected>
#include <utility>

#include "parley/base/error.hpp"

namespace parley {

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected<Error>(Error{code, std::move(message)});
}

inline std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(std::move(error));
}

}  // namespace parley

#define PARLEY_JOIN_(a, b) a##b
#define PARLEY_JOIN(a, b) PARLEY_JOIN_(a, b)
#define PARLEY_TRY_(result, declaration, expression, leave)       \
    auto result = (expression);                                   \
    if (!result) leave ::parley::fail(std::move(result).error()); \
    declaration = std::move(*result)

#define TRY(declaration, ...) PARLEY_TRY_(PARLEY_JOIN(try_result_, __LINE__), declaration, (__VA_ARGS__), return)
#define CO_TRY(declaration, ...) PARLEY_TRY_(PARLEY_JOIN(try_result_, __LINE__), declaration, (__VA_ARGS__), co_return)

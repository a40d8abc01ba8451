// Error: what went wrong, as a code that programs branch on and a sentence that people read.
// The codes are deliberately few. Each edge of the system (HTTP status, Socket.IO acknowledgement, disconnect reason) has one table that maps
// them to its own words; nothing else interprets a code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

enum class ErrorCode : std::uint8_t {
    InvalidArgument,   // the caller's input can never be accepted as it is
    Unauthenticated,   // no valid credential
    PermissionDenied,  // a valid credential that does not allow this
    NotFound,          // the thing named does not exist
    AlreadyExists,     // a unique key is taken
    Conflict,          // the request contradicts an earlier one (an idempotency key used again for something else)
    TooLarge,          // over a documented size limit
    RateLimited,       // over a rate limit; trying again later helps
    Unavailable,       // storage, a pool or a peer cannot serve now; trying again helps; nothing was done
    Timeout,           // a deadline passed
    Cancelled,         // the other side went away or the server stops
    Protocol,          // the peer broke a protocol
    Internal,          // a defect of ours
};

// "InvalidArgument" and so on, for logs and tests.
std::string_view to_string(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;  // a sentence without a full stop; never holds a secret

    friend bool operator==(const Error&, const Error&) = default;
};

}  // namespace parley

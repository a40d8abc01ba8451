// CloseCode: why a WebSocket ended (RFC 6455 section 7.4.1).
#pragma once

#include <cstdint>

namespace parley::net {

enum class CloseCode : std::uint16_t {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    UnsupportedData = 1003,
    NoStatus = 1005,  // never on the wire: the peer closed without a code
    Abnormal = 1006,  // never on the wire: the connection broke
    InvalidPayload = 1007,
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    InternalError = 1011,
    TryAgainLater = 1013,
};

}  // namespace parley::net

// Upgrade: a session's way from polling to WebSocket, as long as it takes (engine.io-protocol, "Upgrade").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "session_impl.hpp"

namespace parley::engineio {

struct SessionImpl::Upgrade {
    Upgrade(SessionImpl& session, std::uint32_t ticket_number)
        : ticket(ticket_number),
          timeout(Timer::call<SessionImpl, &SessionImpl::on_upgrade_timeout>, &session),
          noop(Timer::call<SessionImpl, &SessionImpl::on_noop_timer>, &session) {}

    const std::uint32_t ticket;
    std::unique_ptr<Carrier> carrier;                     // null until the request has been admitted
    std::optional<std::shared_ptr<const void>> identity;  // for the session, when complete
    bool base64 = false;                                  // of the request
    bool probed = false;                                  // `3probe` has been sent: packet `5` may be on its way
    Timer timeout;
    Timer noop;
};

}  // namespace parley::engineio

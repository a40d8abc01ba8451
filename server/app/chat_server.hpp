// ChatServer: the whole product, wired. The only place besides main.cpp that names concrete classes.
// Start: storage, then everything that stands on it, then the port: who can connect can be served.
// Threading: one controlling thread starts and stops it.
#pragma once

#include <cstdint>
#include <memory>

#include "app/options.hpp"
#include "parley/base/result.hpp"

namespace parley::app {

class ChatServer {
public:
    // Opens the data, listens, serves. Errors, each with a sentence for the person who started it: InvalidArgument, AlreadyExists (the port or the data is in
    // use), PermissionDenied, Conflict (data of a newer version), Unavailable (storage cannot be opened now; trying again may help).
    static Result<std::unique_ptr<ChatServer>> start(const Options& options);
    virtual ~ChatServer() = default;

    virtual std::uint16_t port() const = 0;
    // Any thread: whether storage can do what is asked of it now.
    virtual bool ready() const = 0;

    // Stops accepting (what is queued is still served), closes the sockets' transports so that clients come back to the next server, finishes requests,
    // closes storage. False if something was still open after options.server.stop_timeout and was cut.
    virtual bool stop() = 0;
};

}  // namespace parley::app

// Hub: everything of a Socket.IO server but its transport: the namespace, its handlers, one Shard of it per loop, the adapter between them.
// Threading: handlers are registered before the loops start; open() is called on the session's loop; deliver() and the sums on any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client.hpp"
#include "handlers.hpp"
#include "parley/async/loop.hpp"
#include "shard.hpp"

namespace parley::socketio {

class Hub {
public:
    Hub(LoopGroup& loops, ClientOptions options, const AdapterFactory& adapter);

    std::unique_ptr<engineio::SessionHandler> open(engineio::Session& session);

    // To the sockets on the calling loop at once, to those on others by one post to each loop.
    void deliver(Operation operation);

    // Any thread: `function` is called on each loop for its sockets in the room; on the calling loop within the call.
    void each_in(const std::string& room, const std::function<void(Socket&)>& function);

    NamespaceHandlers& handlers() { return handlers_; }
    Broadcast everybody() { return Broadcast(*adapter_, std::string(kDefaultNamespace)); }

    std::uint64_t sockets() const;
    std::uint64_t packets_in() const;
    std::uint64_t packets_out() const;

private:
    std::uint64_t sum(RelaxedCounter ShardCounters::* counter) const;

    const ClientOptions options_;
    NamespaceHandlers handlers_;
    std::unique_ptr<Adapter> adapter_;
    std::vector<std::unique_ptr<Shard>> shards_;  // by loop
};

}  // namespace parley::socketio

#include "hub.hpp"

namespace parley::socketio {

Hub::Hub(LoopGroup& loops, ClientOptions options, const AdapterFactory& adapter) : options_(options) {
    const Adapter::Deliver deliver_here = [this](Operation operation) { deliver(std::move(operation)); };
    adapter_ = adapter ? adapter(deliver_here) : std::make_unique<MemoryAdapter>(deliver_here);
    for (std::size_t i = 0; i < loops.size(); ++i) {
        shards_.push_back(std::make_unique<Shard>(loops[i], std::string(kDefaultNamespace), handlers_, *adapter_));
    }
}

std::unique_ptr<engineio::SessionHandler> Hub::open(engineio::Session& session) {
    return std::make_unique<Client>(session, *shards_[session.loop().index()], options_);
}

void Hub::deliver(Operation operation) {
    if (operation.nsp != kDefaultNamespace) return;
    const auto delivery = std::make_shared<const Delivery>(std::move(operation));
    Shard* here = nullptr;
    for (const auto& shard : shards_) {
        if (shard->loop().is_current()) {
            here = shard.get();
        } else {
            shard->loop().post([to = shard.get(), delivery] { to->apply(*delivery); });
        }
    }
    if (here) here->apply(*delivery);
}

void Hub::each_in(const std::string& room, const std::function<void(Socket&)>& function) {
    for (const auto& shard : shards_) {
        if (shard->loop().is_current()) {
            shard->each_in(room, function);
        } else {
            shard->loop().post([to = shard.get(), room, function] { to->each_in(room, function); });
        }
    }
}

std::uint64_t Hub::sum(RelaxedCounter ShardCounters::* counter) const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) sum += (shard->counters().*counter).get();
    return sum;
}

std::uint64_t Hub::sockets() const {
    const std::uint64_t disconnected = sum(&ShardCounters::disconnected);  // read first: never more than have connected
    return sum(&ShardCounters::connected) - disconnected;
}

std::uint64_t Hub::packets_in() const {
    return sum(&ShardCounters::packets_in);
}

std::uint64_t Hub::packets_out() const {
    return sum(&ShardCounters::packets_out);
}

}  // namespace parley::socketio

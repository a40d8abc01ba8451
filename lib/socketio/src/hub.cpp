#include "hub.hpp"

#include "client.hpp"
#include "parley/base/log.hpp"
#include "recovery.hpp"

namespace parley::socketio {
namespace {

constexpr std::chrono::seconds kSweepEvery{5};

}  // namespace

Hub::Hub(LoopGroup& loops, HubOptions options, const AdapterFactory& adapter) : loops_(loops), options_(std::move(options)) {
    const Adapter::Deliver deliver_here = [this](Operation operation, std::shared_ptr<AnswerSink> answers) {
        deliver(std::move(operation), std::move(answers));
    };
    adapter_ = adapter ? adapter(deliver_here) : std::make_unique<MemoryAdapter>(deliver_here);
    for (std::size_t i = 0; i < loops.size(); ++i) states_.push_back(std::make_unique<LoopState>(*this));
    default_ = &of(std::string(kDefaultNamespace));
    if (options_.recovery.mode != RecoveryOptions::Mode::Off) {
        loops_[0].post([this, alive = alive()] {
            if (!alive.expired()) on_sweep();
        });
    }
}

// What waits to be done holds namespaces, and so, by their shards, itself.
Hub::~Hub() {
    alive_.reset();
    for (const auto& [name, core] : registry_) core->drop_inboxes();
}

std::unique_ptr<engineio::SessionHandler> Hub::open(engineio::Session& session) {
    return std::make_unique<Client>(session, *this);
}

// Namespaces

NamespaceCore& Hub::of(const std::string& name) {
    std::string full = name.starts_with('/') ? name : '/' + name;
    if (const auto known = find(full)) return *known;
    auto core = std::make_shared<NamespaceCore>(*this, full, std::make_shared<NamespaceHandlers>(), NamespaceCore::Origin::Static);
    const std::unique_lock lock(registry_mutex_);
    return *registry_.emplace(std::move(full), std::move(core)).first->second;
}

NamespaceHandlers& Hub::add_parent(Allows allows) {
    parents_.push_back({std::move(allows), std::make_shared<NamespaceHandlers>()});
    return *parents_.back().handlers;
}

void Hub::on_new_namespace(std::function<void(Namespace)> handler) {
    new_namespace_handlers_.push_back(std::move(handler));
}

std::shared_ptr<NamespaceCore> Hub::find(std::string_view name) const {
    if (default_ && name == kDefaultNamespace) return default_->pointer();
    const std::shared_lock lock(registry_mutex_);
    const auto known = registry_.find(name);
    return known == registry_.end() ? nullptr : known->second->pointer();
}

std::shared_ptr<NamespaceCore> Hub::find_and_count(std::string_view name) {
    const std::unique_lock lock(registry_mutex_);
    const auto known = registry_.find(name);
    if (known == registry_.end()) return nullptr;
    ++known->second->clients_;
    return known->second->pointer();
}

std::shared_ptr<NamespaceCore> Hub::enter(std::string_view name, const Value& auth) {
    if (name == kDefaultNamespace) return default_->pointer();
    if (auto known = find_and_count(name)) return known;
    for (const Parent& parent : parents_) {
        bool allowed = false;
        guarded("of", [&] { allowed = parent.allows(name, auth); });
        if (allowed) return make_child(name, parent);
    }
    return nullptr;
}

std::shared_ptr<NamespaceCore> Hub::make_child(std::string_view name, const Parent& parent) {
    const std::scoped_lock making(making_);
    if (auto known = find_and_count(name)) return known;
    auto core = std::make_shared<NamespaceCore>(*this, std::string(name), parent.handlers, NamespaceCore::Origin::Child);
    core->clients_ = 1;
    if (!new_namespace_handlers_.empty()) {
        const Namespace made(core, core->own_handlers());
        for (const auto& handler : new_namespace_handlers_) guarded("new_namespace", [&] { handler(made); });
    }
    const std::unique_lock lock(registry_mutex_);
    registry_.emplace(core->name(), core);
    return core;
}

// Nobody is in it, on the way to it, or may come back to it.
bool Hub::is_abandoned(const NamespaceCore& core) const {
    return options_.cleanup_empty_child_namespaces && core.is_child() && core.clients_ == 0 &&
           (!core.recovery() || core.recovery()->sessions().empty());
}

void Hub::leave(NamespaceCore& core) {
    if (&core == default_) return;
    std::shared_ptr<NamespaceCore> abandoned;  // ends after the lock
    const std::unique_lock lock(registry_mutex_);
    --core.clients_;
    if (!is_abandoned(core)) return;
    const auto known = registry_.find(core.name());
    abandoned = std::move(known->second);
    registry_.erase(known);
}

// Forgets what can no longer be recovered, and the namespaces that were kept for it.
void Hub::on_sweep() {
    std::vector<std::shared_ptr<NamespaceCore>> all;
    {
        const std::shared_lock lock(registry_mutex_);
        for (const auto& [name, core] : registry_) all.push_back(core);
    }
    for (const auto& core : all) core->sweep_recovery();
    {
        const std::unique_lock lock(registry_mutex_);
        std::erase_if(registry_, [this](const auto& entry) { return is_abandoned(*entry.second); });
    }
    sweep_timer_.arm(loops_[0].timers(), kSweepEvery);
}

// Operations

void Hub::deliver(Operation&& operation, std::shared_ptr<AnswerSink> answers) {
    if (operation.kind == Operation::Kind::ServerSideEmit) return deliver_to_programs(operation, answers);
    if (const auto core = find(operation.nsp)) return core->deliver(std::move(operation), std::move(answers));
    if (answers) answers->server_done();
}

void Hub::deliver_to_programs(const Operation& operation, const std::shared_ptr<AnswerSink>& answers) {
    const auto core = find(operation.nsp);
    const HandlerList<void(Arguments, Ack)>* list = nullptr;
    if (core) {
        const auto& events = core->handlers().server_side;
        if (const auto found = events.find(operation.event); found != events.end()) list = &found->second;
    }
    if (!list) {
        if (answers) answers->server_done();
        return;
    }
    if (answers) {
        answers->expects(1);
        answers->server_done();
    }
    Ack ack;
    if (answers) ack = Ack([answers](const Arguments& given) { answers->acknowledged(given); });
    loops_[0].post(
        [core, list, arguments = operation.arguments, ack = std::move(ack)] { call_each("server side event", *list, arguments, ack); });
}

// Sums

std::uint64_t Hub::sum(RelaxedCounter LoopState::* counter) const {
    std::uint64_t sum = 0;
    for (const auto& state : states_) sum += ((*state).*counter).get();
    return sum;
}

std::uint64_t Hub::sockets() const {
    const std::uint64_t disconnected = sum(&LoopState::disconnected);  // read first: never more than have connected
    return sum(&LoopState::connected) - disconnected;
}

std::uint64_t Hub::namespaces() const {
    const std::shared_lock lock(registry_mutex_);
    return registry_.size();
}

}  // namespace parley::socketio

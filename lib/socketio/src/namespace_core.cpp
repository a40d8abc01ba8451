#include "namespace_core.hpp"

#include <algorithm>

#include "hub.hpp"
#include "recovery.hpp"

namespace parley::socketio {
namespace {

// What the loops of this process answer, as one server's answer.
class LoopAnswers final : public AnswerSink {
public:
    LoopAnswers(std::shared_ptr<AnswerSink> whole, std::size_t loops) : whole_(std::move(whole)), left_(loops) {}
    void acknowledged(Arguments arguments) override { whole_->acknowledged(std::move(arguments)); }
    void sockets(std::vector<RemoteSocket> sockets) override { whole_->sockets(std::move(sockets)); }
    void expects(std::ptrdiff_t acknowledgements) override { whole_->expects(acknowledgements); }
    void server_done() override {
        if (left_.fetch_sub(1) == 1) whole_->server_done();
    }

private:
    const std::shared_ptr<AnswerSink> whole_;
    std::atomic<std::size_t> left_;
};

}  // namespace

NamespaceCore::NamespaceCore(Hub& hub, std::string name, std::shared_ptr<NamespaceHandlers> handlers, Origin origin)
    : hub_(hub), name_(std::move(name)), handlers_(std::move(handlers)), origin_(origin) {
    for (std::size_t i = 0; i < hub_.loops().size(); ++i) shards_.push_back(std::make_unique<Shard>(hub_.loops()[i], *this));
    const HubOptions& options = hub_.options();
    if (options.recovery.mode == RecoveryOptions::Mode::Off) return;
    recovery_ = std::make_unique<Recovery>(options.recovery, options.parser, options.loss_noticed_after);
}

NamespaceCore::~NamespaceCore() = default;

NamespaceHandlers& NamespaceCore::own_handlers() {
    if (handlers_.use_count() > 1) handlers_ = std::make_shared<NamespaceHandlers>(*handlers_);
    return *handlers_;
}

std::shared_ptr<NamespaceCore> NamespaceCore::pointer() {
    return is_child() ? shared_from_this() : std::shared_ptr<NamespaceCore>(std::shared_ptr<void>(), this);
}

std::uint64_t NamespaceCore::sockets() const {
    std::uint64_t disconnected = 0;  // read first: never more than have connected
    for (const auto& shard : shards_) disconnected += shard->counters().disconnected.get();
    std::uint64_t connected = 0;
    for (const auto& shard : shards_) connected += shard->counters().connected.get();
    return connected - disconnected;
}

void NamespaceCore::deliver(Operation&& operation, std::shared_ptr<AnswerSink> answers) {
    // Every server numbers its questions itself: a client cannot tell them apart by server.
    AckId ack_id = 0;
    if (operation.kind == Operation::Kind::EmitWithAck) {
        ack_id = next_ack_id();
        operation.packet = hub_.parser().event(name_, operation.event, operation.arguments, ack_id);
    }
    auto delivery = std::make_shared<Delivery>(std::move(operation));
    delivery->ack_id = ack_id;
    if (answers) delivery->answers = std::make_shared<LoopAnswers>(std::move(answers), shards_.size());
    publish(std::move(delivery));
}

void NamespaceCore::publish(std::shared_ptr<Delivery> delivery) {
    std::vector<Shard*> idle;
    {
        const std::scoped_lock lock(order_);
        if (recovery_) recovery_->note(delivery);
        for (const auto& shard : shards_) {
            if (passes_by(*shard, *delivery)) continue;
            if (shard->inbox_.empty() && !shard->loop().is_current()) idle.push_back(shard.get());
            shard->put(delivery);
        }
    }
    for (Shard* shard : idle) wake(*shard);
    if (const Loop* here = Loop::current(); here && is_ours(*here)) shards_[here->index()]->drain();
}

// What is in the log goes to every loop: each of them knows how far it has got.
bool NamespaceCore::passes_by(const Shard& shard, const Delivery& delivery) {
    const Operation& operation = delivery.operation;
    const bool is_event = operation.kind == Operation::Kind::Emit || operation.kind == Operation::Kind::EmitLatest;
    return is_event && delivery.position == 0 && shard.certainly_lacks(operation.rooms);
}

bool NamespaceCore::is_anybody_in(const std::vector<std::string>& rooms) {
    const std::scoped_lock lock(order_);
    if (recovery_ && !recovery_->sessions().empty()) return true;
    return std::ranges::any_of(shards_, [&rooms](const auto& shard) { return !shard->certainly_lacks(rooms); });
}

// The loop may be another server's, in the same process.
bool NamespaceCore::is_ours(const Loop& loop) const {
    return loop.index() < shards_.size() && &shards_[loop.index()]->loop() == &loop;
}

void NamespaceCore::wake(Shard& shard) {
    shard.loop().post([core = pointer(), &shard] { shard.drain(); });
}

void NamespaceCore::deliver_here(Shard& shard, std::shared_ptr<Delivery> delivery) {
    {
        const std::scoped_lock lock(order_);
        if (recovery_) recovery_->note(delivery);
        shard.put(std::move(delivery));
    }
    shard.drain();
}

void NamespaceCore::post(Shard& shard, Loop::Function function) {
    bool was_empty = false;
    {
        const std::scoped_lock lock(order_);
        was_empty = shard.inbox_.empty();
        shard.put(std::move(function));
    }
    if (was_empty) wake(shard);
}

void NamespaceCore::each_in(const std::string& room, const std::function<void(Socket&)>& function) {
    for (const auto& shard : shards_) {
        if (shard->loop().is_current()) {
            shard->each_in(room, function);
        } else {
            post(*shard, [to = shard.get(), room, function] { to->each_in(room, function); });
        }
    }
}

void NamespaceCore::in_order(Shard& shard, const std::function<void()>& function) {
    while (true) {
        shard.drain();
        const std::scoped_lock lock(order_);
        if (shard.inbox_.empty()) return function();
    }
}

void NamespaceCore::drop_inboxes() {
    for (const auto& shard : shards_) shard->drop_inbox();
}

void NamespaceCore::sweep_recovery() {
    const std::scoped_lock lock(order_);
    if (recovery_) recovery_->sweep();
}

}  // namespace parley::socketio

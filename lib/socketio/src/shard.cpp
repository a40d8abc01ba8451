#include "shard.hpp"

#include <algorithm>
#include <iterator>

#include "client.hpp"
#include "describe.hpp"
#include "hub.hpp"
#include "namespace_core.hpp"

namespace parley::socketio {
namespace {

constexpr std::size_t kEntriesKept = 1024;  // room for so many is kept

constexpr std::size_t kSlotsKept = 256;  // when nobody is left

constexpr std::size_t kPrefetched = 6;  // receivers ahead

bool is_emit(Operation::Kind kind) {
    return kind == Operation::Kind::Emit || kind == Operation::Kind::EmitLatest;
}

// It does nothing but reach who is there.
bool is_event(const Shard::Entry& entry) {
    const auto* const delivery = std::get_if<std::shared_ptr<const Delivery>>(&entry);
    return delivery && is_emit((*delivery)->operation.kind);
}

}  // namespace

Shard::Shard(Loop& loop, NamespaceCore& core) : loop_(loop), core_(core), state_(core.hub().state(loop)), rooms_(&state_.rooms) {}

const std::string& Shard::nsp() const {
    return core_.name();
}

const NamespaceHandlers& Shard::handlers() const {
    return core_.handlers();
}

// Who is here

void Shard::add(Socket& socket) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    socket.slot_ = free_.back();
    free_.pop_back();
    Slot& slot = slots_[socket.slot_];
    slot.socket = &socket;
    slot.direct = socket.recovery() || socket.listens_outgoing() ? nullptr : &socket.client_->session();
    socket.generation_ = slot.generation = ++last_generation_;
    if (slot_of_id_.emplace(socket.id(), socket.slot_).second) state_.rooms.add(socket.id());
    counters_.connected.add(1);
    state_.connected.add(1);
}

void Shard::deliver_by_socket(const Socket& socket) {
    if (find(socket.slot_, socket.generation_) == &socket) slots_[socket.slot_].direct = nullptr;
}

void Shard::remove(Socket& socket) {
    rooms_.leave_all(socket.slot_);
    const auto own = slot_of_id_.find(socket.id());
    if (own != slot_of_id_.end() && own->second == socket.slot_) {
        slot_of_id_.erase(own);
        state_.rooms.remove(socket.id());
    }
    Slot& slot = slots_[socket.slot_];
    slot = {};
    free_.push_back(socket.slot_);
    counters_.disconnected.add(1);
    state_.disconnected.add(1);
    if (slot_of_id_.empty() && slots_.size() > kSlotsKept) give_back_memory();
}

// A crowd has left. Generations are never used again, so that old handles find nobody in new slots.
void Shard::give_back_memory() {
    std::vector<Slot>().swap(slots_);
    std::vector<std::uint32_t>().swap(free_);
    slot_of_id_.rehash(0);
    rooms_.give_back_memory();
}

void Shard::retire(std::unique_ptr<Socket> socket) {
    if (!loop_.is_current()) return;
    loop_.defer([socket = std::move(socket), core = core_.pointer()] {});
}

Socket* Shard::find(std::uint32_t slot, std::uint32_t generation) const {
    return slot < slots_.size() && slots_[slot].generation == generation ? slots_[slot].socket : nullptr;
}

SocketPlace Shard::place_of(const Socket& socket) const {
    return {.loop = loop_.index(), .slot = socket.slot_, .generation = socket.generation_};
}

std::uint32_t Shard::channel(std::string_view event) {
    if (const auto known = channels_.find(event); known != channels_.end()) return known->second;
    return channels_.emplace(event, core_.hub().next_channel(loop_)).first->second;
}

// No socket is a member of the room that is its id: it is in it without.
template <class F>
void Shard::for_each_in(const std::string& room, F function) const {
    std::ranges::for_each(rooms_.members_of(room), function);
    if (const auto own = slot_of_id_.find(room); own != slot_of_id_.end()) function(own->second);
}

// Each once, in ascending order.
std::vector<std::uint32_t> Shard::slots_in(const std::vector<std::string>& rooms) const {
    std::vector<std::uint32_t> slots;
    for (const std::string& room : rooms) {
        for_each_in(room, [&slots](std::uint32_t slot) { slots.push_back(slot); });
    }
    std::ranges::sort(slots);
    const auto doubles = std::ranges::unique(slots);
    slots.erase(doubles.begin(), doubles.end());
    return slots;
}

void Shard::collect(const Operation& operation, std::vector<Target>& targets) const {
    const std::vector<std::uint32_t> excepted = slots_in(operation.except);
    const auto add = [&](std::uint32_t slot) {
        if (slots_[slot].socket && !std::ranges::binary_search(excepted, slot)) targets.push_back({slot, slots_[slot].generation});
    };
    if (operation.rooms.empty()) {
        for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) add(slot);
    } else if (operation.rooms.size() == 1) {
        for_each_in(operation.rooms.front(), add);
    } else {
        std::ranges::for_each(slots_in(operation.rooms), add);
    }
}

// What comes in

void Shard::run(const SocketHandle& handle, std::function<void(Socket&)> function) {
    // not the handle, which would keep a namespace alive from its own inbox
    auto task = [this, slot = handle.slot_, generation = handle.generation_, function = std::move(function)] {
        if (Socket* socket = find(slot, generation)) function(*socket);
    };
    if (loop_.is_current()) {
        task();
    } else {
        core_.post(*this, std::move(task));
    }
}

void Shard::drain() {
    if (emitting_) {
        again_ = true;
        return;
    }
    for (bool taken = false;; carry_out(take_next())) {
        if (done_ < todo_.size()) continue;
        if (taken && !again_) return;
        taken = true;
        if (!take_inbox()) return;
    }
}

void Shard::put(Entry entry) {
    if (!is_event(entry)) changes_.fetch_add(1, std::memory_order_relaxed);
    inbox_.push_back(std::move(entry));
}

void Shard::carry_out(Entry entry) {
    const bool changes = !is_event(entry);
    if (const auto* delivery = std::get_if<std::shared_ptr<const Delivery>>(&entry)) {
        guarded("a delivery", [&] { apply(**delivery); });
    } else {
        guarded("a posted call", [&] { std::get<Loop::Function>(entry)(); });
    }
    if (changes) changes_.fetch_sub(1, std::memory_order_release);
}

bool Shard::certainly_lacks(const std::vector<std::string>& rooms) const {
    if (rooms.empty() || changes_.load(std::memory_order_acquire) > 0) return false;
    return std::ranges::all_of(rooms, [this](const std::string& room) { return state_.rooms.has_none_of(room); });
}

// When the last share is done. False: there is nothing to do.
bool Shard::take_inbox() {
    again_ = false;
    todo_.clear();
    done_ = 0;
    if (todo_.capacity() > kEntriesKept) std::vector<Entry>().swap(todo_);
    const std::scoped_lock lock(core_.order_);
    todo_.swap(inbox_);
    return !todo_.empty();
}

Shard::Entry Shard::take_next() {
    return std::exchange(todo_[done_++], Entry());
}

void Shard::drop_inbox() {
    std::vector<Entry> dropped = std::exchange(todo_, {});
    done_ = 0;
    std::vector<Entry> waiting;
    const std::scoped_lock lock(core_.order_);
    waiting.swap(inbox_);
}

void Shard::undisturbed(const std::function<void()>& function) {
    const bool was = std::exchange(emitting_, true);
    function();
    emitting_ = was;
    drain();
}

// Sending may close a session that is too slow, and handlers may do anything: the receivers are written down first and looked up one by one.
void Shard::apply(const Delivery& delivery) {
    std::vector<Target> targets = std::exchange(scratch_, {});
    targets.clear();
    collect(delivery.operation, targets);
    if (delivery.position > 0) applied_ = delivery.position;
    switch (delivery.operation.kind) {
        case Operation::Kind::EmitWithAck: ask_each(targets, delivery); break;
        case Operation::Kind::FetchSockets: describe_each(targets, delivery); break;
        case Operation::Kind::Emit:
            emitting_ = core_.recovery() != nullptr;
            emit(targets, delivery);
            emitting_ = false;
            break;
        default:
            emitting_ = core_.recovery() && is_emit(delivery.operation.kind);
            for (const Target& target : targets) {
                if (Socket* socket = find(target.slot, target.generation)) apply_to(*socket, delivery);
            }
            emitting_ = false;
    }
    if (delivery.answers) delivery.answers->server_done();
    if (targets.capacity() <= 65536) scratch_ = std::move(targets);
}

const Shard::Slot* Shard::find_slot(Target target) const {
    return target.slot < slots_.size() && slots_[target.slot].generation == target.generation ? &slots_[target.slot] : nullptr;
}

// What the last one of `ahead` will need: of many receivers, waiting for memory is most of the work.
void Shard::prefetch(std::span<const Target> ahead) const {
    if (ahead.size() <= kPrefetched) return;
    if (const Slot* slot = find_slot(ahead[kPrefetched])) __builtin_prefetch(slot->direct);
}

void Shard::emit(std::span<const Target> targets, const Delivery& delivery) {
    std::uint64_t sent = 0;
    for (; !targets.empty(); targets = targets.subspan(1)) {
        prefetch(targets);
        const Slot* slot = find_slot(targets.front());
        if (!slot) continue;
        engineio::Session* const session = slot->direct;
        if (!session) {
            slot->socket->deliver(delivery);
        } else if (!delivery.operation.is_volatile || session->writable()) {
            for (const engineio::PreparedPacket& message : delivery.messages) session->send(message);
            ++sent;
        }
    }
    state_.packets_out.add(sent);
}

void Shard::apply_to(Socket& socket, const Delivery& delivery) {
    const Operation& operation = delivery.operation;
    switch (operation.kind) {
        case Operation::Kind::Emit:
        case Operation::Kind::EmitLatest: return socket.deliver(delivery);
        case Operation::Kind::Join: return socket.join(operation.room);
        case Operation::Kind::Leave: return socket.leave(operation.room);
        case Operation::Kind::Disconnect: return socket.disconnect(operation.close_transport);
        case Operation::Kind::EmitWithAck:
        case Operation::Kind::FetchSockets:
        case Operation::Kind::ServerSideEmit: return;
    }
}

void Shard::ask_each(const std::vector<Target>& targets, const Delivery& delivery) {
    const auto answers = delivery.answers;
    if (answers) answers->expects(static_cast<std::ptrdiff_t>(targets.size()));
    for (const Target& target : targets) {
        Socket* const socket = find(target.slot, target.generation);
        if (!socket) {
            if (answers) answers->expects(-1);
            continue;
        }
        auto done = [answers](Result<Arguments> answer) {
            if (!answers) return;
            if (answer) return answers->acknowledged(*std::move(answer));
            answers->expects(-1);
        };
        socket->await_ack(delivery.ack_id, delivery.operation.timeout, std::move(done));
        socket->deliver(delivery);
    }
}

void Shard::describe_each(const std::vector<Target>& targets, const Delivery& delivery) const {
    if (!delivery.answers) return;
    std::vector<RemoteSocket> sockets;
    for (const Target& target : targets) {
        if (const Socket* socket = find(target.slot, target.generation)) sockets.push_back(describe(*socket));
    }
    delivery.answers->sockets(std::move(sockets));
}

void Shard::each_in(const std::string& room, const std::function<void(Socket&)>& function) {
    Operation operation;
    if (!room.empty()) operation.rooms.push_back(room);
    std::vector<Target> targets;
    collect(operation, targets);
    for (const Target& target : targets) {
        if (Socket* socket = find(target.slot, target.generation)) function(*socket);
    }
}

}  // namespace parley::socketio

#include "shard.hpp"

#include <algorithm>

namespace parley::socketio {

Delivery::Delivery(Operation what) : operation(std::move(what)) {
    if (operation.packet.text.empty()) return;
    packets.push_back(engineio::PreparedPacket::text(operation.packet.text));
    for (const std::string& attachment : operation.packet.attachments) packets.push_back(engineio::PreparedPacket::bytes(attachment));
}

Shard::Shard(Loop& loop, std::string nsp, const NamespaceHandlers& handlers, Adapter& adapter)
    : loop_(loop), nsp_(std::move(nsp)), handlers_(handlers), adapter_(adapter) {}

void Shard::add(Socket& socket) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    socket.slot_ = free_.back();
    free_.pop_back();
    Slot& slot = slots_[socket.slot_];
    slot.socket = &socket;
    socket.generation_ = slot.generation;
    slot_of_id_.emplace(socket.id(), socket.slot_);
    counters_.connected.add(1);
}

void Shard::remove(Socket& socket) {
    rooms_.leave_all(socket.slot_);
    slot_of_id_.erase(socket.id());
    Slot& slot = slots_[socket.slot_];
    slot.socket = nullptr;
    ++slot.generation;
    free_.push_back(socket.slot_);
    counters_.disconnected.add(1);
}

void Shard::retire(std::unique_ptr<Socket> socket) {
    if (!loop_.is_current()) return;
    loop_.defer([socket = std::move(socket)] {});
}

Socket* Shard::find(std::uint32_t slot, std::uint32_t generation) const {
    return slot < slots_.size() && slots_[slot].generation == generation ? slots_[slot].socket : nullptr;
}

std::uint32_t Shard::channel(std::string_view event) {
    if (const auto known = channels_.find(event); known != channels_.end()) return known->second;
    return channels_.emplace(event, static_cast<std::uint32_t>(channels_.size())).first->second;
}

// A socket may have joined a room that is named as its own id.
void Shard::append_room(const std::string& room, std::vector<std::uint32_t>& slots) const {
    const auto members = rooms_.members_of(room);
    slots.insert(slots.end(), members.begin(), members.end());
    const auto own = slot_of_id_.find(room);
    if (own != slot_of_id_.end() && !rooms_.contains(own->second, room)) slots.push_back(own->second);
}

// Each once, in ascending order.
std::vector<std::uint32_t> Shard::slots_in(const std::vector<std::string>& rooms) const {
    std::vector<std::uint32_t> slots;
    for (const std::string& room : rooms) append_room(room, slots);
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
        std::vector<std::uint32_t> slots;
        append_room(operation.rooms.front(), slots);
        std::ranges::for_each(slots, add);
    } else {
        std::ranges::for_each(slots_in(operation.rooms), add);
    }
}

// Sending may close a session that is too slow, and handlers may do anything: the receivers are written down first and looked up one by one.
void Shard::apply(const Delivery& delivery) {
    std::vector<Target> targets = std::exchange(scratch_, {});
    targets.clear();
    collect(delivery.operation, targets);
    for (const Target& target : targets) {
        if (Socket* socket = find(target.slot, target.generation)) apply_to(*socket, delivery);
    }
    if (targets.capacity() <= 65536) scratch_ = std::move(targets);
}

void Shard::each_in(const std::string& room, const std::function<void(Socket&)>& function) {
    Operation operation;
    operation.rooms.push_back(room);
    std::vector<Target> targets;
    collect(operation, targets);
    for (const Target& target : targets) {
        if (Socket* socket = find(target.slot, target.generation)) function(*socket);
    }
}

void Shard::apply_to(Socket& socket, const Delivery& delivery) {
    const Operation& operation = delivery.operation;
    switch (operation.kind) {
        case Operation::Kind::Emit:
            counters_.packets_out.add(1);
            for (const engineio::PreparedPacket& packet : delivery.packets) {
                if (engineio::Session* session = socket.session()) session->send(packet);
            }
            return;
        case Operation::Kind::EmitLatest:
            counters_.packets_out.add(1);
            if (engineio::Session* session = socket.session()) session->send_latest(channel(operation.event), delivery.packets.front());
            return;
        case Operation::Kind::Join: socket.join(operation.room); return;
        case Operation::Kind::Leave: socket.leave(operation.room); return;
        case Operation::Kind::Disconnect: socket.disconnect(operation.close_transport); return;
    }
}

}  // namespace parley::socketio

#include "realtime/credential.hpp"

#include <algorithm>

namespace parley::realtime {
namespace {

// An IPv6 subscriber has a whole /64.
net::IpAddress group_of(net::IpAddress address) {
    if (!address.is_v4()) std::fill(address.bytes.begin() + 8, address.bytes.end(), std::uint8_t{0});
    return address;
}

}  // namespace

AnonymousCap::Place& AnonymousCap::Place::operator=(Place&& other) noexcept {
    release();
    cap_ = std::move(other.cap_);
    group_ = other.group_;
    return *this;
}

void AnonymousCap::Place::release() {
    if (const auto cap = std::exchange(cap_, nullptr)) cap->give_back(group_);
}

std::optional<AnonymousCap::Place> AnonymousCap::take(const net::IpAddress& address) {
    const net::IpAddress group = group_of(address);
    std::lock_guard lock(mutex_);
    const auto position = taken_.try_emplace(group, 0).first;
    if (position->second >= per_address_) {
        if (position->second == 0) taken_.erase(position);
        return std::nullopt;
    }
    ++position->second;
    return Place(shared_from_this(), group);
}

void AnonymousCap::give_back(const net::IpAddress& group) {
    std::lock_guard lock(mutex_);
    const auto position = taken_.find(group);
    if (--position->second == 0) taken_.erase(position);
}

}  // namespace parley::realtime

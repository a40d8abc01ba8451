#include "recovery_sessions.hpp"

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::socketio {
namespace {

constexpr std::size_t kPidBytes = 15;

std::size_t memory_of(const Value& value);

template <class Elements>
std::size_t memory_of_all(const Elements& elements) {
    std::size_t sum = 0;
    for (const Value& element : elements) sum += memory_of(element);
    return sum;
}

std::size_t memory_of(const Value& value) {
    if (value.is_string()) return sizeof value + value.as_string().capacity();
    if (value.is_bytes()) return sizeof value + value.as_bytes().capacity();
    if (value.is_array()) return sizeof value + memory_of_all(value.as_array());
    std::size_t sum = sizeof value;
    if (!value.is_object()) return sum;
    for (const auto& [name, member] : value.as_object()) sum += sizeof name + name.capacity() + memory_of(member);
    return sum;
}

std::size_t memory_of(const RecoverySession& session) {
    constexpr std::size_t kNodes = 160;  // of the list and of the index, with their strings
    std::size_t sum = sizeof session + kNodes + session.sid.capacity() + memory_of(session.data);
    for (const RoomMembership& membership : session.rooms) sum += sizeof membership + membership.room.capacity();
    return sum;
}

}  // namespace

std::string RecoverySessions::make_pid() {
    return base64url_encode(random_bytes(kPidBytes));
}

void RecoverySessions::connected(const std::string& pid, SocketPlace place) {
    AwayList removed;
    const std::lock_guard lock(mutex_);
    if (const auto entry = index_.find(pid); entry != index_.end()) remove(entry, removed);
    index_.emplace(pid, place);
    known_.fetch_add(1);
}

void RecoverySessions::park(RecoverySession session, SocketPlace place, Clock::time_point now) {
    const std::size_t bytes = memory_of(session);
    AwayList removed;
    AwayList added;
    added.push_back({std::move(session), bytes, now + limits_.max_disconnection});
    const std::lock_guard lock(mutex_);
    drop_expired(removed, now);
    const auto entry = find_at(added.front().session.pid, place);
    if (entry == index_.end()) return;
    entry->second = added.begin();
    away_.splice(away_.end(), added);
    bytes_ += bytes;
    drop_surplus(removed);
}

void RecoverySessions::put_back(RecoverySession session, Clock::time_point now) {
    const std::shared_ptr<void> held = std::exchange(session.claim, nullptr);  // given up when the session is known again
    const std::size_t bytes = memory_of(session);
    AwayList removed;
    AwayList added;
    added.push_back({std::move(session), bytes, now + limits_.max_disconnection});
    const std::lock_guard lock(mutex_);
    drop_expired(removed, now);
    if (!index_.emplace(added.front().session.pid, added.begin()).second) return;
    known_.fetch_add(1);
    away_.splice(away_.end(), added);
    bytes_ += bytes;
    drop_surplus(removed);
}

RecoverySessions::Taken RecoverySessions::take(std::string_view pid, Clock::time_point now) {
    AwayList removed;
    AwayList taken;
    const std::lock_guard lock(mutex_);
    drop_expired(removed, now);
    const auto entry = index_.find(pid);
    if (entry == index_.end()) return {};
    if (const auto* place = std::get_if<SocketPlace>(&entry->second)) return *place;
    std::shared_ptr<void> held = claim();
    remove(entry, taken);
    taken.front().session.claim = std::move(held);
    return std::move(taken.front().session);
}

void RecoverySessions::forget(std::string_view pid, SocketPlace place) {
    AwayList removed;
    const std::lock_guard lock(mutex_);
    const auto entry = find_at(pid, place);
    if (entry != index_.end()) remove(entry, removed);
}

void RecoverySessions::expire(Clock::time_point now) {
    AwayList removed;
    const std::lock_guard lock(mutex_);
    drop_expired(removed, now);
}

std::size_t RecoverySessions::away() const {
    const std::lock_guard lock(mutex_);
    return away_.size();
}

std::size_t RecoverySessions::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

RecoverySessions::Index::iterator RecoverySessions::find_at(std::string_view pid, SocketPlace place) {
    const auto entry = index_.find(pid);
    if (entry == index_.end()) return entry;
    const auto* known = std::get_if<SocketPlace>(&entry->second);
    return known && *known == place ? entry : index_.end();
}

void RecoverySessions::remove(Index::iterator entry, AwayList& removed) {
    if (const auto* away = std::get_if<AwayList::iterator>(&entry->second)) {
        bytes_ -= (*away)->bytes;
        removed.splice(removed.end(), away_, *away);
    }
    index_.erase(entry);
    known_.fetch_sub(1);
}

void RecoverySessions::drop_surplus(AwayList& removed) {
    while (away_.size() > limits_.max_sessions || bytes_ > limits_.max_bytes) drop_oldest(removed);
}

void RecoverySessions::drop_oldest(AwayList& removed) {
    remove(index_.find(away_.front().session.pid), removed);
}

void RecoverySessions::drop_expired(AwayList& removed, Clock::time_point now) {
    while (!away_.empty() && now > away_.front().expires_at) drop_oldest(removed);
}

std::shared_ptr<void> RecoverySessions::claim() {
    known_.fetch_add(1);
    return {&known_, [](std::atomic<std::size_t>* known) { known->fetch_sub(1); }};
}

}  // namespace parley::socketio

#include "recovery_log.hpp"

#include <algorithm>
#include <charconv>

#include "parley/base/random.hpp"

namespace parley::socketio {
namespace {

constexpr int kOffsetBase = 36;

// Of one event, with its share of the links and rooms, beside what its Delivery holds.
std::size_t overhead(std::span<const std::string> rooms) {
    return 96 + rooms.size() * 64;
}

void append_number(std::string& out, std::uint64_t number) {
    char digits[16];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number, kOffsetBase).ptr;
    out.append(digits, end);
}

bool was_in_any(std::span<const RoomMembership> memberships, std::span<const std::string> rooms, LogPosition at) {
    return std::ranges::any_of(rooms, [&](const std::string& room) {
        return std::ranges::any_of(memberships,
                                   [&](const RoomMembership& membership) { return membership.room == room && membership.was_in(at); });
    });
}

}  // namespace

RecoveryLog::RecoveryLog(Limits limits) : limits_(limits), epoch_(static_cast<std::uint32_t>(random_u64())) {}

LogPosition RecoveryLog::append(std::shared_ptr<const Delivery> delivery, std::span<const std::string> rooms,
                                std::span<const std::string> except, std::size_t bytes, Clock::time_point now) {
    prune(now);
    const std::size_t cost = bytes + overhead(rooms);
    entries_.push_back({std::move(delivery), rooms, except, cost, now, links_dropped_ + links_.size()});
    ++last_;
    bytes_ += cost;
    link(rooms);
    while (bytes_ > limits_.max_bytes) {
        incomplete_up_to_ = first();
        incomplete_until_ = entries_.front().appended_at + limits_.kept_for;
        drop_oldest();
    }
    return last_;
}

// The new entry becomes the head of each of its rooms' chains. A room named twice leads back to the entry itself the second time, but older() follows
// the first.
void RecoveryLog::link(std::span<const std::string> rooms) {
    if (rooms.empty()) links_.push_back(std::exchange(newest_for_everybody_, last_));
    for (const std::string& room : rooms) links_.push_back(std::exchange(newest_[room], last_));
}

// The oldest entry of all is the end of each of its rooms' chains: a room goes when it is the head as well.
void RecoveryLog::unlink_oldest() {
    const std::span<const std::string> rooms = entries_.front().rooms;
    for (const std::string& room : rooms) {
        const auto found = newest_.find(room);
        if (found != newest_.end() && found->second == first()) newest_.erase(found);
    }
    const std::size_t count = std::max<std::size_t>(rooms.size(), 1);
    links_.erase(links_.begin(), links_.begin() + static_cast<std::ptrdiff_t>(count));
    links_dropped_ += count;
}

void RecoveryLog::drop_oldest() {
    unlink_oldest();
    bytes_ -= entries_.front().bytes;
    entries_.pop_front();
}

void RecoveryLog::prune(Clock::time_point now) {
    while (!entries_.empty() && now - entries_.front().appended_at > limits_.kept_for) drop_oldest();
}

void RecoveryLog::clear() {
    while (!entries_.empty()) drop_oldest();
}

bool RecoveryLog::incomplete_after(LogPosition after, Clock::time_point now) const {
    return after < incomplete_up_to_ && now <= incomplete_until_;
}

std::optional<std::vector<RecoveryLog::Missed>> RecoveryLog::missed(LogPosition after, std::span<const RoomMembership> rooms,
                                                                    LogPosition up_to, Clock::time_point now) {
    prune(now);
    if (incomplete_after(after, now)) return std::nullopt;

    std::vector<LogPosition> positions;
    collect(positions, newest_for_everybody_, "", after, up_to);
    for (const RoomMembership& membership : rooms) {
        collect(positions, newest(membership.room), membership.room, std::max(after, membership.joined_at),
                std::min(up_to, membership.left_at));
    }
    std::ranges::sort(positions);
    const auto repeated = std::ranges::unique(positions);
    positions.erase(repeated.begin(), repeated.end());

    std::vector<Missed> missed;
    for (const LogPosition position : positions) {
        const Entry& event = entry(position);
        if (!was_in_any(rooms, event.except, position)) missed.push_back({position, event.delivery});
    }
    return missed;
}

// Follows a chain from its head back to `after`.
void RecoveryLog::collect(std::vector<LogPosition>& out, LogPosition position, std::string_view room, LogPosition after,
                          LogPosition up_to) const {
    for (; position > after && position >= first() && position > 0; position = older(position, room)) {
        if (position <= up_to) out.push_back(position);
    }
}

LogPosition RecoveryLog::newest(std::string_view room) const {
    const auto found = newest_.find(room);
    return found == newest_.end() ? 0 : found->second;
}

LogPosition RecoveryLog::older(LogPosition position, std::string_view room) const {
    const Entry& event = entry(position);
    const auto index = event.rooms.empty() ? 0 : std::ranges::find(event.rooms, room) - event.rooms.begin();
    return links_[event.first_link - links_dropped_ + static_cast<std::size_t>(index)];
}

std::string RecoveryLog::offset(LogPosition position) const {
    std::string text;
    append_number(text, epoch_);
    text += '.';
    append_number(text, position);
    return text;
}

std::optional<LogPosition> RecoveryLog::find_position(std::string_view text) const {
    const std::string_view digits = text.substr(std::min(text.find('.') + 1, text.size()));
    LogPosition position = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), position, kOffsetBase);
    // Only one text means a position: the one that offset() makes.
    if (position > last_ || offset(position) != text) return std::nullopt;
    return position;
}

}  // namespace parley::socketio

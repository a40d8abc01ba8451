#include "chat/values.hpp"

#include <algorithm>
#include <atomic>

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::chat {
namespace {

constexpr std::uint64_t kCounterBits = 24;
constexpr std::uint64_t kCounterMask = (std::uint64_t{1} << kCounterBits) - 1;

// Seconds and counter of the last id as one number that only grows: the counter's overflow carries into the seconds, and a clock that steps back
// is not followed. That is why no pair of them comes twice.
std::uint64_t next_seconds_and_counter() {
    static std::atomic<std::uint64_t> last{random_u64() & kCounterMask};
    const auto now = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(system_now().time_since_epoch()).count());
    std::uint64_t previous = last.load(std::memory_order_relaxed);
    for (;;) {
        std::uint64_t next = previous + 1;
        if (next >> kCounterBits < now) next = now << kCounterBits | (next & kCounterMask);
        if (last.compare_exchange_weak(previous, next, std::memory_order_relaxed)) return next;
    }
}

const std::string& process_bytes() {
    static const std::string bytes = random_bytes(5);
    return bytes;
}

// The lowest `count` bytes of `value`, big endian.
void write_big_endian(std::uint64_t value, std::uint8_t* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::uint8_t>(value >> 8 * (count - 1 - i));
}

}  // namespace

Timestamp system_now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string ObjectId::to_hex() const {
    return hex_encode(view());
}

std::optional<ObjectId> ObjectId::parse(std::string_view hex) {
    ObjectId id;
    if (hex.size() != 2 * id.bytes.size()) return std::nullopt;
    const auto decoded = hex_decode(hex);
    if (!decoded) return std::nullopt;
    std::copy(decoded->begin(), decoded->end(), id.bytes.begin());
    return id;
}

ObjectId ObjectId::generate() {
    const std::uint64_t time_and_counter = next_seconds_and_counter();
    ObjectId id;
    write_big_endian(time_and_counter >> kCounterBits, &id.bytes[0], 4);
    std::copy(process_bytes().begin(), process_bytes().end(), &id.bytes[4]);
    write_big_endian(time_and_counter & kCounterMask, &id.bytes[9], 3);
    return id;
}

bool ObjectId::made_here() const {
    return std::equal(process_bytes().begin(), process_bytes().end(), &bytes[4],
                      [](char one, std::uint8_t other) { return static_cast<std::uint8_t>(one) == other; });
}

}  // namespace parley::chat

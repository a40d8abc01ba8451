#include "session_id.hpp"

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::engineio {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::size_t kHeadBytes = 4;
constexpr std::size_t kRandomBytes = 14;
constexpr std::size_t kIdCharacters = (kHeadBytes + kRandomBytes) / 3 * 4;

}  // namespace

std::string make_session_id(SessionPlace place) {
    std::string bytes(kHeadBytes + kRandomBytes, '\0');
    bytes[0] = static_cast<char>(kVersion);
    bytes[1] = static_cast<char>(place.node >> 8);
    bytes[2] = static_cast<char>(place.node & 0xff);
    bytes[3] = static_cast<char>(place.loop);
    fill_random(bytes.data() + kHeadBytes, kRandomBytes);
    return base64url_encode(bytes);
}

std::optional<SessionPlace> place_of_session(std::string_view id) {
    if (id.size() != kIdCharacters) return std::nullopt;
    const auto bytes = base64url_decode(id);
    if (!bytes || static_cast<unsigned char>((*bytes)[0]) != kVersion) return std::nullopt;
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>((*bytes)[index]); };
    return SessionPlace{static_cast<std::uint16_t>(byte(1) << 8 | byte(2)), byte(3)};
}

}  // namespace parley::engineio

#include "storage/sqlite/position_cursor.hpp"

#include "parley/base/encoding.hpp"

namespace parley::storage::sqlite {

namespace {

constexpr std::size_t kPositionBytes = 8;

}  // namespace

// The position, big endian, and the seal.
std::string PositionCursor::make(std::int64_t position) const {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(position >> shift));
    return base64url_encode(bytes + seal_);
}

std::optional<std::int64_t> PositionCursor::parse(std::string_view cursor) const {
    const std::size_t size = kPositionBytes + seal_.size();
    const auto bytes = cursor.size() <= 2 * size ? base64url_decode(cursor) : std::nullopt;
    if (!bytes || bytes->size() != size || !bytes->ends_with(seal_)) return std::nullopt;
    std::uint64_t position = 0;
    for (std::size_t i = 0; i < kPositionBytes; ++i) position = position << 8 | static_cast<unsigned char>((*bytes)[i]);
    return static_cast<std::int64_t>(position);
}

}  // namespace parley::storage::sqlite

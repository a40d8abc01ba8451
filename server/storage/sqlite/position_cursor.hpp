// PositionCursor: a row's position as an opaque, URL-safe text, good for one kind of list of one database.
// Threading: immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::storage::sqlite {

class PositionCursor {
public:
    // seal: some bytes of the database's id, other ones for each kind of list; whatever was made with another seal is no cursor.
    explicit PositionCursor(std::string seal) : seal_(std::move(seal)) {}

    std::string make(std::int64_t position) const;
    std::optional<std::int64_t> parse(std::string_view cursor) const;

private:
    const std::string seal_;
};

}  // namespace parley::storage::sqlite

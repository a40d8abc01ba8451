// What a GET asks for beyond the name: "only if it changed" (RFC 9110 section 13) and "only a part" (section 14). Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parley/net/http.hpp"

namespace parley::site {

// What identifies a representation to caches.
struct Validators {
    std::string etag;                              // with its quotes
    std::optional<std::int64_t> modified_seconds;  // since 1970; nullopt: not known, and no date matches
};

// Whether a conditional request already has this: 304. If-None-Match counts before If-Modified-Since (section 13.2.2).
bool is_not_modified(const net::Headers& headers, const Validators& validators);

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct RangeRequest {
    enum class Kind : std::uint8_t {
        Whole,          // no range, one that cannot be understood, several, or If-Range does not match: the whole, 200
        Part,           // 206
        Unsatisfiable,  // 416
    };
    Kind kind = Kind::Whole;
    ByteRange range;  // of a Part
};

RangeRequest requested_range(const net::Headers& headers, std::uint64_t size, const Validators& validators);

}  // namespace parley::site

// Undoing the content coding of a request body (RFC 9110 section 8.4.1): gzip, deflate (zlib format), br. Bounded: a bomb is refused at its first byte over
// the limit, before it is stored.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace parley::api {

enum class CodingError : std::uint8_t { Unknown, Damaged, TooLarge };

// `coding` is the Content-Encoding field, "" or "identity" for none. Several codings in one are Unknown. Damaged: not what it says, cut short, or followed
// by something else.
std::expected<std::string, CodingError> undo_content_coding(std::string_view coding, std::string body, std::size_t max_bytes);

}  // namespace parley::api

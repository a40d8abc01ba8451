// Content codings of polling answers (RFC 9110 section 8.4.1). Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parley/net/http.hpp"

namespace parley::engineio {

enum class ContentCoding : std::uint8_t { Identity, Gzip, Deflate };

// The one of gzip and deflate that the client likes best (RFC 9110 section 12.5.3), among equals the one that it names first; Identity if it
// accepts neither.
ContentCoding choose_coding(const net::Headers& headers);

// "gzip", "deflate"; "" for Identity.
std::string_view name_of(ContentCoding coding);

// Precondition: not Identity. "": there is no memory for it.
std::string compress(std::string_view body, ContentCoding coding, int level);

}  // namespace parley::engineio

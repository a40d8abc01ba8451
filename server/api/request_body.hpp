// From the body of a request to the fields of a JSON object: content type, charset and content coding checked, size bounded.
#pragma once

#include <expected>
#include <string>

#include "dialect/fields.hpp"
#include "parley/net/http.hpp"

namespace parley::api {

// An answer in place of a result.
struct Refusal {
    unsigned status;
    std::string text;
};

// An empty body has no fields, whatever its type. 400: damaged coding, not JSON; 413: over `max_bytes`; 415: another type, charset or coding than JSON in
// UTF-8.
std::expected<dialect::Fields, Refusal> read_fields(const net::RequestHead& head, std::string body, std::size_t max_bytes);

}  // namespace parley::api

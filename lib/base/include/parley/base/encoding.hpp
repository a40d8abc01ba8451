// Text encodings of bytes: lower-case hex, base64 (RFC 4648 section 4) and base64url without padding (section 5).
// Decoders are strict: a character outside the alphabet, wrong padding or stray bits give nullopt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley {

std::string hex_encode(std::string_view bytes);
std::optional<std::string> hex_decode(std::string_view text);  // accepts both letter cases

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);         // padding optional, as browsers and Node accept it
std::optional<std::string> base64_decode_folded(std::string_view text);  // in lines of any length (RFC 2045, section 6.8)

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace parley

// The content codings in which a file may be sent, and which of them a client takes (RFC 9110 sections 8.4.1 and 12.5.3). Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "parley/net/http.hpp"

namespace parley::site {

// Ordered by size: where a client likes two of them alike, the later one is sent.
enum class Coding : std::uint8_t { Identity, Gzip, Brotli };
inline constexpr std::size_t kCodings = 3;

std::string_view coding_name(Coding coding);    // "identity", "gzip", "br"
std::string_view coding_suffix(Coding coding);  // of a file beside the original: "", ".gz", ".br"

// Whether files of that content type are worth a coding: text in some form, in contrast to what is compressed by its nature.
bool is_compressible(std::string_view content_type);

// The codings that a client takes, the best first: for (const Coding coding : AcceptedCodings::of(headers)) …
// - No Accept-Encoding field: identity alone. Everything would be allowed, but such clients seldom know codings.
// - An empty field: identity alone. q=0 refuses. "*" stands for what is not named. Identity that is not named comes last, and is refused only by "*;q=0".
// - Entries that cannot be understood are passed over; of two for the same coding the first counts. "x-gzip" is gzip.
// It is empty for a client that refuses all three.
class AcceptedCodings {
public:
    static AcceptedCodings of(const net::Headers& headers);

    const Coding* begin() const { return ranked_.data(); }
    const Coding* end() const { return ranked_.data() + count_; }

private:
    std::array<Coding, kCodings> ranked_{};
    std::size_t count_ = 0;
};

}  // namespace parley::site

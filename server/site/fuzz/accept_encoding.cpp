// Whatever a client writes into Accept-Encoding: each coding is named at most once, identity is refused only by a zero, and asking twice gives the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "site/content_coding.hpp"

using namespace parley;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!net::is_valid_field_value(text)) return 0;
    net::Headers headers;
    headers.add("Accept-Encoding", text);
    const auto accepted = site::AcceptedCodings::of(headers);
    require(std::distance(accepted.begin(), accepted.end()) <= static_cast<std::ptrdiff_t>(site::kCodings));
    for (const auto coding : accepted) require(std::count(accepted.begin(), accepted.end(), coding) == 1);
    const bool plain = std::count(accepted.begin(), accepted.end(), site::Coding::Identity) == 1;
    require(plain || text.contains('0'));
    require(std::ranges::equal(accepted, site::AcceptedCodings::of(headers)));
    return 0;
}

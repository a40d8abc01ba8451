// Any bytes, in pieces of any size: the parser never reads outside them, keeps its limits, and always gets on or ends.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http_parse.hpp"

using parley::net::HttpParser;

namespace {

constexpr std::size_t kMaxHeaderBytes = 1024;
constexpr std::size_t kMaxBodyBytes = 256;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0] % 64;
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    HttpParser parser(kMaxHeaderBytes);
    std::string waiting;
    while (!rest.empty()) {
        waiting.append(rest.substr(0, piece));
        rest.remove_prefix(std::min(piece, rest.size()));
        while (true) {
            const HttpParser::Step step = parser.feed(waiting);
            require(step.consumed <= waiting.size());
            waiting.erase(0, step.consumed);
            if (step.status == HttpParser::Status::Rejected) return 0;
            if (step.status == HttpParser::Status::Head) parser.set_max_body_bytes(kMaxBodyBytes);
            if (step.status == HttpParser::Status::Complete) require(parser.take_request().body.size() <= kMaxBodyBytes);
            if (step.status == HttpParser::Status::NeedMore) break;
        }
        require(waiting.size() <= kMaxHeaderBytes + 2);
    }
    return 0;
}

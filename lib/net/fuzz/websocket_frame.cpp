// Frames from a hostile client: whatever the bytes, the reader ends, keeps no more than a message, and says the same however they are cut.
#include "websocket_frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <vector>

#include "parley/base/utf8.hpp"

namespace {

using parley::net::FrameEvent;

constexpr std::size_t kMaxMessageBytes = 1000;

using Said = std::tuple<FrameEvent::Kind, bool, parley::net::CloseCode, std::string>;

std::vector<Said> read(std::string bytes, std::size_t piece) {
    parley::net::FrameReader reader(kMaxMessageBytes);
    std::vector<Said> said;
    for (std::size_t offset = 0; offset < bytes.size(); offset += piece) {
        std::span<char> input = std::span(bytes).subspan(offset, std::min(piece, bytes.size() - offset));
        for (FrameEvent event = reader.next(input); event.kind != FrameEvent::Kind::NeedMore; event = reader.next(input)) {
            if (event.payload.size() > kMaxMessageBytes) std::abort();
            if (event.kind == FrameEvent::Kind::Message && !event.binary && !parley::is_valid_utf8(event.payload)) std::abort();
            said.emplace_back(event.kind, event.binary, event.code, event.payload);
            if (event.kind == FrameEvent::Kind::Error) return said;
        }
        if (!input.empty()) std::abort();
    }
    return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const char* data, std::size_t size) {
    const std::string bytes(data, size);
    const auto whole = read(bytes, size + 1);
    for (const std::size_t piece : {1u, 3u, 8u}) {
        if (read(bytes, piece) != whole) std::abort();
    }
    return 0;
}

// Frames from a hostile client, with permessage-deflate and without: whatever the bytes, the reader ends, keeps and inflates no more than a message,
// and says the same however they are cut.
#include "websocket_frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <vector>

#include "parley/base/utf8.hpp"
#include "websocket_deflate.hpp"

namespace {

using parley::net::FrameEvent;

constexpr std::size_t kMaxMessageBytes = 1000;

using Said = std::tuple<FrameEvent::Kind, bool, parley::net::CloseCode, std::string>;

// The next event as the connection acts on it.
FrameEvent next(parley::net::FrameReader& reader, std::span<char>& input, std::string& inflated) {
    static parley::net::Inflater inflater;
    const FrameEvent event = reader.next(input);
    inflated.clear();
    return event.compressed ? inflate_message(event, inflater, kMaxMessageBytes, inflated) : event;
}

std::vector<Said> read(std::string bytes, std::size_t piece, bool compression) {
    parley::net::FrameReader reader(kMaxMessageBytes, compression);
    std::vector<Said> said;
    std::string inflated;
    for (std::size_t offset = 0; offset < bytes.size(); offset += piece) {
        std::span<char> input = std::span(bytes).subspan(offset, std::min(piece, bytes.size() - offset));
        for (FrameEvent event = next(reader, input, inflated); event.kind != FrameEvent::Kind::NeedMore;
             event = next(reader, input, inflated)) {
            if (event.payload.size() > kMaxMessageBytes || event.compressed) std::abort();
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
    for (const bool compression : {false, true}) {
        const auto whole = read(bytes, size + 1, compression);
        for (const std::size_t piece : {1u, 3u, 8u}) {
            if (read(bytes, piece, compression) != whole) std::abort();
        }
    }
    return 0;
}

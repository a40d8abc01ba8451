// ChunkedDecoder: the chunked transfer coding (RFC 9112 section 7.1), taken apart as the bytes come, in pieces of any size.
// Strict where proxies have disagreed: every line ends in CRLF, sizes are plain hexadecimal. Chunk extensions and trailer fields are bounded
// and dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley::net {

inline constexpr std::size_t kMaxChunkExtensionBytes = 4 * 1024;  // of one body
inline constexpr std::size_t kMaxTrailerBytes = 8 * 1024;

class ChunkedDecoder {
public:
    enum class Status : std::uint8_t { NeedMore, Complete, Malformed, TooLarge };

    struct Step {
        Status status;
        std::size_t consumed;
    };

    // Appends what it unpacks to `body`, which never grows over `max_body_bytes`. After Complete the rest of `bytes` is the next request's.
    Step feed(std::string_view bytes, std::string& body, std::size_t max_body_bytes);

private:
    enum class State : std::uint8_t {
        SizeFirst,
        Size,
        Blank,
        Extension,
        SizeEnd,
        Data,
        DataEnd,
        DataEndLine,
        LineStart,
        Trailer,
        TrailerEnd,
        End
    };

    Status step(char c);
    Status on_size(char c);
    Status on_extension(char c);
    Status on_trailer(char c);
    Status expect(char c, char wanted, State next);

    State state_ = State::SizeFirst;
    std::uint64_t size_ = 0;  // of the chunk: announced, then left
    unsigned size_digits_ = 0;
    std::size_t extension_bytes_ = 0;
    std::size_t trailer_bytes_ = 0;
};

}  // namespace parley::net

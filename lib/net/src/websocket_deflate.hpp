// The payload of a compressed message (RFC 7692 section 7.2): raw DEFLATE, each message by itself, without its last four bytes.
// No sockets: streams take and give whole messages. A stream is bound to no connection; each loop has one of either kind, made when first needed.
// Threading: loop-confined, but for DeflatedFrame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "parley/net/websocket.hpp"
#include "websocket_frame.hpp"

namespace parley::net {

inline constexpr int kMinDeflateWindowBits = 9;  // zlib cannot promise the 8 that is legal, not in a raw stream
inline constexpr int kMaxDeflateWindowBits = 15;

// What one connection agreed to, in four bytes of it. window_bits 0: nothing.
struct DeflateTerms {
    std::uint32_t threshold_bytes : 24 = 0;
    std::uint32_t level : 4 = 0;
    std::uint32_t window_bits : 4 = 0;

    static DeflateTerms of(const Deflate& options, int window_bits);
    bool wants(std::size_t payload_bytes) const { return window_bits != 0 && payload_bytes >= threshold_bytes; }
};

class Deflater {
public:
    Deflater(int level, int window_bits);
    ~Deflater();
    int level() const { return level_; }

    // nullopt: it would not become smaller.
    std::optional<std::string> deflate(std::string_view payload);

private:
    struct Stream;
    int level_;
    std::unique_ptr<Stream> stream_;
};

// Understands every window (section 7.1.2.2 allows 15 bits) and blocks with BFINAL set (section 7.2.3.4).
class Inflater {
public:
    enum class Outcome : std::uint8_t { Done, TooBig, Broken };

    Inflater();
    ~Inflater();

    // Appends to `out`, which never grows beyond max_bytes: a bomb costs no more than a message may.
    Outcome inflate(std::string_view payload, std::size_t max_bytes, std::string& out);

private:
    struct Stream;
    Outcome feed(std::string_view input, std::size_t max_bytes, std::string& out);
    std::unique_ptr<Stream> stream_;
    bool ended_ = false;  // by a final block, and nothing came after it
};

// The streams of one loop.
class DeflateStreams {
public:
    Deflater& deflater(DeflateTerms terms);
    Inflater& inflater();

private:
    std::array<std::unique_ptr<Deflater>, kMaxDeflateWindowBits + 1> deflaters_;  // by their window
    std::unique_ptr<Inflater> inflater_;
};

// A compressed message frame; nullopt: it would not become smaller, send the plain one.
std::optional<std::string> encode_deflated_frame(Opcode opcode, std::string_view payload, Deflater& deflater);

// What a compressed Message event says: a Message whose payload is in `inflated`, or the Error it turns out to be.
FrameEvent inflate_message(const FrameEvent& event, Inflater& inflater, std::size_t max_message_bytes, std::string& inflated);

class DeflatedFrame {
public:
    // Compresses `plain`, the whole frame, unless that has been done. nullptr: send the plain one. Any thread; `streams` are the caller's.
    SharedBytes get(std::string_view plain, DeflateTerms terms, DeflateStreams& streams);

private:
    std::once_flag made_;
    SharedBytes frame_;
    std::uint32_t window_bits_ = 0;
};

}  // namespace parley::net

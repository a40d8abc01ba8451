// WebSocket frames as bytes (RFC 6455 section 5): what a server writes, and FrameReader, which turns what clients write into messages.
// No sockets, no clock: the connection (websocket.cpp) feeds it and acts on its events.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "parley/net/close_code.hpp"

namespace parley::net {

enum class Opcode : std::uint8_t { Continuation = 0x0, Text = 0x1, Binary = 0x2, Close = 0x8, Ping = 0x9, Pong = 0xA };

inline constexpr std::size_t kMaxControlPayloadBytes = 125;  // RFC 6455 section 5.5

inline constexpr int kCompressedBit = 0x40;  // RSV1 of the first byte (RFC 7692 section 6)

// The header of a whole message in one frame, as servers send it: FIN, no mask (section 5.1).
class ServerFrameHeader {
public:
    ServerFrameHeader(Opcode opcode, std::uint64_t payload_bytes);
    std::string_view view() const { return {bytes_.data(), size_}; }

private:
    std::array<char, 10> bytes_;
    std::size_t size_ = 2;
};

// Header and payload in one string.
std::string encode_frame(Opcode opcode, std::string_view payload);

// How much of a frame of ours (unmasked, whole) its header is.
std::size_t frame_header_bytes(std::string_view frame);

// Payload of a close frame (section 5.5.1): the code and as much of `reason` as fits, cut between characters. Empty for
// codes that are never on the wire (NoStatus, Abnormal).
std::string encode_close(CloseCode code, std::string_view reason);

// Section 7.4: what a peer may put into a close frame.
bool is_valid_close_code(std::uint16_t code);

// Removes (or applies) a mask in place; `offset` is the place of data[0] in the frame's payload (section 5.3).
void unmask(std::span<char> data, std::array<char, 4> key, std::size_t offset);

// One thing that a client said. `payload` is valid until the reader's next call and as long as the input it was fed with.
struct FrameEvent {
    enum class Kind : std::uint8_t {
        NeedMore,  // the input is used up
        Message,   // complete; text is valid UTF-8, unless `compressed`
        Ping,
        Pong,
        Close,  // `code` (NoStatus if there was none), the reason in `payload`
        Error,  // the connection must be failed with `code`; `payload` says why. The reader must not be used again.
    };
    Kind kind = Kind::NeedMore;
    bool binary = false;
    CloseCode code = CloseCode::NoStatus;
    std::string_view payload;
    bool compressed = false;  // the payload as it came: inflate_message() tells what it says
};

// The event of a complete message of these bytes: Message, or Error for text that is not UTF-8.
FrameEvent message_event(bool binary, std::string_view payload);

// FrameReader: takes a client's bytes in pieces of any size and gives messages and control frames, in order.
// Whole frames are unmasked in place and never copied; only what is incomplete is kept, and given back to the heap as soon as it is used up.
// Invariant: how the bytes are cut into pieces does not change the events.
class FrameReader {
public:
    // max_message_bytes: of one message, fragments together. A frame that would exceed it is refused by its header, before any of it is kept.
    // compression: permessage-deflate has been negotiated. A compressed message may be a thousandth longer, as what cannot be compressed is.
    explicit FrameReader(std::size_t max_message_bytes, bool compression = false);
    ~FrameReader();
    FrameReader(FrameReader&&) noexcept;
    FrameReader& operator=(FrameReader&&) noexcept;

    // The next event; removes from the front of `input` what it has used. Call again until NeedMore.
    FrameEvent next(std::span<char>& input);

    bool keeps_bytes() const { return partial_ != nullptr; }
    std::size_t max_message_bytes() const { return max_message_bytes_; }

private:
    struct Header;
    struct Partial;

    Partial& partial();
    std::optional<Header> take_header(std::span<char>& input);
    std::optional<FrameEvent> objection_to(const Header& header) const;
    bool gather_payload(std::span<char>& input);
    std::optional<FrameEvent> finish_gathered();

    bool may_be_compressed(const Header& header) const;
    std::size_t max_bytes(bool compressed) const;

    std::size_t max_message_bytes_ : 63;
    std::size_t compression_ : 1;
    std::unique_ptr<Partial> partial_;
};

}  // namespace parley::net

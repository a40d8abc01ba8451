#include "websocket_frame.hpp"

#include <algorithm>
#include <cstring>

#include "parley/base/utf8.hpp"

namespace parley::net {
namespace {

constexpr std::size_t kMaxClientHeaderBytes = 14;  // 2, a 64-bit length, a mask key

bool is_control(Opcode opcode) {
    return static_cast<std::uint8_t>(opcode) >= 0x8;
}

bool is_known(Opcode opcode) {
    return opcode <= Opcode::Binary || (opcode >= Opcode::Close && opcode <= Opcode::Pong);
}

template <std::size_t N>
std::uint64_t read_big_endian(std::span<const char> bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < N; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
    return value;
}

FrameEvent error(CloseCode code, std::string_view why) {
    return {FrameEvent::Kind::Error, false, code, why};
}

FrameEvent protocol_error(std::string_view why) {
    return error(CloseCode::ProtocolError, why);
}

FrameEvent close_event(std::string_view payload) {
    if (payload.empty()) return {FrameEvent::Kind::Close, false, CloseCode::NoStatus, {}};
    if (payload.size() == 1) return protocol_error("close frame with half a code");  // section 5.5.1
    const auto code = static_cast<std::uint16_t>(read_big_endian<2>(payload));
    if (!is_valid_close_code(code)) return protocol_error("invalid close code");
    const std::string_view reason = payload.substr(2);
    if (!is_valid_utf8(reason)) return error(CloseCode::InvalidPayload, "close reason is not UTF-8");
    return {FrameEvent::Kind::Close, false, static_cast<CloseCode>(code), reason};
}

FrameEvent whole_message(bool binary, bool compressed, std::string_view payload) {
    if (compressed) return {FrameEvent::Kind::Message, binary, CloseCode::NoStatus, payload, true};
    return message_event(binary, payload);
}

FrameEvent frame_event(Opcode opcode, bool compressed, std::string_view payload) {
    switch (opcode) {
        case Opcode::Close: return close_event(payload);
        case Opcode::Ping: return {FrameEvent::Kind::Ping, false, CloseCode::NoStatus, payload};
        case Opcode::Pong: return {FrameEvent::Kind::Pong, false, CloseCode::NoStatus, payload};
        default: return whole_message(opcode == Opcode::Binary, compressed, payload);
    }
}

}  // namespace

FrameEvent message_event(bool binary, std::string_view payload) {
    if (!binary && !is_valid_utf8(payload)) return error(CloseCode::InvalidPayload, "text is not UTF-8");  // section 8.1
    return {FrameEvent::Kind::Message, binary, CloseCode::NoStatus, payload};
}

ServerFrameHeader::ServerFrameHeader(Opcode opcode, std::uint64_t payload_bytes) {
    bytes_[0] = static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
    std::size_t length_bytes = 0;  // section 5.2: the shortest form
    if (payload_bytes < 126) {
        bytes_[1] = static_cast<char>(payload_bytes);
    } else if (payload_bytes <= 0xffff) {
        bytes_[1] = 126;
        length_bytes = 2;
    } else {
        bytes_[1] = 127;
        length_bytes = 8;
    }
    for (std::size_t i = 0; i < length_bytes; ++i) {
        bytes_[size_++] = static_cast<char>(payload_bytes >> 8 * (length_bytes - 1 - i));
    }
}

std::string encode_frame(Opcode opcode, std::string_view payload) {
    const ServerFrameHeader header(opcode, payload.size());
    std::string frame;
    frame.reserve(header.view().size() + payload.size());
    frame.append(header.view()).append(payload);
    return frame;
}

std::size_t frame_header_bytes(std::string_view frame) {
    const auto length = static_cast<std::uint8_t>(frame[1]);
    return length < 126 ? 2 : length == 126 ? 4 : 10;
}

std::string encode_close(CloseCode code, std::string_view reason) {
    const auto number = static_cast<std::uint16_t>(code);
    if (!is_valid_close_code(number)) return {};
    std::size_t length = std::min(reason.size(), kMaxControlPayloadBytes - 2);
    while (length < reason.size() && length > 0 && (static_cast<std::uint8_t>(reason[length]) & 0xc0) == 0x80) --length;
    std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
    return payload.append(reason.substr(0, length));
}

bool is_valid_close_code(std::uint16_t code) {
    if (code >= 3000) return code <= 4999;                                   // section 7.4.2
    return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);  // section 7.4.1 and its IANA registry
}

void unmask(std::span<char> data, std::array<char, 4> key, std::size_t offset) {
    std::array<char, 8> pattern;
    for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = key[(offset + i) % 4];
    std::uint64_t mask = 0;
    std::memcpy(&mask, pattern.data(), sizeof mask);
    std::size_t i = 0;
    for (; i + sizeof mask <= data.size(); i += sizeof mask) {
        std::uint64_t word = 0;
        std::memcpy(&word, &data[i], sizeof word);
        word ^= mask;
        std::memcpy(&data[i], &word, sizeof word);
    }
    for (; i < data.size(); ++i) data[i] = static_cast<char>(data[i] ^ pattern[i % 8]);
}

struct FrameReader::Header {
    bool fin = false;
    std::uint8_t reserved = 0;
    bool compressed() const { return (reserved & kCompressedBit) != 0; }
    Opcode opcode{};
    bool masked = false;
    bool minimal = true;
    std::uint64_t length = 0;
    std::array<char, 4> key{};
    std::size_t size = 0;

    // nullopt: `bytes` ends within the header.
    static std::optional<Header> parse(std::span<const char> bytes);
};

std::optional<FrameReader::Header> FrameReader::Header::parse(std::span<const char> bytes) {
    if (bytes.size() < 2) return std::nullopt;
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    const auto second = static_cast<std::uint8_t>(bytes[1]);
    Header header;
    header.fin = (first & 0x80) != 0;
    header.reserved = first & 0x70;
    header.opcode = static_cast<Opcode>(first & 0x0f);
    header.masked = (second & 0x80) != 0;
    header.length = second & 0x7f;
    const std::size_t length_bytes = header.length == 126 ? 2 : header.length == 127 ? 8 : 0;
    header.size = 2 + length_bytes + (header.masked ? 4 : 0);
    if (bytes.size() < header.size) return std::nullopt;
    if (length_bytes == 2) {
        header.length = read_big_endian<2>(bytes.subspan(2));
        header.minimal = header.length >= 126;
    } else if (length_bytes == 8) {
        header.length = read_big_endian<8>(bytes.subspan(2));
        header.minimal = header.length > 0xffff;
    }
    if (header.masked) std::copy_n(&bytes[2 + length_bytes], 4, header.key.begin());
    return header;
}

// What is kept between two pieces of input: bytes of a header, or the payload of the frame so far; and the message's earlier fragments.
struct FrameReader::Partial {
    std::array<char, kMaxClientHeaderBytes> header_bytes;
    std::size_t header_size = 0;

    Header frame;  // meaningful in a payload
    bool in_payload = false;
    std::uint64_t payload_taken = 0;
    std::string control;  // payload of a control frame

    bool in_message = false;
    bool binary = false;
    bool compressed = false;
    std::string message;  // unmasked

    bool holds_nothing() const { return header_size == 0 && !in_payload && !in_message; }
    void start_payload(const Header& header);
};

void FrameReader::Partial::start_payload(const Header& header) {
    frame = header;
    in_payload = true;
    payload_taken = 0;
    if (is_control(header.opcode)) {
        control.clear();
    } else if (header.opcode != Opcode::Continuation) {
        in_message = true;
        binary = header.opcode == Opcode::Binary;
        compressed = header.compressed();
        message.clear();
    }
}

FrameReader::FrameReader(std::size_t max_message_bytes, bool compression)
    : max_message_bytes_(max_message_bytes), compression_(compression) {}
FrameReader::~FrameReader() = default;
FrameReader::FrameReader(FrameReader&&) noexcept = default;
FrameReader& FrameReader::operator=(FrameReader&&) noexcept = default;

FrameReader::Partial& FrameReader::partial() {
    if (!partial_) partial_ = std::make_unique<Partial>();
    return *partial_;
}

FrameEvent FrameReader::next(std::span<char>& input) {
    if (partial_ && partial_->holds_nothing()) partial_.reset();
    while (true) {
        if (!partial_ || !partial_->in_payload) {
            const auto header = take_header(input);
            if (!header) return {};
            if (const auto objection = objection_to(*header)) return *objection;
            const bool whole = input.size() >= header->length;
            const bool alone = is_control(header->opcode) || (header->fin && header->opcode != Opcode::Continuation);
            if (whole && alone) {
                const std::span<char> payload = input.first(header->length);
                input = input.subspan(payload.size());
                unmask(payload, header->key, 0);
                return frame_event(header->opcode, header->compressed(), {payload.data(), payload.size()});
            }
            partial().start_payload(*header);
        }
        if (!gather_payload(input)) return {};
        if (const auto event = finish_gathered()) return *event;
    }
}

std::optional<FrameReader::Header> FrameReader::take_header(std::span<char>& input) {
    if (input.empty()) return std::nullopt;
    if (!partial_ || partial_->header_size == 0) {
        if (const auto header = Header::parse(input)) {
            input = input.subspan(header->size);
            return header;
        }
    }
    // Cut within a header: add to what is kept, as much as a header may have, and give back what turns out to be payload.
    Partial& kept = partial();
    const std::size_t before = kept.header_size;
    const std::size_t added = std::min(input.size(), kMaxClientHeaderBytes - before);
    std::copy_n(input.begin(), added, kept.header_bytes.begin() + before);
    const auto header = Header::parse(std::span(kept.header_bytes).first(before + added));
    kept.header_size = header ? 0 : before + added;
    input = input.subspan(header ? header->size - before : added);
    return header;
}

std::optional<FrameEvent> FrameReader::objection_to(const Header& header) const {
    if (header.reserved != 0 && !may_be_compressed(header)) return protocol_error("reserved bits set without an extension");  // section 5.2
    if (!is_known(header.opcode)) return protocol_error("unknown opcode");                                                    // section 5.2
    if (!header.masked) return protocol_error("frame without a mask");                                                        // section 5.1
    if (!header.minimal) return protocol_error("length not in its shortest form");                                            // section 5.2
    if (header.length >> 63 != 0) return protocol_error("length with its highest bit set");                                   // section 5.2
    if (is_control(header.opcode)) {
        if (!header.fin) return protocol_error("fragmented control frame");                                     // section 5.5
        if (header.length > kMaxControlPayloadBytes) return protocol_error("control frame of over 125 bytes");  // section 5.5
        return std::nullopt;
    }
    const bool in_message = partial_ && partial_->in_message;
    const bool continues = header.opcode == Opcode::Continuation;
    if (continues && !in_message) return protocol_error("continuation of nothing");              // section 5.4
    if (!continues && in_message) return protocol_error("new message within a fragmented one");  // section 5.4
    const std::size_t before = continues ? partial_->message.size() : 0;
    const bool compressed = continues ? partial_->compressed : header.compressed();
    if (header.length > max_bytes(compressed) - before) return error(CloseCode::MessageTooBig, "message too big");  // section 7.4.1
    return std::nullopt;
}

// RFC 7692 section 6.1: the bit is set on the first frame of a compressed message and on nothing else.
bool FrameReader::may_be_compressed(const Header& header) const {
    return compression_ && header.reserved == kCompressedBit && !is_control(header.opcode) && header.opcode != Opcode::Continuation;
}

std::size_t FrameReader::max_bytes(bool compressed) const {
    return compressed ? max_message_bytes_ + max_message_bytes_ / 1024 + 64 : max_message_bytes_;
}

// Unmasks and keeps what `input` has of the payload. True when the payload is complete.
bool FrameReader::gather_payload(std::span<char>& input) {
    const std::uint64_t missing = partial_->frame.length - partial_->payload_taken;
    const std::span<char> piece = input.first(std::min<std::uint64_t>(missing, input.size()));
    input = input.subspan(piece.size());
    unmask(piece, partial_->frame.key, partial_->payload_taken % 4);
    std::string& target = is_control(partial_->frame.opcode) ? partial_->control : partial_->message;
    target.append(piece.data(), piece.size());
    partial_->payload_taken += piece.size();
    return piece.size() == missing;
}

// nullopt: a fragment that is not the last.
std::optional<FrameEvent> FrameReader::finish_gathered() {
    partial_->in_payload = false;
    if (is_control(partial_->frame.opcode)) return frame_event(partial_->frame.opcode, false, partial_->control);
    if (!partial_->frame.fin) return std::nullopt;
    partial_->in_message = false;
    return whole_message(partial_->binary, partial_->compressed, partial_->message);
}

}  // namespace parley::net

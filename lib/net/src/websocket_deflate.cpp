#include "websocket_deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <utility>

#include "parley/base/utf8.hpp"

namespace parley::net {
namespace {

constexpr std::string_view kTail("\x00\x00\xff\xff", 4);  // section 7.2.1: cut off by the sender, put back by the receiver
constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr int kMemoryLevel = 8;  // zlib's default
constexpr int kAtBlockBoundary = 128;
constexpr int kUnusedBits = 63;

void offer(z_stream& stream, std::string_view input) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream.avail_in = static_cast<uInt>(input.size());
}

}  // namespace

DeflateTerms DeflateTerms::of(const Deflate& options, int window_bits) {
    DeflateTerms terms;
    terms.threshold_bytes = static_cast<std::uint32_t>(std::min<std::size_t>(options.threshold_bytes, 0xff'ffff));
    terms.level = static_cast<std::uint32_t>(std::clamp(options.level, 1, 9));
    terms.window_bits = static_cast<std::uint32_t>(window_bits);
    return terms;
}

struct Deflater::Stream {
    z_stream z{};
};

Deflater::Deflater(int level, int window_bits) : level_(level), stream_(std::make_unique<Stream>()) {
    if (::deflateInit2(&stream_->z, level, Z_DEFLATED, -window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
}

Deflater::~Deflater() {
    ::deflateEnd(&stream_->z);
}

std::optional<std::string> Deflater::deflate(std::string_view payload) {
    z_stream& stream = stream_->z;
    ::deflateReset(&stream);
    offer(stream, payload);
    std::string deflated;
    do {
        std::array<char, kChunkBytes> chunk;
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = kChunkBytes;
        ::deflate(&stream, Z_SYNC_FLUSH);  // section 7.2.1: ends with an empty stored block
        deflated.append(chunk.data(), kChunkBytes - stream.avail_out);
        if (deflated.size() >= payload.size() + kTail.size()) return std::nullopt;
    } while (stream.avail_out == 0);
    deflated.resize(deflated.size() - kTail.size());
    return deflated;
}

struct Inflater::Stream {
    z_stream z{};
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {
    if (::inflateInit2(&stream_->z, -kMaxDeflateWindowBits) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() {
    ::inflateEnd(&stream_->z);
}

Inflater::Outcome Inflater::inflate(std::string_view payload, std::size_t max_bytes, std::string& out) {
    ::inflateReset(&stream_->z);
    const Outcome outcome = feed(payload, max_bytes, out);
    if (outcome != Outcome::Done || ended_) return outcome;
    const Outcome tail = feed(kTail, max_bytes, out);
    if (tail != Outcome::Done || ended_) return tail;
    const int state = stream_->z.data_type;  // anywhere but between two blocks, on a byte's edge, the message has been cut short
    return (state & kAtBlockBoundary) && !(state & kUnusedBits) ? Outcome::Done : Outcome::Broken;
}

Inflater::Outcome Inflater::feed(std::string_view input, std::size_t max_bytes, std::string& out) {
    z_stream& stream = stream_->z;
    offer(stream, input);
    ended_ = false;
    do {
        std::array<char, kChunkBytes> chunk;
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = kChunkBytes;
        const int result = ::inflate(&stream, Z_SYNC_FLUSH);
        const std::size_t produced = kChunkBytes - stream.avail_out;
        if (produced > max_bytes - out.size()) return Outcome::TooBig;
        out.append(chunk.data(), produced);
        if (result == Z_BUF_ERROR) return Outcome::Done;  // no more input and no more output
        if (result != Z_OK && result != Z_STREAM_END) return Outcome::Broken;
        ended_ = result == Z_STREAM_END;
        if (ended_) ::inflateReset(&stream);  // section 7.2.3.4: blocks may follow a final one
    } while (stream.avail_in > 0 || (stream.avail_out == 0 && !ended_));
    return Outcome::Done;
}

Deflater& DeflateStreams::deflater(DeflateTerms terms) {
    const auto level = static_cast<int>(terms.level);
    auto& kept = deflaters_[terms.window_bits];
    if (!kept || kept->level() != level) kept = std::make_unique<Deflater>(level, static_cast<int>(terms.window_bits));
    return *kept;
}

Inflater& DeflateStreams::inflater() {
    if (!inflater_) inflater_ = std::make_unique<Inflater>();
    return *inflater_;
}

std::optional<std::string> encode_deflated_frame(Opcode opcode, std::string_view payload, Deflater& deflater) {
    const auto deflated = deflater.deflate(payload);
    if (!deflated) return std::nullopt;
    std::string frame = encode_frame(opcode, *deflated);
    frame[0] = static_cast<char>(frame[0] | kCompressedBit);
    return frame;
}

FrameEvent inflate_message(const FrameEvent& event, Inflater& inflater, std::size_t max_message_bytes, std::string& inflated) {
    const auto error = [](CloseCode code, std::string_view why) { return FrameEvent{FrameEvent::Kind::Error, false, code, why}; };
    switch (inflater.inflate(event.payload, max_message_bytes, inflated)) {
        case Inflater::Outcome::TooBig: return error(CloseCode::MessageTooBig, "message too big");
        case Inflater::Outcome::Broken: return error(CloseCode::InvalidPayload, "compressed message is broken");
        case Inflater::Outcome::Done: return message_event(event.binary, inflated);
    }
    std::unreachable();
}

SharedBytes DeflatedFrame::get(std::string_view plain, DeflateTerms terms, DeflateStreams& streams) {
    const std::string_view payload = plain.substr(frame_header_bytes(plain));
    const auto opcode = static_cast<Opcode>(plain[0] & 0x0f);
    const auto make = [&]() -> SharedBytes {
        auto frame = encode_deflated_frame(opcode, payload, streams.deflater(terms));
        return frame ? share(std::move(*frame)) : nullptr;
    };
    std::call_once(made_, [&] {
        frame_ = make();
        window_bits_ = terms.window_bits;
    });
    return window_bits_ <= terms.window_bits ? frame_
                                             : make();  // section 7.1.2.1: a client with a smaller window cannot read the shared one
}

}  // namespace parley::net

#include "chunked.hpp"

#include <algorithm>

namespace parley::net {
namespace {

constexpr unsigned kMaxSizeDigits = 15;  // far over any limit, and no overflow

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_text(char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
}

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::feed(std::string_view bytes, std::string& body, std::size_t max_body_bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (state_ == State::Data) {
            const std::size_t count = std::min<std::uint64_t>(size_, bytes.size() - at);
            body.append(bytes.substr(at, count));
            at += count;
            size_ -= count;
            if (size_ == 0) state_ = State::DataEnd;
            continue;
        }
        const Status status = step(bytes[at++]);
        if (status != Status::NeedMore) return {status, at};
        if (state_ == State::Data && size_ > max_body_bytes - std::min(max_body_bytes, body.size())) return {Status::TooLarge, at};
    }
    return {Status::NeedMore, at};
}

ChunkedDecoder::Status ChunkedDecoder::step(char c) {
    switch (state_) {
        case State::SizeFirst:
            size_ = 0;
            size_digits_ = 0;
            if (hex_value(c) < 0) return Status::Malformed;
            state_ = State::Size;
            return on_size(c);
        case State::Size: return on_size(c);
        case State::Blank:
        case State::Extension: return on_extension(c);
        case State::SizeEnd: return expect(c, '\n', size_ > 0 ? State::Data : State::LineStart);
        case State::DataEnd: return expect(c, '\r', State::DataEndLine);
        case State::DataEndLine: return expect(c, '\n', State::SizeFirst);
        case State::LineStart:
        case State::Trailer: return on_trailer(c);
        case State::TrailerEnd: return expect(c, '\n', State::LineStart);
        case State::End: return c == '\n' ? Status::Complete : Status::Malformed;
        case State::Data: break;
    }
    return Status::Malformed;
}

ChunkedDecoder::Status ChunkedDecoder::on_size(char c) {
    if (const int value = hex_value(c); value >= 0) {
        size_ = size_ * 16 + static_cast<unsigned>(value);
        return ++size_digits_ <= kMaxSizeDigits ? Status::NeedMore : Status::Malformed;
    }
    state_ = State::Blank;
    return on_extension(c);
}

// RFC 9112 section 7.1.1: blanks may come before the semicolon; recipients ignore extensions that they do not know, and bound them.
ChunkedDecoder::Status ChunkedDecoder::on_extension(char c) {
    if (c == '\r') {
        state_ = State::SizeEnd;
        return Status::NeedMore;
    }
    if (state_ == State::Blank) {
        if (c == ';') state_ = State::Extension;
        if (c != ';' && c != ' ' && c != '\t') return Status::Malformed;
    }
    return is_text(c) && ++extension_bytes_ <= kMaxChunkExtensionBytes ? Status::NeedMore : Status::Malformed;
}

ChunkedDecoder::Status ChunkedDecoder::on_trailer(char c) {
    if (c == '\r') {
        state_ = state_ == State::LineStart ? State::End : State::TrailerEnd;
        return Status::NeedMore;
    }
    state_ = State::Trailer;
    return is_text(c) && ++trailer_bytes_ <= kMaxTrailerBytes ? Status::NeedMore : Status::Malformed;
}

ChunkedDecoder::Status ChunkedDecoder::expect(char c, char wanted, State next) {
    if (c != wanted) return Status::Malformed;
    state_ = next;
    return Status::NeedMore;
}

}  // namespace parley::net

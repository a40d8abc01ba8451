// HttpParser: one HTTP/1.x request out of bytes (RFC 9112). No sockets, no clock; Boost.Beast reads the head behind it, and what Beast forgives
// but proxies disagree about (request smuggling) is refused before and after it.
//
//     feed -> NeedMore*, Head, [set_max_body_bytes], feed -> NeedMore*, Complete, take_request
//
// Until Head nothing is consumed but blank lines: the caller keeps the bytes and offers them again with more behind them. A body is consumed as
// it comes. After Rejected the connection cannot be understood any more: answer and close.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "chunked.hpp"
#include "parley/net/http.hpp"

namespace parley::net {

class HttpParser {
public:
    enum class Status : std::uint8_t { NeedMore, Head, Complete, Rejected };

    struct Step {
        Status status;
        std::size_t consumed;
    };

    // Why a request cannot be served: an HTTP status and a sentence.
    struct Rejection {
        unsigned status = 0;
        std::string_view reason;  // of static lifetime
    };

    // max_header_bytes: of the request line and the fields; one more is 431.
    explicit HttpParser(std::size_t max_header_bytes) : max_header_bytes_(max_header_bytes) {}

    Step feed(std::string_view bytes);

    // Between Head and the next feed; 0 unless called. A longer body is rejected with 413, at once if its length is announced.
    void set_max_body_bytes(std::size_t count) { max_body_bytes_ = count; }

    // The client waits for "100 Continue" before it sends the body (RFC 9110 section 10.1.1).
    bool expects_continue() const { return expects_continue_; }
    bool has_body() const { return body_ != BodyKind::None; }

    // The head, once it could be read; nullptr before.
    const RequestHead* head() const { return head_read_ ? &request_ : nullptr; }
    void set_peer(const Address& peer) { request_.peer = peer; }
    const Rejection& rejection() const { return rejection_; }

    // After Complete. The parser is as new.
    HttpRequest take_request();
    void reset();

private:
    enum class BodyKind : std::uint8_t { None, Length, Chunked };
    struct Framing;

    std::optional<Step> scan_head(std::string_view bytes);
    Step read_head(std::string_view head);
    bool check_framing(const Framing& framing);
    bool check_transfer_coding(const Framing& framing);
    bool check_target();
    Step read_body(std::string_view bytes);
    Step read_chunks(std::string_view bytes);
    Step reject(unsigned status, std::string_view reason);
    bool refuse(unsigned status, std::string_view reason);

    std::size_t max_header_bytes_;
    std::size_t max_body_bytes_ = 0;
    std::size_t scanned_ = 0;  // whole lines of the head that have been looked at, in bytes
    std::size_t lines_ = 0;
    std::uint64_t body_left_ = 0;
    ChunkedDecoder chunks_;
    BodyKind body_ = BodyKind::None;
    bool head_read_ = false;
    bool expects_continue_ = false;
    Rejection rejection_;
    HttpRequest request_;
};

}  // namespace parley::net

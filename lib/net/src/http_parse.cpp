#include "http_parse.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include "head_lines.hpp"

namespace parley::net {
namespace {

namespace http = boost::beast::http;
using BeastView = boost::beast::string_view;
using BeastError = boost::beast::error_code;

constexpr std::size_t kFirstBodyReserve = 64 * 1024;  // a client may announce more than it sends

std::string_view to_std(BeastView view) {
    return {view.data(), view.size()};
}

Method to_method(http::verb verb) {
    switch (verb) {
        case http::verb::get: return Method::Get;
        case http::verb::head: return Method::Head;
        case http::verb::post: return Method::Post;
        case http::verb::put: return Method::Put;
        case http::verb::patch: return Method::Patch;
        case http::verb::delete_: return Method::Delete;
        case http::verb::options: return Method::Options;
        case http::verb::trace: return Method::Trace;
        case http::verb::connect: return Method::Connect;
        default: return Method::Other;
    }
}

bool is_host(std::string_view value) {
    return value.find_first_of(" \t,/?#@\\") == std::string_view::npos;
}

// Only digits (RFC 9110 section 8.6); a list of equal lengths, which it allows to accept, is refused.
std::optional<std::uint64_t> parse_length(std::string_view value) {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (value.empty() || error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    return length;
}

}  // namespace

// The fields that decide where a request ends, noted as they go by.
struct HttpParser::Framing {
    unsigned hosts = 0;
    unsigned lengths = 0;
    unsigned codings = 0;
    std::string_view host;
    std::string_view length;
    std::string_view coding;
    std::string_view expectation;
};

namespace {

// Beast reads the head of a request and tells; the body is not for it.
template <class Framing>
class HeadReader final : public http::basic_parser<true> {
public:
    HeadReader(RequestHead& head, Framing& framing) : head_(head), framing_(framing) {
        header_limit((std::numeric_limits<std::uint32_t>::max)());
        body_limit(boost::none);
    }

private:
    void on_request_impl(http::verb verb, BeastView name, BeastView target, int version, BeastError&) override {
        head_.method = to_method(verb);
        head_.method_name = to_std(name);
        head_.target = to_std(target);
        head_.version_minor = version == 10 ? 0 : 1;
    }

    void on_field_impl(http::field field, BeastView name, BeastView value, BeastError&) override {
        const std::string_view text = to_std(value);
        head_.headers.add(to_std(name), text);
        switch (field) {
            case http::field::host: ++framing_.hosts, framing_.host = text; break;
            case http::field::content_length: ++framing_.lengths, framing_.length = text; break;
            case http::field::transfer_encoding: ++framing_.codings, framing_.coding = text; break;
            case http::field::expect: framing_.expectation = text; break;
            default: break;
        }
    }

    void on_response_impl(int, BeastView, int, BeastError&) override {}
    void on_header_impl(BeastError&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}
    std::size_t on_body_impl(BeastView body, BeastError&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, BeastView, BeastError&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, BeastError&) override { return body.size(); }
    void on_finish_impl(BeastError&) override {}

    RequestHead& head_;
    Framing& framing_;
};

}  // namespace

HttpParser::Step HttpParser::feed(std::string_view bytes) {
    if (rejection_.status != 0) return {Status::Rejected, 0};
    if (head_read_) return read_body(bytes);
    std::size_t blank = 0;
    // RFC 9112 section 2.2: empty lines before a request are ignored.
    while (scanned_ == 0 && bytes.substr(blank).starts_with("\r\n")) blank += 2;
    bytes.remove_prefix(blank);
    auto step = scan_head(bytes);
    if (!step) step = read_head(bytes.substr(0, scanned_));
    step->consumed += blank;
    return *step;
}

// Looks at the lines that have become complete. nullopt: the head ends at scanned_.
std::optional<HttpParser::Step> HttpParser::scan_head(std::string_view bytes) {
    while (true) {
        const std::string_view rest = bytes.substr(scanned_);
        const std::size_t feed = rest.find('\n');
        const std::size_t size = feed == std::string_view::npos ? bytes.size() : scanned_ + feed + 1;
        if (size > max_header_bytes_) return reject(431, "the request's head is too large");
        if (feed == std::string_view::npos) return Step{Status::NeedMore, 0};
        if (feed == 0 || rest[feed - 1] != '\r') return reject(400, "a line ends without CR");  // RFC 9112 section 2.2
        const std::string_view line = rest.substr(0, feed - 1);
        scanned_ = size;
        if (line.empty()) return std::nullopt;
        const auto fault = lines_++ == 0 ? check_request_line(line) : check_field_line(line);
        if (fault) return reject(fault->status, fault->reason);
    }
}

HttpParser::Step HttpParser::read_head(std::string_view head) {
    Framing framing;
    request_.headers.reserve(head.size(), lines_);
    HeadReader<Framing> reader(request_, framing);
    BeastError error;
    reader.put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (error || !reader.is_header_done()) return reject(400, "malformed request");
    head_read_ = true;
    request_.keep_alive = reader.keep_alive();
    if (!check_framing(framing) || !check_target()) return {Status::Rejected, head.size()};
    return {Status::Head, head.size()};
}

bool HttpParser::check_framing(const Framing& framing) {
    // RFC 9112 section 3.2: HTTP/1.1 has exactly one Host.
    if (framing.hosts > 1 || (framing.hosts == 0 && request_.version_minor > 0)) return refuse(400, "a request has exactly one Host field");
    if (!is_host(framing.host)) return refuse(400, "malformed Host field");
    if (!check_transfer_coding(framing)) return false;
    if (framing.lengths > 0) {
        const auto length = parse_length(framing.length);
        if (framing.lengths > 1 || !length) return refuse(400, "malformed Content-Length field");  // RFC 9112 section 6.3
        body_left_ = *length;
        if (body_left_ > 0) body_ = BodyKind::Length;
    }
    if (request_.version_minor == 0 || framing.expectation.empty()) return true;
    // RFC 9110 section 10.1.1
    if (!equals_ignoring_case(framing.expectation, "100-continue")) return refuse(417, "this expectation is not supported");
    expects_continue_ = true;
    return true;
}

bool HttpParser::check_transfer_coding(const Framing& framing) {
    if (framing.codings == 0) return true;
    if (framing.lengths > 0) return refuse(400, "Content-Length with Transfer-Encoding");                       // RFC 9112 section 6.3
    if (framing.codings > 1 || request_.version_minor == 0) return refuse(400, "malformed Transfer-Encoding");  // RFC 9112 section 6.1
    if (!equals_ignoring_case(framing.coding, "chunked")) return refuse(501, "this transfer coding is not supported");
    body_ = BodyKind::Chunked;
    return true;
}

// RFC 9112 section 3.2: origin form, absolute form (made into origin form, its host replaces Host), "*" with OPTIONS.
bool HttpParser::check_target() {
    std::string& target = request_.target;
    if (request_.method == Method::Connect) return refuse(501, "CONNECT is not supported");
    if (target.starts_with('/')) return true;
    if (target == "*" && request_.method == Method::Options) return true;
    const std::size_t scheme = target.find("://");
    const std::string_view name = std::string_view(target).substr(0, scheme);
    if (scheme == std::string::npos || !(equals_ignoring_case(name, "http") || equals_ignoring_case(name, "https"))) {
        return refuse(400, "malformed request target");
    }
    const std::size_t begin = scheme + 3;
    const std::size_t end = std::min(target.find_first_of("/?", begin), target.size());
    const std::string host = target.substr(begin, end - begin);
    if (host.empty() || !is_host(host)) return refuse(400, "malformed request target");
    request_.headers.set("Host", host);
    target.erase(0, end);
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    return true;
}

HttpParser::Step HttpParser::read_body(std::string_view bytes) {
    if (body_ == BodyKind::Chunked) return read_chunks(bytes);
    if (body_left_ > 0 && body_left_ > max_body_bytes_ - std::min(max_body_bytes_, request_.body.size())) {
        return reject(413, "the request's body is too large");
    }
    if (request_.body.empty()) request_.body.reserve(std::min<std::uint64_t>(body_left_, kFirstBodyReserve));
    const std::size_t count = std::min<std::uint64_t>(body_left_, bytes.size());
    request_.body.append(bytes.substr(0, count));
    body_left_ -= count;
    return {body_left_ == 0 ? Status::Complete : Status::NeedMore, count};
}

HttpParser::Step HttpParser::read_chunks(std::string_view bytes) {
    const auto step = chunks_.feed(bytes, request_.body, max_body_bytes_);
    switch (step.status) {
        case ChunkedDecoder::Status::NeedMore: return {Status::NeedMore, step.consumed};
        case ChunkedDecoder::Status::Complete: return {Status::Complete, step.consumed};
        case ChunkedDecoder::Status::TooLarge: return reject(413, "the request's body is too large");
        case ChunkedDecoder::Status::Malformed: break;
    }
    return reject(400, "malformed chunked body");
}

HttpParser::Step HttpParser::reject(unsigned status, std::string_view reason) {
    rejection_ = {status, reason};
    return {Status::Rejected, 0};
}

bool HttpParser::refuse(unsigned status, std::string_view reason) {
    rejection_ = {status, reason};
    return false;
}

HttpRequest HttpParser::take_request() {
    HttpRequest request = std::move(request_);
    reset();
    return request;
}

void HttpParser::reset() {
    *this = HttpParser(max_header_bytes_);
}

}  // namespace parley::net

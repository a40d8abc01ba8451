#include "api/responses.hpp"

#include <openssl/evp.h>

#include <array>

#include "parley/base/encoding.hpp"
#include "parley/base/log.hpp"

namespace parley::api {

namespace {

constexpr std::size_t kEtagBytes = 16;

net::HttpResponse json_of(unsigned status, net::Body body, std::string_view caching) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json; charset=utf-8");
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Cache-Control", caching);
    response.body = std::move(body);
    return response;
}

std::string_view opaque_tag(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    return etag;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What may stand in a URL as it is; "%" only where an escape follows.
bool is_url_character(std::string_view text, std::size_t i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '%') return i + 2 < text.size() && hex_decode(text.substr(i + 1, 2)).has_value();
    return c > 0x20 && c < 0x7f && std::string_view("\"<>`{}").find(text[i]) == std::string_view::npos;
}

std::string encode_url(std::string_view path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (is_url_character(path, i)) {
            out += path[i];
        } else {
            out += net::percent_encode(path.substr(i, 1));
        }
    }
    return out;
}

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

// Whether people may read the error's own text: it is about what they asked, not about the server.
bool is_for_people(ErrorCode code) {
    return status_of(code) < 500;
}

}  // namespace

net::HttpResponse json_response(unsigned status, net::Body body) {
    return json_of(status, std::move(body), "no-store");
}

net::HttpResponse error_response(const dialect::Dialect& dialect, dialect::Area area, unsigned status, std::string_view text) {
    return json_response(status, dialect.error_json(area, text));
}

net::HttpResponse error_response(const dialect::Dialect& dialect, dialect::Area area, const Error& error) {
    const unsigned status = status_of(error.code);
    if (is_for_people(error.code)) return error_response(dialect, area, status, error.message);
    log::warn("a request failed: {}: {}", to_string(error.code), error.message);
    if (status != 503) return error_response(dialect, area, status, dialect.failure(area));
    auto response = error_response(dialect, area, status, dialect.text(dialect::Text::Busy));
    response.headers.add("Retry-After", "1");
    return response;
}

unsigned status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument:
        case ErrorCode::AlreadyExists:  // what the original answers to a taken name
        case ErrorCode::Protocol: return 400;
        case ErrorCode::Unauthenticated: return 401;
        case ErrorCode::PermissionDenied: return 403;
        case ErrorCode::NotFound: return 404;
        case ErrorCode::Conflict: return 409;
        case ErrorCode::TooLarge: return 413;
        case ErrorCode::RateLimited: return 429;
        case ErrorCode::Unavailable:
        case ErrorCode::Timeout:
        case ErrorCode::Cancelled: return 503;
        case ErrorCode::Internal: break;
    }
    return 500;
}

net::HttpResponse too_many_requests(const dialect::Dialect& dialect, dialect::Area area, std::chrono::seconds retry_after) {
    auto response = error_response(dialect, area, 429, dialect.text(dialect::Text::TooManyRequests));
    response.headers.add("Retry-After", std::to_string(retry_after.count()));
    return response;
}

std::string weak_etag(std::initializer_list<std::string_view> state) {
    std::string text;
    for (const std::string_view part : state) {
        text += std::to_string(part.size());
        text += ':';
        text += part;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return "W/\"" + base64url_encode({reinterpret_cast<const char*>(digest.data()), kEtagBytes}) + "\"";
}

bool is_fresh(const net::RequestHead& head, std::string_view etag) {
    std::string_view known = head.headers.get("If-None-Match");
    if (known.empty() || head.headers.lists("Cache-Control", "no-cache")) return false;
    while (!known.empty()) {
        const auto comma = std::min(known.find(','), known.size());
        const std::string_view tag = trim(known.substr(0, comma));
        if (tag == "*" || opaque_tag(tag) == opaque_tag(etag)) return true;
        known.remove_prefix(std::min(comma + 1, known.size()));
    }
    return false;
}

net::HttpResponse not_modified(std::string_view etag) {
    net::HttpResponse response;
    response.status = 304;
    response.headers.add("ETag", etag);
    response.headers.add("Cache-Control", "private, no-cache");
    return response;
}

net::HttpResponse list_response(net::Body body, std::string_view etag) {
    auto response = json_of(200, std::move(body), "private, no-cache");
    response.headers.add("ETag", etag);
    return response;
}

net::HttpResponse cannot_page(const net::RequestHead& head) {
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot ";
    page += escape_html(head.method_name) + " " + escape_html(encode_url(head.path()));
    page += "</pre>\n</body>\n</html>\n";
    auto response = net::HttpResponse::text(404, "text/html; charset=utf-8", std::move(page));
    response.headers.set("Content-Security-Policy", "default-src 'none'");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace parley::api

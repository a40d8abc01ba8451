#include "api/responses.hpp"

#include <openssl/evp.h>

#include <array>

#include "parley/base/encoding.hpp"
#include "parley/base/log.hpp"

namespace parley::api {

namespace {

constexpr std::size_t kEtagBytes = 16;

// Room for what json_of adds and an ETag.
constexpr std::size_t kUsualHeaderBytes = 160;
constexpr std::size_t kUsualHeaders = 4;

net::HttpResponse json_of(unsigned status, net::Body body, std::string_view caching) {
    net::HttpResponse response;
    response.status = status;
    response.headers.reserve(kUsualHeaderBytes, kUsualHeaders);
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
    // Whoever is unavailable says so itself; here it would be a line for every request.
    const auto level = error.code == ErrorCode::Unavailable ? log::Level::Debug : log::Level::Warn;
    log::at(level, "a request failed: {}: {}", to_string(error.code), error.message);
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

}  // namespace parley::api

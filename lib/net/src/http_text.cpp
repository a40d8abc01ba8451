// The small texts of HTTP: reason phrases, query strings, percent-encoding, cookies, dates.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "parley/base/utf8.hpp"
#include "parley/net/http.hpp"

namespace parley::net {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The byte that the escape at text[at] stands for, or -1.
int escaped_byte(std::string_view text, std::size_t at) {
    if (at + 2 >= text.size()) return -1;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string decode_form_text(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int byte = text[i] == '%' ? escaped_byte(text, i) : -1;
        if (byte >= 0) {
            decoded.push_back(static_cast<char>(byte));
            i += 2;
        } else {
            decoded.push_back(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return decoded;
}

struct RawPair {
    std::string_view name;
    std::string_view value;
};

// Takes the first "name=value" off the front of a query.
RawPair next_pair(std::string_view& query) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const std::size_t equals = pair.find('=');
    return {pair.substr(0, equals), equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1)};
}

std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 205: return "Reset Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";            // RFC 6585
        case 429: return "Too Many Requests";                // RFC 6585
        case 431: return "Request Header Fields Too Large";  // RFC 6585
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";  // RFC 4918
        default: return "Unknown";
    }
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const RawPair pair = next_pair(query);
        if (pair.name == name || decode_form_text(pair.name) == name) return decode_form_text(pair.value);
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        const RawPair pair = next_pair(query);
        if (pair.name.empty() && pair.value.empty()) continue;
        pairs.emplace_back(decode_form_text(pair.name), decode_form_text(pair.value));
    }
    return pairs;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    while (true) {
        const std::size_t escape = std::min(text.find('%'), text.size());
        decoded.append(text.substr(0, escape));
        if (escape == text.size()) break;
        const int byte = escaped_byte(text, escape);
        if (byte < 0) return std::nullopt;
        decoded.push_back(static_cast<char>(byte));
        text.remove_prefix(escape + 3);
    }
    if (!is_valid_utf8(decoded)) return std::nullopt;
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (alphanumeric || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded.push_back(c);
        } else {
            encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
        }
    }
    return encoded;
}

std::optional<std::string> cookie(std::string_view cookie_header, std::string_view name) {
    while (!cookie_header.empty()) {
        const std::size_t end = cookie_header.find(';');
        const std::string_view pair = cookie_header.substr(0, end);
        cookie_header.remove_prefix(end == std::string_view::npos ? cookie_header.size() : end + 1);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || trim_blanks(pair.substr(0, equals)) != name) continue;
        std::string_view value = trim_blanks(pair.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        auto decoded = percent_decode(value);
        return decoded ? std::move(*decoded) : std::string(value);
    }
    return std::nullopt;
}

std::optional<std::string> cookie(const Headers& headers, std::string_view name) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (!equals_ignoring_case(headers[i].name, "Cookie")) continue;
        if (auto value = cookie(headers[i].value, name)) return value;
    }
    return std::nullopt;
}

}  // namespace parley::net

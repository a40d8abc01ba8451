#include "api/request_body.hpp"

#include <optional>

#include "api/content_coding.hpp"

namespace parley::api {

namespace {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view unquote(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return quoted ? text.substr(1, text.size() - 2) : text;
}

// The value of the charset parameter (RFC 9110 section 8.3.1), without quotes; "" if there is none.
std::string_view charset_of(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto end = std::min(parameters.find(';'), parameters.size());
        const std::string_view parameter = trim(parameters.substr(0, end));
        parameters.remove_prefix(std::min(end + 1, parameters.size()));
        const auto equals = parameter.find('=');
        if (equals != std::string_view::npos && net::equals_ignoring_case(parameter.substr(0, equals), "charset")) {
            return unquote(parameter.substr(equals + 1));
        }
    }
    return {};
}

// Why the type cannot be read.
std::optional<Refusal> refuse_type(std::string_view content_type) {
    const auto end = std::min(content_type.find(';'), content_type.size());
    if (!net::equals_ignoring_case(trim(content_type.substr(0, end)), "application/json")) {
        return Refusal{415, "The request body must be JSON (Content-Type: application/json)"};
    }
    const std::string_view charset = charset_of(content_type.substr(std::min(end + 1, content_type.size())));
    if (!charset.empty() && !net::equals_ignoring_case(charset, "utf-8")) return Refusal{415, "The request body must be in UTF-8"};
    return std::nullopt;
}

Refusal refusal_of(CodingError error) {
    switch (error) {
        case CodingError::Unknown: return {415, "The request's Content-Encoding is not supported"};
        case CodingError::Damaged: return {400, "The request body does not match its Content-Encoding"};
        case CodingError::TooLarge: break;
    }
    return {413, "The request body is too large"};
}

}  // namespace

std::expected<dialect::Fields, Refusal> read_fields(const net::RequestHead& head, std::string body, std::size_t max_bytes) {
    if (body.empty()) return dialect::Fields();
    if (auto refusal = refuse_type(head.headers.get("Content-Type"))) return std::unexpected(std::move(*refusal));
    const auto unpacked = undo_content_coding(trim(head.headers.get("Content-Encoding")), std::move(body), max_bytes);
    if (!unpacked) return std::unexpected(refusal_of(unpacked.error()));
    if (unpacked->empty()) return dialect::Fields();
    auto fields = dialect::Fields::parse(*unpacked);
    if (!fields) return std::unexpected(Refusal{400, std::move(fields).error().message});
    return std::move(*fields);
}

}  // namespace parley::api

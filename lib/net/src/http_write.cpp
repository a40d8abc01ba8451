#include "http_write.hpp"

#include <fmt/format.h>

#include <iterator>

#include "parley/base/log.hpp"

namespace parley::net {
namespace {

bool belongs_to_connection(std::string_view name) {
    switch (name.size()) {
        case 4: return equals_ignoring_case(name, "Date");
        case 10: return equals_ignoring_case(name, "Connection");
        case 14: return equals_ignoring_case(name, "Content-Length");
        case 17: return equals_ignoring_case(name, "Transfer-Encoding");
        default: return false;
    }
}

bool is_valid_name(std::string_view name) {
    return !name.empty() && name.find_first_of(": \t\r\n") == std::string_view::npos && is_valid_field_value(name);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void append_head(std::string& out, unsigned status, const Headers& headers, const AnswerFraming& framing) {
    if (status == 200) {
        out.append("HTTP/1.1 200 OK\r\n");
    } else {
        fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
    }
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const Headers::Field field = headers[i];
        if (belongs_to_connection(field.name)) continue;
        if (is_valid_name(field.name) && is_valid_field_value(field.value)) {
            append_field(out, field.name, field.value);
        } else {
            log::error("defect: answer field \"{}\" is not valid and was left out", field.name);
        }
    }
    if (framing.chunked) append_field(out, "Transfer-Encoding", "chunked");
    if (framing.length) append_field(out, "Content-Length", fmt::format_int(*framing.length).c_str());
    append_field(out, "Date", framing.date);
    if (framing.close) append_field(out, "Connection", "close");
    if (framing.announce_keep_alive && !framing.close) append_field(out, "Connection", "keep-alive");
    out.append("\r\n");
}

bool status_has_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace parley::net

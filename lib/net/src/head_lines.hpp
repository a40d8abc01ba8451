// The lines of a request's head, looked at one by one before a parser reads them: what lenient parsers accept and strict ones do not is how
// requests are smuggled past a proxy.
#pragma once

#include <optional>
#include <string_view>

namespace parley::net {

struct LineFault {
    unsigned status;
    std::string_view reason;  // of static lifetime
};

// `line` is without its CRLF. nullopt: in order.
std::optional<LineFault> check_request_line(std::string_view line);
std::optional<LineFault> check_field_line(std::string_view line);

}  // namespace parley::net

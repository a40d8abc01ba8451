#include "api/paging.hpp"

#include <charconv>
#include <string>

#include "parley/base/utf8.hpp"
#include "parley/net/http.hpp"

namespace parley::api {

Result<std::size_t> read_limit(std::string_view query) {
    const auto text = net::query_parameter(query, "limit");
    if (!text) return kDefaultPage;
    std::size_t limit = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, limit);
    if (error == std::errc() && end == last && limit >= 1 && limit <= kLargestPage) return limit;
    return fail(ErrorCode::InvalidArgument, "limit must be a whole number from 1 to " + std::to_string(kLargestPage));
}

Result<std::string> read_parameter(std::string_view query, std::string_view name) {
    auto value = net::query_parameter(query, name).value_or("");
    if (!is_valid_utf8(value)) return fail(ErrorCode::InvalidArgument, std::string(name) + " is not valid UTF-8");
    return value;
}

bool has_parameter(std::string_view query, std::string_view name) {
    return net::query_parameter(query, name).has_value();
}

}  // namespace parley::api

// The additive paging parameters of lists: how many, and where the next part starts. Cursors stay opaque; they travel in headers, so that bodies keep
// their shape.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"

namespace parley::api {

inline constexpr std::size_t kDefaultPage = 100;
inline constexpr std::size_t kLargestPage = 500;

// ?limit: a whole number from 1 to kLargestPage; kDefaultPage if it is not given. InvalidArgument otherwise.
Result<std::size_t> read_limit(std::string_view query);

// The value of a query parameter, "" if it is not given. InvalidArgument if it is not UTF-8.
Result<std::string> read_parameter(std::string_view query, std::string_view name);
bool has_parameter(std::string_view query, std::string_view name);

}  // namespace parley::api

// Content types by file name extension.
#pragma once

#include <optional>
#include <string_view>

namespace parley::site {

// "text/html; charset=utf-8" for "index.html", in any letter case; nullopt for an extension that is not on the list, or none.
std::optional<std::string_view> content_type(std::string_view name);

}  // namespace parley::site

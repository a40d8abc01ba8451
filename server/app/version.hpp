// The version of this program, from the build.
#pragma once

#include <string_view>

namespace parley::app {

std::string_view version();       // "0.1.0"
std::string_view version_text();  // "parley 0.1.0"

}  // namespace parley::app

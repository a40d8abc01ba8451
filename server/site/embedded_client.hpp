// The web client that was linked into this binary, or why there is none. The bytes are a file that tools/web-client made (embedded_client.cpp).
#pragma once

#include <string_view>

#include "parley/base/result.hpp"
#include "site/bundle.hpp"

namespace parley::site {

// NotFound: the binary was built without it; the message says why ("Node.js and npm were missing when it was built"). Others: a broken build.
// Nothing is copied, and of the contents nothing is read.
Result<Bundle> embedded_client();

// The same for any such bytes: "none: <why>\n" instead of a bundle says that there is none.
Result<Bundle> open_client(std::string_view bytes);

}  // namespace parley::site

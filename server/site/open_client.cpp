#include "site/embedded_client.hpp"

namespace parley::site {

Result<Bundle> open_client(std::string_view bytes) {
    constexpr std::string_view kNone = "none: ";
    if (!bytes.starts_with(kNone)) return Bundle::open(bytes);
    bytes.remove_prefix(kNone.size());
    return fail(ErrorCode::NotFound, std::string(bytes.substr(0, bytes.find('\n'))));
}

}  // namespace parley::site

#include "app/version.hpp"

namespace parley::app {

std::string_view version() {
    return PARLEY_VERSION;
}

std::string_view version_text() {
    return "parley " PARLEY_VERSION;
}

}  // namespace parley::app

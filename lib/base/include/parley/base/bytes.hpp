// SharedBytes: immutable bytes with shared ownership. A broadcast is encoded into one of these once and every connection refers to it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace parley {

using SharedBytes = std::shared_ptr<const std::string>;

inline SharedBytes share(std::string bytes) {
    return std::make_shared<const std::string>(std::move(bytes));
}

}  // namespace parley

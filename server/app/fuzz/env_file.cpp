// Any text is read as a .env file to its end, and gives only names that are names.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/env_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    for (const auto& [name, value] : parley::app::parse_env_file({reinterpret_cast<const char*>(data), size})) {
        if (name.empty() || name.find_first_not_of(kNameCharacters) != std::string::npos) std::abort();
    }
    return 0;
}

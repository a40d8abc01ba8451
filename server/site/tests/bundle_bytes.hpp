// Makes the bytes of a bundle for tests, as tools/pack-web-client.mjs does, with contents that need not be what their coding says.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "site/content_coding.hpp"

namespace parley::site {

struct PackedFile {
    std::string name;
    std::array<std::optional<std::string>, kCodings> content;  // by Coding
};

inline void put_number(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t count = 4) {
    for (std::size_t i = 0; i < count; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

// Precondition: ascending names, each with an identity.
inline std::string pack(const std::vector<PackedFile>& files) {
    constexpr std::size_t kHead = 16;
    constexpr std::size_t kEntry = 8 + kCodings * 16;
    std::string bytes(kHead + files.size() * kEntry, '\0');
    const auto place = [&bytes](std::size_t at, const std::string& text) {
        put_number(bytes, at, bytes.size());
        put_number(bytes, at + 4, text.size());
        bytes += text;
    };
    for (std::size_t i = 0; i < files.size(); ++i) place(kHead + i * kEntry, files[i].name);
    for (std::size_t coding = kCodings; coding-- > 0;) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            const std::size_t at = kHead + i * kEntry + 8 + coding * 16;
            if (!files[i].content[coding]) continue;
            place(at, *files[i].content[coding]);
            put_number(bytes, at + 8, std::hash<std::string>()(*files[i].content[coding]), 8);
        }
    }
    bytes.replace(0, 8, "PARLEYW1");
    put_number(bytes, 8, bytes.size());
    put_number(bytes, 12, files.size());
    return bytes;
}

}  // namespace parley::site

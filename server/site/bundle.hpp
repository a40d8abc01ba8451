// Bundle: the files of a built web page in one piece of memory, each as it is and, where that is smaller, in brotli and gzip. Written by
// tools/pack-web-client.mjs, which says the same about the format:
//
//   "PARLEYW1"                             8 bytes
//   size of the whole, count of files      32 bits each; all numbers are little-endian
//   for each file, by ascending name:      offset and size of its name, then for identity, gzip and brotli: offset, size (32 bits each), 8 bytes of hash
//   names, then contents: all brotli, all gzip, all identity, so that what is seldom asked for is not even read from the disk
//
// An offset of 0 says that a coding is not there; identity always is. The hash is of the bytes as they are sent.
// Nothing is copied: views are into the memory given. Threading: immutable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"
#include "site/content_coding.hpp"

namespace parley::site {

class Bundle {
public:
    struct Variant {
        std::string_view bytes;
        std::uint64_t hash = 0;
    };
    struct File {
        std::string_view name;                                 // "assets/app.js"
        std::array<std::optional<Variant>, kCodings> variant;  // by Coding
    };

    // Looks at the head and at every entry, at no content. InvalidArgument: not a bundle, cut short, or inconsistent; the text says where.
    // `memory` stays, unchanged, for as long as the bundle and what it has handed out.
    static Result<Bundle> open(std::string_view memory);

    std::size_t size() const { return count_; }
    // Precondition: index < size().
    File operator[](std::size_t index) const;
    std::optional<File> find(std::string_view name) const;

private:
    Bundle(std::string_view memory, std::size_t count) : memory_(memory), count_(count) {}
    std::string_view name(std::size_t index) const;

    std::string_view memory_;
    std::size_t count_;
};

}  // namespace parley::site

#include "site/bundle.hpp"

#include <fmt/format.h>

namespace parley::site {
namespace {

constexpr std::string_view kMagic = "PARLEYW1";
constexpr std::size_t kHeadBytes = kMagic.size() + 8;
constexpr std::size_t kVariantBytes = 16;
constexpr std::size_t kEntryBytes = 8 + kCodings * kVariantBytes;

// Preconditions of these: the bytes are there.
std::uint64_t number(std::string_view memory, std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i > 0; --i) value = value << 8 | static_cast<unsigned char>(memory[at + i - 1]);
    return value;
}

std::size_t number32(std::string_view memory, std::size_t at) {
    return static_cast<std::size_t>(number(memory, at, 4));
}

std::size_t entry_at(std::size_t index) {
    return kHeadBytes + index * kEntryBytes;
}

std::size_t variant_at(std::size_t index, std::size_t coding) {
    return entry_at(index) + 8 + coding * kVariantBytes;
}

std::unexpected<Error> refused(std::string_view why) {
    return fail(ErrorCode::InvalidArgument, fmt::format("the bundle of the web client {}", why));
}

}  // namespace

Result<Bundle> Bundle::open(std::string_view memory) {
    if (!memory.starts_with(kMagic)) return refused("does not begin like one");
    if (memory.size() < kHeadBytes) return refused("is cut short");
    if (number32(memory, kMagic.size()) != memory.size()) return refused("has another size than it says");
    const std::size_t count = number32(memory, kMagic.size() + 4);
    if (count > (memory.size() - kHeadBytes) / kEntryBytes) return refused("has no room for its entries");
    const std::size_t least = entry_at(count);
    const auto inside = [&](std::size_t offset, std::size_t size) {
        return offset >= least && size <= memory.size() && offset <= memory.size() - size;
    };

    const Bundle bundle(memory, count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!inside(number32(memory, entry_at(i)), number32(memory, entry_at(i) + 4)))
            return refused(fmt::format("has no name for entry {}", i));
        if (i > 0 && bundle.name(i - 1) >= bundle.name(i)) return refused(fmt::format("has entry {} out of order", i));
        for (std::size_t coding = 0; coding < kCodings; ++coding) {
            const std::size_t offset = number32(memory, variant_at(i, coding));
            if (offset == 0 && coding != static_cast<std::size_t>(Coding::Identity)) continue;
            if (!inside(offset, number32(memory, variant_at(i, coding) + 4)))
                return refused(fmt::format("has contents of entry {} outside of it", i));
        }
    }
    return bundle;
}

std::string_view Bundle::name(std::size_t index) const {
    return memory_.substr(number32(memory_, entry_at(index)), number32(memory_, entry_at(index) + 4));
}

Bundle::File Bundle::operator[](std::size_t index) const {
    File file;
    file.name = name(index);
    for (std::size_t coding = 0; coding < kCodings; ++coding) {
        const std::size_t at = variant_at(index, coding);
        const std::size_t offset = number32(memory_, at);
        if (offset != 0) file.variant[coding] = Variant{memory_.substr(offset, number32(memory_, at + 4)), number(memory_, at + 8, 8)};
    }
    return file;
}

std::optional<Bundle::File> Bundle::find(std::string_view wanted) const {
    std::size_t first = 0;
    std::size_t last = count_;
    while (first < last) {
        const std::size_t middle = first + (last - first) / 2;
        if (name(middle) < wanted) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    if (first == count_ || name(first) != wanted) return std::nullopt;
    return (*this)[first];
}

}  // namespace parley::site

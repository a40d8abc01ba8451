// Any bytes: a bundle is refused, or all that it hands out lies within them and is found by its name.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "site/bundle.hpp"

using namespace parley;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_inside(std::string_view part, std::string_view whole) {
    require(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto bundle = site::Bundle::open(bytes);
    if (!bundle) return 0;
    for (std::size_t i = 0; i < bundle->size(); ++i) {
        const auto file = (*bundle)[i];
        check_inside(file.name, bytes);
        require(bundle->find(file.name).value().name == file.name);
        require(file.variant[0].has_value());
        for (const auto& variant : file.variant) {
            if (variant) check_inside(variant->bytes, bytes);
        }
    }
    return 0;
}

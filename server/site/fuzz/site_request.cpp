// A path never becomes a name that leads out of the folder or to a dot file, and a range never one outside the file.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "site/conditions.hpp"
#include "site/site_path.hpp"

using namespace parley;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_name(std::string_view name) {
    require(!name.starts_with('.') && !name.starts_with('/') && !name.ends_with('/'));
    for (const std::string_view bad : {"/.", "//", "\\"}) require(!name.contains(bad));
    require(!name.contains('\0'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto path = site::SitePath::parse(text);
    if (path) check_name(path->name);
    site::has_content_hash(text);

    if (!net::is_valid_field_value(text)) return 0;
    net::Headers headers;
    headers.add("Range", text);
    const auto request = site::requested_range(headers, 1000, {});
    if (request.kind == site::RangeRequest::Kind::Part)
        require(request.range.count > 0 && request.range.first + request.range.count <= 1000);
    return 0;
}

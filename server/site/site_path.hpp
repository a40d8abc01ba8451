// SitePath: the path of a request as a name inside the static folder. Pure; no file is looked at.
// A name that leaves this class has no empty, "." or ".." part, no part that starts with a dot, and no '\', NUL or other control character in it, however
// it was encoded. That alone keeps a request inside the folder as long as there are no symbolic links; beneath.hpp sees to those.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace parley::site {

enum class PathProblem : std::uint8_t {
    Malformed,  // a broken percent escape, or not UTF-8: 400
    Hidden,     // leads out of the folder or to a dot file: 404
};

struct SitePath {
    std::string name;     // "assets/app.js"; "" for the root
    bool folder = false;  // ended in a slash

    // `path` is still percent-encoded and starts with a slash. Repeated slashes count as one.
    static std::expected<SitePath, PathProblem> parse(std::string_view path);

    // "app.js" has one, "login" has none.
    bool has_extension() const;
};

// Whether a bundler put a hash of the content into the name, so that the content under it never changes: "assets/index-BxT3k9aQ.js" (Vite, Rollup),
// "static/js/main.3f2a1b9c.js" (webpack). Careful rather than complete: a name that only may be hashed is revalidated. Files at the root never are.
bool has_content_hash(std::string_view name);

}  // namespace parley::site

#include "transfer/place.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <optional>

#include "transfer/dump_folder.hpp"

namespace parley::transfer {
namespace {

namespace fs = std::filesystem;

// What the text says by itself.
std::optional<Place> parse_explicit(const std::string& text) {
    if (text.starts_with("mongodb://") || text.starts_with("mongodb+srv://")) return Place{Place::Kind::MongoDb, text};
    if (text == "-" || text.ends_with(".jsonl") || text.ends_with(".jsonl.gz")) return Place{Place::Kind::Lines, text};
    if (text.starts_with("dump:")) return Place{Place::Kind::Dump, text.substr(5)};
    if (text.starts_with("sqlite:")) return Place{Place::Kind::Embedded, text.substr(7)};
    return std::nullopt;
}

bool holds_embedded(const std::string& folder) {
    std::error_code ignored;
    return fs::is_regular_file(fs::path(folder) / "parley.db", ignored);
}

std::unexpected<Error> unknown(const std::string& text, std::string_view why) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{}: {}; name a MongoDB address (mongodb://...), a mongodump folder, a data folder, a .jsonl or .jsonl.gz file, or -",
                    text, why));
}

}  // namespace

Result<Place> parse_source(const std::string& text) {
    if (auto place = parse_explicit(text)) {
        if (place->path.empty()) return unknown(text, "the folder's name is missing");
        return *std::move(place);
    }
    std::error_code error;
    if (!fs::exists(text, error)) return unknown(text, "there is no such file or folder");
    if (!fs::is_directory(text, error)) return unknown(text, "this kind of file is not known here");
    if (holds_embedded(text)) return Place{Place::Kind::Embedded, text};
    return Place{Place::Kind::Dump, text};
}

Result<Place> parse_target(const std::string& text, Place::Kind folder_kind) {
    if (auto place = parse_explicit(text)) {
        if (place->path.empty()) return unknown(text, "the folder's name is missing");
        return *std::move(place);
    }
    std::error_code error;
    if (text.empty() || (fs::exists(text, error) && !fs::is_directory(text, error)))
        return unknown(text, "this kind of file is not known here");
    // "backup.json", "dump.bson": somebody meant a file.
    if (!fs::exists(text, error) && fs::path(text).has_extension()) return unknown(text, "this kind of file is not known here");
    if (holds_embedded(text)) return Place{Place::Kind::Embedded, text};
    return Place{folder_kind, text};
}

}  // namespace parley::transfer

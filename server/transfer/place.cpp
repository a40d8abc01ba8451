#include "transfer/place.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
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

// What was meant as an address: "mongo://…", "MONGODB://…", "mongodb:/…". It may hold a password, so nothing of it is repeated.
Result<bool> refuse_addresses(const std::string& text) {
    const bool mongodb = text.starts_with("mongodb://") || text.starts_with("mongodb+srv://");
    const bool prefixed = text.starts_with("dump:") || text.starts_with("sqlite:");
    std::string lower = text.substr(0, text.find(':'));
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool nearly = lower.size() < text.size() && lower.starts_with("mongo");
    if (mongodb || prefixed || (!text.contains("://") && !nearly)) return true;
    return fail(ErrorCode::InvalidArgument, "this is no address known here; give mongodb://... or mongodb+srv://...");
}

bool holds_embedded(const std::string& folder) {
    std::error_code ignored;
    return fs::is_regular_file(fs::path(folder) / "parley.db", ignored);
}

std::unexpected<Error> unknown(const std::string& text, std::string_view why) {
    // What stands before an @ may be a password.
    const std::size_t at = text.rfind('@');
    const std::string shown = at == std::string::npos || !text.substr(0, at).contains(':') ? text : "..." + text.substr(at);
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{}: {}; name a MongoDB address (mongodb://...), a mongodump folder, a data folder, a .jsonl or .jsonl.gz file, or -",
                    shown, why));
}

}  // namespace

Result<Place> parse_source(const std::string& text) {
    TRY([[maybe_unused]] const bool no_address, refuse_addresses(text));
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
    TRY([[maybe_unused]] const bool no_address, refuse_addresses(text));
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

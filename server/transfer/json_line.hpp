// The lines of an export: one JSON object each, with its "type". Pure functions; docs/migration.md describes the format for others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "chat/values.hpp"
#include "parley/base/result.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

// The first line.
struct ExportHead {
    static constexpr std::int64_t kVersion = 1;
    std::int64_t version = kVersion;
    chat::Timestamp exported_at{};
};

// The last line: whoever reads it knows that nothing was cut off.
struct ExportEnd {
    std::uint64_t records = 0;  // lines between the first and this one
};

std::string to_line(const ExportHead& head);
std::string to_line(const chat::User& user);
std::string to_line(const chat::Message& message);
std::string to_line(const Revocation& revocation);
std::string to_line(const ReadMark& mark);
std::string to_line(const ExportEnd& end);

using Line = std::variant<ExportHead, chat::User, chat::Message, Revocation, ReadMark, ExportEnd>;

// InvalidArgument, with a reason that reads on from "the line": it is none of these. Missing fields are treated as in MongoDB's documents.
Result<Line> parse_line(std::string_view line);

// "2026-01-31T12:00:00.000Z"; milliseconds since 1970 as a number for what is_usable() is not (and no line may say).
std::string time_text(chat::Timestamp time);

}  // namespace parley::transfer

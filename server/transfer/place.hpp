// Place: where a transfer comes from or goes to, as a person names it:
//   mongodb://… or mongodb+srv://…           a MongoDB database in use
//   -, *.jsonl, *.jsonl.gz                   JSON lines; "-" is standard input or output
//   dump:FOLDER, or a folder with .bson files as mongodump writes them
//   sqlite:FOLDER, or a data folder          the embedded database
#pragma once

#include <cstdint>
#include <string>

#include "parley/base/result.hpp"

namespace parley::transfer {

struct Place {
    enum class Kind : std::uint8_t { MongoDb, Lines, Dump, Embedded };
    Kind kind = Kind::Embedded;
    std::string path;  // an address for MongoDb; without a prefix

    friend bool operator==(const Place&, const Place&) = default;
};

// Looks at the disk for what a folder holds. InvalidArgument: nothing of these, or an address of another kind; the sentence says what would be,
// and repeats no password.
Result<Place> parse_source(const std::string& text);
// A folder without a prefix is a `folder_kind`, unless it holds a database of ours.
Result<Place> parse_target(const std::string& text, Place::Kind folder_kind);

}  // namespace parley::transfer

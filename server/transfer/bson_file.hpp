// BsonFile: the documents of a .bson file, as mongodump writes them: one after the other, each beginning with its length (https://bsonspec.org).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "parley/base/result.hpp"
#include "storage/mongodb/bson.hpp"
#include "transfer/byte_file.hpp"

namespace parley::transfer {

class BsonFile {
public:
    // More than MongoDB allows (16 MiB and some for its own use): a length beyond it is damage, not a document.
    static constexpr std::size_t kMaxDocumentBytes = 24 * 1024 * 1024;

    explicit BsonFile(std::unique_ptr<ByteReader> reader) : reader_(std::move(reader)) {}

    // The next document; nullopt at the end. InvalidArgument: the file is damaged or cut off, said with the place. After damage inside one
    // document (broken() is false) the following ones can still be read.
    Result<std::optional<storage::mongodb::Bson>> next();
    // Nothing can be read any more: where the next document would begin is unknown.
    bool broken() const { return broken_; }

    const ByteReader& reader() const { return *reader_; }

private:
    Result<bool> fill(std::size_t bytes);
    std::unexpected<Error> damage(std::string_view what);

    std::unique_ptr<ByteReader> reader_;
    std::string pending_;  // from begin_ on: read, not yet given
    std::size_t begin_ = 0;
    std::uint64_t offset_ = 0;  // of begin_ in the (unpacked) file
    bool broken_ = false;
};

}  // namespace parley::transfer

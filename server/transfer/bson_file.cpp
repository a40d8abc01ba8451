#include "transfer/bson_file.hpp"

#include <fmt/core.h>

#include <bit>
#include <cstring>

namespace parley::transfer {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kSmallestDocument = 5;

std::size_t length_at(const char* bytes) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes, sizeof length);
    static_assert(std::endian::native == std::endian::little, "BSON is little endian");
    return length;
}

}  // namespace

// Whether so many bytes are pending.
Result<bool> BsonFile::fill(std::size_t bytes) {
    while (pending_.size() - begin_ < bytes) {
        auto more = reader_->next();
        if (!more) {
            broken_ = true;
            return fail(more.error());
        }
        if (more->empty()) return false;
        pending_.erase(0, begin_);
        begin_ = 0;
        pending_ += *more;
    }
    return true;
}

Result<std::optional<storage::mongodb::Bson>> BsonFile::next() {
    if (broken_) return std::nullopt;
    TRY(const bool has_length, fill(kLengthBytes));
    if (!has_length && pending_.size() == begin_) return std::nullopt;
    if (!has_length) return broken_ = true, damage("ends within a document");
    const std::size_t length = length_at(pending_.data() + begin_);
    if (length < kSmallestDocument || length > kMaxDocumentBytes) return broken_ = true, damage("has something that is no document");
    TRY(const bool whole, fill(length));
    if (!whole) return broken_ = true, damage("ends within a document");

    auto document = storage::mongodb::Bson::parse(std::string_view(pending_).substr(begin_, length));
    begin_ += length;
    offset_ += length;
    if (!document) return damage("has a damaged document that ends");
    return std::optional(*std::move(document));
}

std::unexpected<Error> BsonFile::damage(std::string_view what) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} {} at byte {}", reader_->path(), what, offset_));
}

}  // namespace parley::transfer

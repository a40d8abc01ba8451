#include "api/content_coding.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "parley/base/encoding.hpp"

namespace parley::api {
namespace {

constexpr int kZlib = 15;
constexpr int kGzip = 15 + 16;

std::string pack(int format, std::string_view text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, format, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(text.size() + 1000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

// `{"a":1}` in brotli.
const std::string kBrotli = hex_decode("0b03807b2261223a317d03").value();

TEST(ContentCoding, EveryCodingIsUndone) {
    EXPECT_EQ(undo_content_coding("", "text", 4), "text");
    EXPECT_EQ(undo_content_coding("identity", "text", 4), "text");
    EXPECT_EQ(undo_content_coding("gzip", pack(kGzip, "text"), 4), "text");
    EXPECT_EQ(undo_content_coding("GZip", pack(kGzip, "text"), 4), "text");
    EXPECT_EQ(undo_content_coding("deflate", pack(kZlib, "text"), 4), "text");
    EXPECT_EQ(undo_content_coding("br", kBrotli, 7), R"({"a":1})");
    EXPECT_EQ(undo_content_coding("gzip", pack(kGzip, ""), 4), "");
}

TEST(ContentCoding, WhatItUnpacksToCounts) {
    const std::string large(1'000'000, 'x');
    EXPECT_EQ(undo_content_coding("gzip", pack(kGzip, large), 102'400), std::unexpected(CodingError::TooLarge));
    EXPECT_EQ(undo_content_coding("deflate", pack(kZlib, "texts"), 4), std::unexpected(CodingError::TooLarge));
    EXPECT_EQ(undo_content_coding("br", kBrotli, 6), std::unexpected(CodingError::TooLarge));
    EXPECT_EQ(undo_content_coding("", "texts", 4), std::unexpected(CodingError::TooLarge));
}

TEST(ContentCoding, WhatIsDamagedIsRefused) {
    const std::string packed = pack(kGzip, "text");
    EXPECT_EQ(undo_content_coding("gzip", "no gzip", 100), std::unexpected(CodingError::Damaged));
    EXPECT_EQ(undo_content_coding("gzip", packed.substr(0, packed.size() - 1), 100), std::unexpected(CodingError::Damaged));
    EXPECT_EQ(undo_content_coding("gzip", packed + "x", 100), std::unexpected(CodingError::Damaged));
    EXPECT_EQ(undo_content_coding("deflate", packed, 100), std::unexpected(CodingError::Damaged));
    EXPECT_EQ(undo_content_coding("br", kBrotli.substr(0, 5), 100), std::unexpected(CodingError::Damaged));
    EXPECT_EQ(undo_content_coding("br", kBrotli + "x", 100), std::unexpected(CodingError::Damaged));
}

TEST(ContentCoding, UnknownCodingsAreNamedSo) {
    EXPECT_EQ(undo_content_coding("zebra", "x", 100), std::unexpected(CodingError::Unknown));
    EXPECT_EQ(undo_content_coding("gzip, br", "x", 100), std::unexpected(CodingError::Unknown));
}

}  // namespace
}  // namespace parley::api

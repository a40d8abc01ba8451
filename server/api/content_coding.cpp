#include "api/content_coding.hpp"

#include <brotli/decode.h>
#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "parley/net/http.hpp"

namespace parley::api {

namespace {

using Unpacked = std::expected<std::string, CodingError>;

constexpr int kZlibFormat = 15;       // window bits; RFC 1950
constexpr int kGzipFormat = 15 + 16;  // RFC 1952

struct Inflater {
    z_stream stream{};
    bool ready;
    explicit Inflater(int format) : ready(inflateInit2(&stream, format) == Z_OK) {}
    ~Inflater() {
        if (ready) inflateEnd(&stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

// Room for one byte more than allowed: if it is used, the body is too large.
Unpacked undo_zlib(int format, const std::string& body, std::size_t max_bytes) {
    Inflater inflater(format);
    if (!inflater.ready) return std::unexpected(CodingError::Damaged);
    std::string out(max_bytes + 1, '\0');
    z_stream& stream = inflater.stream;
    stream.next_in = reinterpret_cast<const Bytef*>(body.data());
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream, Z_FINISH);
    if (stream.avail_out == 0) return std::unexpected(CodingError::TooLarge);
    if (result != Z_STREAM_END || stream.avail_in != 0) return std::unexpected(CodingError::Damaged);
    out.resize(out.size() - stream.avail_out);
    return out;
}

// RFC 7932.
Unpacked undo_brotli(const std::string& body, std::size_t max_bytes) {
    const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> decoder(
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
    if (!decoder) return std::unexpected(CodingError::Damaged);
    std::string out(max_bytes + 1, '\0');
    std::size_t left_in = body.size();
    std::size_t left_out = out.size();
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(body.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
    const auto result = BrotliDecoderDecompressStream(decoder.get(), &left_in, &next_in, &left_out, &next_out, nullptr);
    if (left_out == 0) return std::unexpected(CodingError::TooLarge);
    if (result != BROTLI_DECODER_RESULT_SUCCESS || left_in != 0) return std::unexpected(CodingError::Damaged);
    out.resize(out.size() - left_out);
    return out;
}

}  // namespace

std::expected<std::string, CodingError> undo_content_coding(std::string_view coding, std::string body, std::size_t max_bytes) {
    using net::equals_ignoring_case;
    if (coding.empty() || equals_ignoring_case(coding, "identity")) {
        if (body.size() > max_bytes) return std::unexpected(CodingError::TooLarge);
        return body;
    }
    if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip")) return undo_zlib(kGzipFormat, body, max_bytes);
    if (equals_ignoring_case(coding, "deflate")) return undo_zlib(kZlibFormat, body, max_bytes);
    if (equals_ignoring_case(coding, "br")) return undo_brotli(body, max_bytes);
    return std::unexpected(CodingError::Unknown);
}

}  // namespace parley::api

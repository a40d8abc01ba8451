#include "content_coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <optional>

namespace parley::engineio {
namespace {

constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return trimmed(taken);
}

// Thousandths of a weight, "0.5" (RFC 9110 section 12.4.2); 0 for what is none.
int parse_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
    int weight = (text[0] - '0') * 1000;
    if (text.size() == 1) return weight;
    if (text[1] != '.') return 0;
    int unit = 100;
    for (const char digit : text.substr(2)) {
        if (digit < '0' || digit > '9') return 0;
        weight += (digit - '0') * unit;
        unit /= 10;
    }
    return std::min(weight, 1000);
}

int weight_of(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::string_view parameter = take_until(parameters, ';');
        if (parameter.starts_with("q=") || parameter.starts_with("Q=")) return parse_weight(parameter.substr(2));
    }
    return 1000;
}

struct Wish {
    std::optional<int> weight;  // absent: not named
    int place = 0;              // in the list
};

struct Wishes {
    Wish gzip, deflate, any;
    int named = 0;
};

void read_wishes(std::string_view list, Wishes& wishes) {
    while (!list.empty()) {
        std::string_view parameters = take_until(list, ',');
        const std::string_view name = take_until(parameters, ';');
        const Wish wish{weight_of(parameters), wishes.named++};
        if (net::equals_ignoring_case(name, "gzip")) wishes.gzip = wish;
        if (net::equals_ignoring_case(name, "deflate")) wishes.deflate = wish;
        if (name == "*") wishes.any = wish;
    }
}

}  // namespace

ContentCoding choose_coding(const net::Headers& headers) {
    Wishes wishes;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (net::equals_ignoring_case(headers[i].name, "Accept-Encoding")) read_wishes(headers[i].value, wishes);
    }
    const Wish& gzip = wishes.gzip.weight ? wishes.gzip : wishes.any;
    const Wish& deflate = wishes.deflate.weight ? wishes.deflate : wishes.any;
    const int gzip_weight = gzip.weight.value_or(0);
    const int deflate_weight = deflate.weight.value_or(0);
    if (gzip_weight == 0 && deflate_weight == 0) return ContentCoding::Identity;
    if (gzip_weight != deflate_weight) return gzip_weight > deflate_weight ? ContentCoding::Gzip : ContentCoding::Deflate;
    return gzip.place <= deflate.place ? ContentCoding::Gzip : ContentCoding::Deflate;
}

std::string_view name_of(ContentCoding coding) {
    switch (coding) {
        case ContentCoding::Identity: return "";
        case ContentCoding::Gzip: return "gzip";
        case ContentCoding::Deflate: return "deflate";
    }
    return "";
}

std::string compress(std::string_view body, ContentCoding coding, int level) {
    constexpr int kWindowBits = 15;
    constexpr int kGzipHeader = 16;  // zlib: added to the window's bits
    constexpr int kMemoryLevel = 8;
    z_stream stream{};
    // "deflate" is the zlib format (RFC 9110 section 8.4.1.2).
    const int window_bits = coding == ContentCoding::Gzip ? kWindowBits + kGzipHeader : kWindowBits;
    if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) return "";
    std::string compressed(deflateBound(&stream, body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    const bool complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    compressed.resize(complete ? stream.total_out : 0);
    deflateEnd(&stream);
    return compressed;
}

}  // namespace parley::engineio

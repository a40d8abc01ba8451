// The prefixes are those of the MessagePack specification, section "Formats".
#include <algorithm>
#include <bit>

#include "msgpack.hpp"
#include "parley/base/utf8.hpp"

namespace parley::socketio {
namespace {

constexpr char kUndefined = '\xD4';  // fixext 1, of which there is one kind

Value integer_of(std::uint64_t bits) {
    return std::bit_cast<std::int64_t>(bits);
}

Value date_of(std::uint64_t bits) {
    auto text = iso_date(std::bit_cast<std::int64_t>(bits));
    return text ? Value(*std::move(text)) : Value();
}

// Of everything but arrays and maps.
Value value_of(const MsgpackReader::Token& token) {
    using Kind = MsgpackReader::Kind;
    switch (token.kind) {
        case Kind::Bool: return token.bits != 0;
        case Kind::Integer: return integer_of(token.bits);
        case Kind::Unsigned: return token.bits;
        case Kind::Double: return std::bit_cast<double>(token.bits);
        case Kind::Date: return date_of(token.bits);
        case Kind::String: return token.bytes;
        case Kind::Binary: return Bytes{std::string(token.bytes)};
        default: return {};
    }
}

// A number of `width` bytes in two's complement, as one of eight.
std::uint64_t extend_sign(std::uint64_t bits, unsigned width) {
    const unsigned unused = 64 - 8 * width;
    return std::bit_cast<std::uint64_t>(std::bit_cast<std::int64_t>(bits << unused) >> unused);
}

}  // namespace

bool MsgpackNames::unique() {
    std::ranges::sort(names_);
    return std::ranges::adjacent_find(names_) == names_.end();
}

std::optional<MsgpackReader::Token> MsgpackReader::next() {
    const Token read = token();
    if (!error_.empty()) return std::nullopt;
    return read;
}

bool MsgpackReader::read(Value* out, std::size_t depth) {
    const auto head = next();
    if (!head) return false;
    const bool nests = head->kind == Kind::Array || head->kind == Kind::Map;
    if (nests && depth == kMaxJsonDepth) return refuse("too many levels");
    if (head->kind == Kind::Array) return read_array(head->count, out, depth + 1);
    if (head->kind == Kind::Map) return read_map(head->count, out, depth + 1);
    if (out) *out = value_of(*head);
    return true;
}

bool MsgpackReader::read_array(std::size_t count, Value* out, std::size_t depth) {
    Array array;
    if (out) array.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!read(out ? &array[i] : nullptr, depth)) return false;
    }
    if (out) *out = std::move(array);
    return true;
}

bool MsgpackReader::read_map(std::size_t count, Value* out, std::size_t depth) {
    Object object;
    MsgpackNames names;
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = next();
        if (!name) return false;
        if (name->kind != Kind::String) return refuse("name of a member is no string");
        names.add(name->bytes);
        const bool undefined = rest_.starts_with(kUndefined);
        Value value;
        if (!read(out ? &value : nullptr, depth)) return false;
        if (out && !undefined) object.emplace_back(name->bytes, std::move(value));
    }
    if (!names.unique()) return refuse("map with a name twice");
    if (out) *out = std::move(object);
    return true;
}

MsgpackReader::Token MsgpackReader::token() {
    const auto prefix = static_cast<unsigned>(take_number(1));
    if (prefix < 0x80) return {.kind = Kind::Integer, .bits = prefix};
    if (prefix < 0x90) return container(Kind::Map, prefix & 0x0F);
    if (prefix < 0xA0) return container(Kind::Array, prefix & 0x0F);
    if (prefix < 0xC0) return text(prefix & 0x1F);
    if (prefix >= 0xE0) return {.kind = Kind::Integer, .bits = extend_sign(prefix, 1)};
    return extended(prefix);
}

// In each range of prefixes the low bits tell how many bytes the number has that follows: 1, 2, 4 or 8.
MsgpackReader::Token MsgpackReader::extended(unsigned prefix) {
    const auto width = [prefix](unsigned first) { return 1U << (prefix - first); };
    if (prefix == 0xC0) return {};
    if (prefix == 0xC2 || prefix == 0xC3) return {.kind = Kind::Bool, .bits = prefix & 1};
    if (prefix >= 0xC4 && prefix <= 0xC6) return {.kind = Kind::Binary, .bytes = take(take_number(width(0xC4)))};
    if (prefix >= 0xC7 && prefix <= 0xC9) return extension(width(0xC7));
    if (prefix == 0xCA) return single(static_cast<std::uint32_t>(take_number(4)));
    if (prefix == 0xCB) return {.kind = Kind::Double, .bits = take_number(8)};
    if (prefix >= 0xCC && prefix <= 0xCF) return {.kind = Kind::Unsigned, .bits = take_number(width(0xCC))};
    if (prefix >= 0xD0 && prefix <= 0xD3) {
        return {.kind = Kind::Integer, .bits = extend_sign(take_number(width(0xD0)), width(0xD0))};
    }
    if (prefix >= 0xD4 && prefix <= 0xD8) return fixed_extension(width(0xD4));
    if (prefix >= 0xD9 && prefix <= 0xDB) return text(take_number(width(0xD9)));
    if (prefix == 0xDC || prefix == 0xDD) return container(Kind::Array, take_number(2 * width(0xDC)));
    if (prefix == 0xDE || prefix == 0xDF) return container(Kind::Map, take_number(2 * width(0xDE)));
    refuse("prefix that is never used");
    return {};
}

MsgpackReader::Token MsgpackReader::text(std::uint64_t size) {
    const std::string_view bytes = take(size);
    if (!is_valid_utf8(bytes)) refuse("text is not UTF-8");
    return {.kind = Kind::String, .bytes = bytes};
}

// A count is believed only as far as there are bytes for it: an element has one at least, a member two.
MsgpackReader::Token MsgpackReader::container(Kind kind, std::uint64_t count) {
    if (count > rest_.size() / (kind == Kind::Map ? 2 : 1)) refuse("message ends early");
    return {.kind = kind, .count = static_cast<std::size_t>(count)};
}

MsgpackReader::Token MsgpackReader::fixed_extension(std::size_t size) {
    const auto type = take_number(1);
    if (type != 0 || (size != 1 && size != 8)) refuse("unknown extension");
    if (size == 8) return {.kind = Kind::Date, .bits = take_number(8)};
    take(size);
    return {.kind = Kind::Undefined};
}

MsgpackReader::Token MsgpackReader::extension(unsigned width) {
    const auto size = take_number(width);
    if (take_number(1) != 0) refuse("unknown extension");
    return {.kind = Kind::Binary, .bytes = take(size)};
}

MsgpackReader::Token MsgpackReader::single(std::uint32_t bits) {
    return {.kind = Kind::Double, .bits = std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(bits)))};
}

std::string_view MsgpackReader::take(std::uint64_t size) {
    if (size > rest_.size()) {
        refuse("message ends early");
        return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

// Big-endian.
std::uint64_t MsgpackReader::take_number(unsigned width) {
    std::uint64_t number = 0;
    for (const char byte : take(width)) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

bool MsgpackReader::refuse(std::string_view why) {
    if (error_.empty()) error_ = why;
    return false;
}

}  // namespace parley::socketio

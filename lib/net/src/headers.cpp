#include <algorithm>

#include "parley/net/http.hpp"

namespace parley::net {
namespace {

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view trim(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool list_holds(std::string_view list, std::string_view token) {
    while (true) {
        const std::size_t comma = list.find(',');
        if (equals_ignoring_case(trim(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return x == y || to_lower(x) == to_lower(y); });
}

bool is_valid_field_value(std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const Field field = (*this)[i];
        if (equals_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < fields_.size(); ++i) count += equals_ignoring_case((*this)[i].name, name);
    return count;
}

bool Headers::lists(std::string_view name, std::string_view token) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const Field field = (*this)[i];
        if (equals_ignoring_case(field.name, name) && list_holds(field.value, token)) return true;
    }
    return false;
}

void Headers::add(std::string_view name, std::string_view value) {
    const auto offset = static_cast<std::uint32_t>(buffer_.size());
    buffer_.append(name).append(value);
    fields_.push_back({offset, static_cast<std::uint16_t>(name.size()), static_cast<std::uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
    const auto has_name = [this, name](const Slice& slice) {
        return equals_ignoring_case(std::string_view(buffer_).substr(slice.offset, slice.name_length), name);
    };
    std::erase_if(fields_, has_name);
    add(name, value);
}

void Headers::reserve(std::size_t bytes, std::size_t fields) {
    buffer_.reserve(buffer_.size() + bytes);
    fields_.reserve(fields_.size() + fields);
}

Headers::Field Headers::operator[](std::size_t index) const {
    const Slice& slice = fields_[index];
    const std::string_view buffer = buffer_;
    return {buffer.substr(slice.offset, slice.name_length), buffer.substr(slice.offset + slice.name_length, slice.value_length)};
}

std::string_view RequestHead::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view RequestHead::query() const {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

HttpResponse HttpResponse::text(unsigned status, std::string_view content_type, std::string body) {
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", content_type);
    response.body = std::move(body);
    return response;
}

}  // namespace parley::net

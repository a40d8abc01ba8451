#include "parley/socketio/value.hpp"

#include <algorithm>

namespace parley::socketio {
namespace {

const Value kNull;

}  // namespace

Value::Value(Array array) : storage_(std::move(array)) {}
Value::Value(Object object) : storage_(std::move(object)) {}

double Value::as_number() const {
    if (const auto* integer = std::get_if<std::int64_t>(&storage_)) return static_cast<double>(*integer);
    return std::get<double>(storage_);
}

const Value* Value::find(std::string_view key) const {
    const auto* object = std::get_if<Object>(&storage_);
    if (!object) return nullptr;
    const auto member = std::ranges::find(*object, key, &Object::value_type::first);
    return member == object->end() ? nullptr : &member->second;
}

const Value& Value::operator[](std::string_view key) const {
    const Value* value = find(key);
    return value ? *value : kNull;
}

const Value& Value::operator[](std::size_t index) const {
    const auto* array = std::get_if<Array>(&storage_);
    return array && index < array->size() ? (*array)[index] : kNull;
}

std::size_t Value::size() const {
    if (const auto* array = std::get_if<Array>(&storage_)) return array->size();
    if (const auto* object = std::get_if<Object>(&storage_)) return object->size();
    return 0;
}

bool operator==(const Value& a, const Value& b) {
    return a.storage_ == b.storage_;
}

}  // namespace parley::socketio

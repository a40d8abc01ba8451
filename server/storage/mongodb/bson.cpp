#include "storage/mongodb/bson.hpp"

#include <algorithm>

namespace parley::storage::mongodb {
namespace {

int length_of(std::string_view text) {
    return static_cast<int>(text.size());
}

// Visits the elements of the array `key`, if it is one.
template <class Visit>
bool each_element(const bson_t& document, const char* key, Visit visit) {
    bson_iter_t field;
    bson_iter_t element;
    if (!bson_iter_init_find(&field, &document, key) || !BSON_ITER_HOLDS_ARRAY(&field) || !bson_iter_recurse(&field, &element))
        return false;
    while (bson_iter_next(&element)) visit(element);
    return true;
}

std::optional<Bson> document_at(const bson_iter_t& at) {
    std::uint32_t length = 0;
    const std::uint8_t* data = nullptr;
    bson_iter_document(&at, &length, &data);
    return Bson::parse({reinterpret_cast<const char*>(data), length});
}

}  // namespace

bson_oid_t to_oid(const chat::ObjectId& id) {
    bson_oid_t oid;
    std::copy(id.bytes.begin(), id.bytes.end(), oid.bytes);
    return oid;
}

chat::ObjectId from_oid(const bson_oid_t& oid) {
    chat::ObjectId id;
    std::copy(oid.bytes, oid.bytes + id.bytes.size(), id.bytes.begin());
    return id;
}

std::optional<Bson> Bson::parse(std::string_view bytes) {
    bson_t* const document = bson_new_from_data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (!document) return std::nullopt;
    Bson owned(document);
    // Lengths and terminators of every field: libbson's readers trust them afterwards.
    if (!bson_validate(document, BSON_VALIDATE_NONE, nullptr)) return std::nullopt;
    return owned;
}

std::string Bson::json() const {
    char* const text = bson_as_relaxed_extended_json(get(), nullptr);
    std::string copy = text ? text : "";
    bson_free(text);
    return copy;
}

void Bson::append(std::string_view key, std::string_view text) {
    bson_append_utf8(get(), key.data(), length_of(key), text.data(), length_of(text));
}

void Bson::append(std::string_view key, const chat::ObjectId& id) {
    const bson_oid_t oid = to_oid(id);
    bson_append_oid(get(), key.data(), length_of(key), &oid);
}

void Bson::append(std::string_view key, chat::Timestamp time) {
    bson_append_date_time(get(), key.data(), length_of(key), time.time_since_epoch().count());
}

void Bson::append(std::string_view key, bool value) {
    bson_append_bool(get(), key.data(), length_of(key), value);
}

void Bson::append(std::string_view key, std::int32_t value) {
    bson_append_int32(get(), key.data(), length_of(key), value);
}

void Bson::append(std::string_view key, std::int64_t value) {
    bson_append_int64(get(), key.data(), length_of(key), value);
}

void Bson::append(std::string_view key, const Bson& document) {
    bson_append_document(get(), key.data(), length_of(key), document.get());
}

void Bson::append_array_document(std::string_view key, const Bson& array) {
    bson_append_array(get(), key.data(), length_of(key), array.get());
}

bool BsonView::has(const char* key) const {
    return bson_has_field(&document_, key);
}

std::optional<std::string> BsonView::text(const char* key) const {
    bson_iter_t at;
    if (!bson_iter_init_find(&at, &document_, key) || !BSON_ITER_HOLDS_UTF8(&at)) return std::nullopt;
    std::uint32_t length = 0;
    const char* const text = bson_iter_utf8(&at, &length);
    return std::string(text, length);
}

std::optional<chat::ObjectId> BsonView::id(const char* key) const {
    bson_iter_t at;
    if (!bson_iter_init_find(&at, &document_, key) || !BSON_ITER_HOLDS_OID(&at)) return std::nullopt;
    return from_oid(*bson_iter_oid(&at));
}

std::optional<chat::Timestamp> BsonView::time(const char* key) const {
    bson_iter_t at;
    if (!bson_iter_init_find(&at, &document_, key) || !BSON_ITER_HOLDS_DATE_TIME(&at)) return std::nullopt;
    return chat::Timestamp(std::chrono::milliseconds(bson_iter_date_time(&at)));
}

std::optional<std::int64_t> BsonView::integer(const char* key) const {
    bson_iter_t at;
    if (!bson_iter_init_find(&at, &document_, key) || !BSON_ITER_HOLDS_NUMBER(&at)) return std::nullopt;
    return bson_iter_as_int64(&at);
}

std::optional<std::vector<chat::ObjectId>> BsonView::ids(const char* key) const {
    std::vector<chat::ObjectId> ids;
    const auto take = [&](const bson_iter_t& element) {
        if (BSON_ITER_HOLDS_OID(&element)) ids.push_back(from_oid(*bson_iter_oid(&element)));
    };
    if (!each_element(document_, key, take)) return std::nullopt;
    return ids;
}

std::size_t BsonView::size(const char* key) const {
    std::size_t count = 0;
    each_element(document_, key, [&](const bson_iter_t&) { ++count; });
    return count;
}

std::optional<Bson> BsonView::document(const char* key) const {
    bson_iter_t at;
    if (!bson_iter_init_find(&at, &document_, key) || !BSON_ITER_HOLDS_DOCUMENT(&at)) return std::nullopt;
    return document_at(at);
}

std::vector<Bson> BsonView::documents(const char* key) const {
    std::vector<Bson> documents;
    const auto take = [&](const bson_iter_t& element) {
        if (!BSON_ITER_HOLDS_DOCUMENT(&element)) return;
        if (auto document = document_at(element)) documents.push_back(*std::move(document));
    };
    each_element(document_, key, take);
    return documents;
}

}  // namespace parley::storage::mongodb

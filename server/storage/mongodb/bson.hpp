// Bson: a document of MongoDB's binary JSON, owned; BsonView: reads one, wherever it lies. Thin: libbson does the work (https://bsonspec.org).
// Reading is forgiving: a field that is absent or has another type is nullopt, because other programs write these collections too.
#pragma once

#include <bson/bson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat/values.hpp"

namespace parley::storage::mongodb {

bson_oid_t to_oid(const chat::ObjectId& id);
chat::ObjectId from_oid(const bson_oid_t& oid);

// Fields keep the order in which they were added. A document may grow to 2 GiB; the server takes 16 MiB.
class Bson {
public:
    Bson() : document_(bson_new()) {}
    static Bson copy(const bson_t& document) { return Bson(bson_copy(&document)); }
    // nullopt: the bytes are no whole document.
    static std::optional<Bson> parse(std::string_view bytes);

    const bson_t* get() const { return document_.get(); }
    bson_t* get() { return document_.get(); }
    std::string_view bytes() const { return {reinterpret_cast<const char*>(bson_get_data(get())), document_->len}; }
    bool empty() const { return bson_empty(get()); }
    std::string json() const;  // relaxed extended JSON, for logs and tests

    // Adds a field at the end: Bson().add("a", 1).add("b", "text").
    template <class Self, class T>
    Self&& add(this Self&& self, std::string_view key, const T& value) {
        self.append(key, value);
        return std::forward<Self>(self);
    }
    // An array, of ids or of documents.
    template <class Self, class T>
    Self&& add_array(this Self&& self, std::string_view key, const std::vector<T>& values) {
        self.append_array(key, values);
        return std::forward<Self>(self);
    }

private:
    struct Destroy {
        void operator()(bson_t* document) const { bson_destroy(document); }
    };
    explicit Bson(bson_t* document) : document_(document) {}

    void append(std::string_view key, std::string_view text);  // UTF-8, may hold U+0000
    void append(std::string_view key, const char* text) { append(key, std::string_view(text)); }
    void append(std::string_view key, const std::string& text) { append(key, std::string_view(text)); }
    void append(std::string_view key, const chat::ObjectId& id);
    void append(std::string_view key, chat::Timestamp time);
    void append(std::string_view key, bool value);
    void append(std::string_view key, std::int32_t value);
    void append(std::string_view key, std::int64_t value);
    void append(std::string_view key, const Bson& document);
    template <class T>
    void append_array(std::string_view key, const std::vector<T>& values) {
        Bson array;
        std::size_t index = 0;
        for (const T& value : values) array.append(std::to_string(index++), value);
        append_array_document(key, array);
    }
    void append_array_document(std::string_view key, const Bson& array);

    std::unique_ptr<bson_t, Destroy> document_;
};

// Borrows the document.
class BsonView {
public:
    explicit BsonView(const bson_t& document) : document_(document) {}
    explicit BsonView(const Bson& document) : document_(*document.get()) {}

    bool has(const char* key) const;
    std::optional<std::string> text(const char* key) const;
    std::optional<chat::ObjectId> id(const char* key) const;
    std::optional<chat::Timestamp> time(const char* key) const;
    std::optional<std::int64_t> integer(const char* key) const;  // of any numeric type; fractions are cut off
    // An array's ids; elements of other types are left out.
    std::optional<std::vector<chat::ObjectId>> ids(const char* key) const;
    std::size_t size(const char* key) const;  // of an array; 0 if it is none
    std::optional<Bson> document(const char* key) const;
    // An array's documents; elements of other types are left out.
    std::vector<Bson> documents(const char* key) const;

private:
    const bson_t& document_;
};

}  // namespace parley::storage::mongodb

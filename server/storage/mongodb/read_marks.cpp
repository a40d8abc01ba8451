#include "storage/mongodb/read_marks.hpp"

#include <fmt/core.h>

namespace parley::storage::mongodb {
namespace {

constexpr const char* kSince = "since";
constexpr int kAttempts = 20;

std::string key_of(const Reading& reading) {
    return fmt::format("{}:{}", reading.reader.to_hex(), reading.peer.to_hex());
}

void add_time(Bson& document, const Place& place) {
    if (place.timed) {
        document.add("createdAt", place.created_at);
    } else {
        bson_append_null(document.get(), "createdAt", -1);
    }
}

// nullopt: another program's document.
std::optional<Place> read_place(const bson_t& document) {
    const BsonView view(document);
    const auto id = view.id("messageId");
    if (!id) return std::nullopt;
    const auto created_at = view.time("createdAt");
    return Place{.timed = created_at.has_value(), .created_at = created_at.value_or(chat::Timestamp()), .id = chat::MessageId(*id)};
}

// The mark, if it is before the place. $lt compares times with times only, so one without a time is named.
Bson earlier_mark(const std::string& key, const Place& place) {
    Bson same_time;
    add_time(same_time, place);
    same_time.add("messageId", Bson().add("$lt", place.id));
    std::vector<Bson> ways;
    ways.push_back(std::move(same_time));
    if (place.timed) {
        Bson untimed;
        add_time(untimed, {.timed = false, .created_at = {}, .id = {}});
        ways.push_back(std::move(untimed));
        ways.push_back(Bson().add("createdAt", Bson().add("$lt", place.created_at)));
    }
    return Bson().add("_id", key).add_array("$or", ways);
}

Bson new_values(const Place& place) {
    Bson values = Bson().add("messageId", place.id);
    add_time(values, place);
    return values;
}

Result<std::optional<Bson>> find_document(Client& client, const std::string& key) {
    return client.find_one(ReadMarks::kCollection, Bson().add("_id", key));
}

Result<std::optional<chat::Timestamp>> find_since(Client& client) {
    TRY(const auto document, find_document(client, kSince));
    return document ? BsonView(*document).time("at") : std::nullopt;
}

// When `parley import` or `parley export` has filled this database, if it has.
Result<std::optional<chat::Timestamp>> find_import(Client& client) {
    TRY(const auto document, client.find_one("parley_state", Bson().add("_id", "import")));
    return document ? BsonView(*document).time("at") : std::nullopt;
}

}  // namespace

// Of several servers that find none one inserts its own, and all use that one. Who may not write here keeps a beginning of his own.
Result<bool> ReadMarks::load(Client& client) {
    TRY(auto since, find_since(client));
    if (!since) {
        const auto now = clock_();
        const auto made = client.insert(kCollection, Bson().add("_id", kSince).add("at", now));
        if (!made && made.error().code == ErrorCode::Unavailable) return made;
        TRY(since, find_since(client));
        if (!since) since = now;
    }
    TRY(const auto imported, find_import(client));
    since_ms_ = std::max(*since, imported.value_or(*since)).time_since_epoch().count();
    return true;
}

Result<std::optional<Place>> ReadMarks::find(Client& client, const Reading& reading) {
    TRY(const auto document, find_document(client, key_of(reading)));
    return document ? read_place(*document->get()) : std::nullopt;
}

Result<std::unordered_map<chat::UserId, Place>> ReadMarks::find(Client& client, chat::UserId reader,
                                                                const std::vector<chat::UserId>& peers) {
    std::unordered_map<std::string, chat::UserId> wanted;
    std::vector<std::string> keys;
    for (const auto& peer : peers) wanted.emplace(keys.emplace_back(key_of({reader, peer})), peer);
    std::unordered_map<chat::UserId, Place> marks;
    const auto take = [&](const bson_t& document) {
        const auto at = wanted.find(BsonView(document).text("_id").value_or(""));
        const auto place = read_place(document);
        if (at != wanted.end() && place) marks.emplace(at->second, *place);
        return true;
    };
    TRY([[maybe_unused]] const bool read, client.find(kCollection, Bson().add("_id", Bson().add_array("$in", keys)), Bson(), take));
    return marks;
}

Result<bool> ReadMarks::advance(Client& client, const Reading& reading, const Place& place) {
    const std::string key = key_of(reading);
    for (int i = 0; i < kAttempts; ++i) {
        TRY(const auto moved, client.update(kCollection, earlier_mark(key, place), Bson().add("$set", new_values(place))));
        if (moved > 0) return true;
        TRY(const auto document, find_document(client, key));
        if (document) {
            const auto now = read_place(*document->get());
            if (!now || place <= *now) return false;
            continue;  // somebody has made it after our look
        }
        Bson first = Bson().add("_id", key);
        ::bson_concat(first.get(), new_values(place).get());
        const auto made = client.insert(kCollection, first);
        if (made || made.error().code != ErrorCode::AlreadyExists) return made;
    }
    return database_unavailable();
}

std::optional<Reading> ReadMarks::parse_key(std::string_view key) {
    constexpr std::size_t kIdDigits = 24;
    if (key.size() != 2 * kIdDigits + 1 || key[kIdDigits] != ':') return std::nullopt;
    const auto reader = chat::UserId::parse(key.substr(0, kIdDigits));
    const auto peer = chat::UserId::parse(key.substr(kIdDigits + 1));
    return reader && peer ? std::optional(Reading{*reader, *peer}) : std::nullopt;
}

}  // namespace parley::storage::mongodb

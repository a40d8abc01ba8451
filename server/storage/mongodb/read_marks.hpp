// ReadMarks: how far people have read, in `parley_reads`: {_id: "reader:peer", messageId, createdAt}, the message's own time (null if it has none), so
// that two marks are compared without it; and one document {_id: "since", at}, made by whichever server of ours is the first on this database: what
// is older counts as read, and what an import brought later.
// A mark moves by compare-and-set, so it never goes back, however many servers move it. On FerretDB, whose updates read and write in two steps, one
// that two servers move in the same instant can stop at the earlier place.
// Threading: any thread; calls that take a Client may block on the database.
#pragma once

#include <atomic>
#include <unordered_map>
#include <vector>

#include "storage/mongodb/client.hpp"
#include "storage/mongodb/pair.hpp"

namespace parley::storage::mongodb {

// Whose mark it is, and in whose conversation with him.
struct Reading {
    chat::UserId reader;
    chat::UserId peer;
    friend bool operator==(const Reading&, const Reading&) = default;
};

struct ReadingHash {
    std::size_t operator()(const Reading& reading) const { return PairHash{}({reading.reader, reading.peer}); }
};

class ReadMarks {
public:
    static constexpr const char* kCollection = "parley_reads";

    explicit ReadMarks(chat::Clock clock) : clock_(std::move(clock)) {}

    // Finds out since when marks are kept here, and makes it so if nobody has. Before the first use, and after the database has been away.
    Result<bool> load(Client& client);
    // What comes before this place counts as read.
    Place beginning() const { return {.created_at = chat::Timestamp(std::chrono::milliseconds(since_ms_)), .id = {}}; }

    Result<std::optional<Place>> find(Client& client, const Reading& reading);
    Result<std::unordered_map<chat::UserId, Place>> find(Client& client, chat::UserId reader, const std::vector<chat::UserId>& peers);

    // False: it was there already, or further.
    Result<bool> advance(Client& client, const Reading& reading, const Place& place);

    // nullopt: a document of this _id is no mark.
    static std::optional<Reading> parse_key(std::string_view key);

private:
    const chat::Clock clock_;
    std::atomic<std::int64_t> since_ms_{0};
};

}  // namespace parley::storage::mongodb

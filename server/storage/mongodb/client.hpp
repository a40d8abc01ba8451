// Client: one connection's worth of MongoDB commands on the link's database, as blocking calls with Results.
// Reads go to the primary. Writes are acknowledged by a majority, with the journal where there is one, whatever the URI asks for: a store that
// answers "stored" must not lose it in a fail-over.
// Errors of every call: AlreadyExists (a unique key), TooLarge (a document over 16 MiB), Unavailable (the deployment cannot be reached or refuses
// now: the outcome of a write is unknown then), Internal (it rejects the command: a defect, or rights that are missing). What exactly happened is
// logged by the link; messages of errors may be shown to anybody.
// Threading: confined to the thread that made it.
#pragma once

#include <mongoc/mongoc.h>

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "parley/base/result.hpp"
#include "storage/mongodb/bson.hpp"
#include "storage/mongodb/link.hpp"

namespace parley::storage::mongodb {

struct Update {
    Bson filter;
    Bson change;
};

// An index of createIndexes. ttl: documents go when the time in the (only) field has passed.
struct Index {
    const char* name;
    Bson keys;
    bool unique = false;
    bool ttl = false;
};

class Client {
public:
    // Takes a client of the link's pool, when it is first used, and gives it back at the end.
    explicit Client(Link& link) : link_(link) {}
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Link& link() { return link_; }

    // No command is begun after it; they give Unavailable. One that is under way goes on, for the link's time-outs at most.
    void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }

    // options as of the find command: projection, sort, limit, batchSize.
    Result<std::optional<Bson>> find_one(const char* collection, const Bson& filter, const Bson& options = Bson());
    // Visits until `visit` returns false.
    Result<bool> find(const char* collection, const Bson& filter, const Bson& options, const std::function<bool(const bson_t&)>& visit);

    Result<bool> insert(const char* collection, const Bson& document);
    // In this order, until the database refuses one: those before it are in, those behind it are not. nullopt: all are in. An error of the call
    // itself leaves it open which are.
    struct Refusal {
        std::size_t place;
        Error error;  // AlreadyExists, TooLarge or Internal
    };
    Result<std::optional<Refusal>> insert_in_order(const char* collection, std::span<const Bson* const> documents);
    // As that, but leaves out documents that violate a unique key, and returns their places.
    Result<std::vector<std::size_t>> insert_all(const char* collection, std::span<const Bson* const> documents);

    // Of one document; how many were found (0 or 1).
    Result<std::int64_t> update(const char* collection, const Bson& filter, const Bson& change);
    // Makes the document if none is found.
    Result<bool> upsert(const char* collection, const Bson& filter, const Bson& change);
    // Each on one document, in any order; how many documents were found.
    Result<std::int64_t> update_each(const char* collection, std::span<const Update> updates);

    // How many were removed.
    Result<std::int64_t> remove_one(const char* collection, const Bson& filter);
    Result<std::int64_t> remove_all(const char* collection, const Bson& filter);

    // From the collection's metadata: quick, and exact but after a crash of the server or during migrations of a sharded one.
    Result<std::int64_t> estimated_count(const char* collection);

    // False: existing documents violate it, or the server cannot make such an index; that was logged, and nothing is wrong.
    Result<bool> create_index(const char* collection, const Index& index);

    // On the link's database; the reply.
    Result<Bson> command(const Bson& command);

    // For what has no function here (change streams); nullptr: none to be had. Errors are handed to failed().
    mongoc_client_t* raw();
    Error failed(const bson_error_t& error);

private:
    struct DestroyCollection {
        void operator()(mongoc_collection_t* collection) const { mongoc_collection_destroy(collection); }
    };
    using Collection = std::unique_ptr<mongoc_collection_t, DestroyCollection>;
    // Unavailable at once when the link is down, but on the keeper's thread.
    Result<Collection> open(const char* collection);
    bool refuses() const;
    using Remove = bool(mongoc_collection_t*, const bson_t* filter, const bson_t* options, bson_t* reply, bson_error_t*);
    Result<std::int64_t> remove(const char* collection, const Bson& filter, Remove* how);

    friend class Link;
    Link& link_;
    mongoc_client_t* client_ = nullptr;
    bool keeper_ = false;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

// The Unavailable error of every store here.
std::unexpected<Error> database_unavailable();

}  // namespace parley::storage::mongodb

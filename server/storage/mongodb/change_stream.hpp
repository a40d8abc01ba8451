// ChangeStream: a cursor over what anybody changes in the link's database, and the place in the stream up to which it has been read
// (https://github.com/mongodb/specifications/tree/master/source/change-streams). Not libmongoc's mongoc_change_stream_t: that one reopens a broken
// stream inside a single call for as long as the server cuts its answers, so that nobody can stop it.
// This one never reopens by itself. open() after a failure goes on behind the last event that was visited: none is lost, none comes twice.
// Blocks: next() for up to a second while nothing happens; the time-outs of the link bound it where the server is silent.
// Threading: that of its client. Ownership: destroyed before the client.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/mongodb/client.hpp"

namespace parley::storage::mongodb {

enum class StreamTrouble : std::uint8_t {
    Interrupted,  // network, time-out, fail-over, a cursor that the server forgot: opening it again helps
    HistoryLost,  // what followed the place is no longer kept, or the place makes no sense to the server: only forget() helps
    Forbidden,    // rights are missing
    Unsupported,  // the server has no change streams
    Refused,      // any other answer
};

struct StreamFailure {
    StreamTrouble trouble;
    std::string reason;
};

class ChangeStream {
public:
    // False: the server has ended the stream (its database was dropped); open() goes on behind that.
    using Outcome = std::expected<bool, StreamFailure>;
    using Visit = std::function<void(const bson_t& event)>;

    // filters: further stages of the pipeline; they must leave the events' _id, which is their place.
    ChangeStream(Client& client, std::vector<Bson> filters) : client_(client), filters_(std::move(filters)) {}
    ~ChangeStream();  // close()
    ChangeStream(const ChangeStream&) = delete;
    ChangeStream& operator=(const ChangeStream&) = delete;

    // At the place, or at the present if there is none yet. Visits what is waiting.
    Outcome open(const Visit& visit);
    // The next events, in their order; none after a quiet second. Any answer but true closes it.
    Outcome next(const Visit& visit);
    void close();

    // Whether open() goes on where it was.
    bool has_place() const { return !place_.empty(); }
    void forget();

private:
    struct DestroySession {
        void operator()(mongoc_client_session_t* session) const { mongoc_client_session_destroy(session); }
    };
    Outcome select_server(mongoc_client_t* client);
    Outcome run(const Bson& command, const char* batch, const Visit& visit);
    Outcome read(const bson_t& reply, const char* batch, const Visit& visit);
    void visit_events(bson_iter_t& events, const Visit& visit);
    Bson aggregate() const;
    Outcome failed(const bson_error_t& error, const bson_t& reply);

    Client& client_;
    const std::vector<Bson> filters_;
    Bson place_;       // a resume token
    Bson last_event_;  // the _id of the last one that was visited
    bool ended_ = false;

    // While it is open.
    std::unique_ptr<mongoc_client_session_t, DestroySession> session_;
    Bson options_;  // one server and one session for all its commands: a cursor belongs to both
    std::int64_t cursor_ = 0;
    std::int32_t quiet_ms_ = 0;
    std::string collection_;
};

}  // namespace parley::storage::mongodb

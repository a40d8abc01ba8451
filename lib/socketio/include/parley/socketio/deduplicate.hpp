// Deduplicator: lets an event of a client that repeats it until it is acknowledged (socket.io-client's `retries` and `ackTimeout`) be handled once. The
// client sends an id of its own with the event, the same for each try; the answer to the first is remembered and given to the others.
//
//     client:  socket.emit("pay", crypto.randomUUID(), 100, callback);                 // io(url, {retries: 5, ackTimeout: 2000})
//     server:  Deduplicator payments;
//              io.on("pay", [&](Socket& socket, Arguments arguments, Ack ack) {
//                  if (!arguments[0].is_string()) return;
//                  payments.run(user_of(socket), arguments[0].as_string(), std::move(ack), [&](Ack answer) { answer(pay(arguments[1])); });
//              });
//
// It remembers in memory and for a while: across a restart, or later than its limits reach, an id is new again. What must never happen twice needs a
// unique key where it is stored as well.
// Threading: any thread, all loops of a server may share one. Ownership: what the handlers hold of it (their Ack) may outlive it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "parley/socketio/ack.hpp"
#include "parley/socketio/arguments.hpp"

namespace parley::socketio {

// Past a limit those that nobody has asked for longest are forgotten first.
struct DeduplicatorLimits {
    std::size_t max_entries = 100'000;               // remembered and running
    std::size_t max_bytes = std::size_t{64} << 20U;  // of remembered answers and ids; a single heavier answer is not remembered
    std::chrono::milliseconds max_age{300'000};      // since it was last asked for; should exceed retries × ackTimeout
    std::size_t max_id_bytes = 256;
};

class Deduplicator {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    enum class Outcome : std::uint8_t {
        Ran,       // the id is new: the handler was called
        Waits,     // the handler was called for it before, and has not answered yet: `ack` gets the answer together with the first
        Repeated,  // it has been answered: `ack` got the same answer
        Refused,   // the id is empty or too long, or as many handlers run as there may be entries: nothing was done, nothing answered
    };

    explicit Deduplicator(DeduplicatorLimits limits = {}, Clock now = std::chrono::steady_clock::now);

    // `scope`: whose id it is, by what the server knows (the user, not something the client may choose): another's answer must not be had by guessing.
    // The handler is called within run(), and answers then or later; the first answer counts. If it throws, or lets go of its Ack without an answer, the id is
    // new again, and those who waited hear nothing, as if they had not asked. `ack` may be empty.
    Outcome run(std::string_view scope, std::string_view id, Ack ack, const std::function<void(Ack)>& handler);

    // Of ids remembered and running now; what is too old may still be counted.
    std::size_t size() const;

private:
    class Memory;
    class Run;
    std::shared_ptr<Memory> memory_;
};

}  // namespace parley::socketio

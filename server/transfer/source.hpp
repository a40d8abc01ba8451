// What a transfer carries, and the two ends of it: a Source gives values one after the other, a Receiver takes them. Neither keeps more of them in
// memory than a batch.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "chat/values.hpp"
#include "parley/base/result.hpp"
#include "storage/mongodb/documents.hpp"

namespace parley::transfer {

class Progress;
class Report;

using Conversation = storage::mongodb::Conversation;

// The years 1 to 9999: what all places can hold and people can read. Other times are somebody's mistake.
constexpr bool is_usable(chat::Timestamp time) {
    using std::chrono::sys_days, std::chrono::year;
    return time >= chat::Timestamp(sys_days(year(1) / 1 / 1)) && time < chat::Timestamp(sys_days(year(10'000) / 1 / 1));
}

// A login that has been ended before its token expires; see chat/session_store.hpp.
struct Revocation {
    std::string session;
    chat::Timestamp expires_at;
    friend bool operator==(const Revocation&, const Revocation&) = default;
};

// How far a person has marked the conversation with another one as read.
struct ReadMark {
    chat::UserId reader;
    chat::UserId peer;
    chat::MessageId message;
    friend bool operator==(const ReadMark&, const ReadMark&) = default;
};

// An error ends the transfer. What a receiver cannot keep is no error: it is written into the report.
class Receiver {
public:
    virtual ~Receiver() = default;
    virtual Result<bool> take(const chat::User& user) = 0;
    virtual Result<bool> take(const chat::Message& message) = 0;
    virtual Result<bool> take(const Revocation& revocation) = 0;
    // After its message.
    virtual Result<bool> take(const ReadMark& mark) = 0;
    // After all messages. Which messages a conversation has is said by the messages themselves; this is the document beside them.
    virtual Result<bool> take(const Conversation& conversation) = 0;
    // Sources that have to work for them leave them out otherwise.
    virtual bool wants_conversations() const { return true; }
};

// What orders users, and messages of the same millisecond.
enum class Order : std::uint8_t {
    ById,     // as MongoDB has it, whatever order the source gives
    AsGiven,  // as the source gives them
};

class Source {
public:
    virtual ~Source() = default;
    virtual std::string name() const = 0;  // "the dump folder ./dump", for sentences
    // Equal means that it will give the same again; "" if that cannot be known.
    virtual std::string fingerprint() const = 0;
    // What an interrupted transfer is recognised by; without credentials.
    std::string identity() const {
        std::string known = fingerprint();
        return known.empty() ? name() : known;
    }
    virtual Order order() const = 0;
    // Once. What is skipped is written into the report.
    virtual Result<bool> read(Receiver& receiver, Report& report, Progress& progress) = 0;
};

class Target : public Receiver {
public:
    virtual std::string name() const = 0;
    // Before anything is taken. Conflict: it has something already that this transfer did not write. `fingerprint` names the source.
    // The report outlives the target.
    virtual Result<bool> begin(const std::string& fingerprint, Report& report) = 0;
    // After everything was taken; what was taken is durable afterwards.
    virtual Result<bool> finish() = 0;
};

}  // namespace parley::transfer

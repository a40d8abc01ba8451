// Conversations: what is remembered of the pairs that talk, and their documents in `conversations`, which are kept for the original's sake: our own
// reads go by pair to `messages`.
//
// Which document: the original looks for {participants: {$all: [a, b]}} and takes the first it gets; so do we. Two servers that both find none
// make two, and the original can at any time. Ours give a pair's document an _id made from the pair, so they never make a second one of their
// own; if there are several all the same, pushes go to the first, and the tender (tender.hpp) completes its array.
// Threading: any thread; calls that take a Client may block on the database.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/lru_cache.hpp"
#include "storage/mongodb/client.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/pair.hpp"

namespace parley::storage::mongodb {

// The filters of a pair: its conversation documents, and the messages from one to the other.
Bson conversation_filter(const Pair& pair);
Bson direction_filter(chat::UserId sender, chat::UserId receiver);

// The document that the original reads first; version: its `__v`, about the length of its array.
struct DocumentName {
    chat::ConversationId id;
    std::int64_t version = 0;
};
Result<std::optional<DocumentName>> find_document(Client& client, const Pair& pair);

// The last message of a direction, or the last of those that are not older than `since`.
Result<std::optional<Place>> find_last(Client& client, chat::UserId sender, chat::UserId receiver, std::optional<chat::Timestamp> since);

class Conversations {
public:
    using SteadyClock = std::chrono::steady_clock;
    // How long what is known of the last message is believed when nothing tells of others' messages.
    static constexpr std::chrono::seconds kBelievedFor{1};
    static constexpr std::int64_t kLong = 500;
    static constexpr std::int64_t kTendEvery = 1'000;

    explicit Conversations(chat::Clock clock) : clock_(std::move(clock)) {}

    // The place that the next message must come after, if `pair` is known well enough to say so without asking the database.
    bool knows(const Pair& pair, bool others_are_heard);
    // Reads what knows() wants: the document, and whether a message stands at or after the present time (ours must come after it).
    // `is_new`: this process had not seen the pair before.
    struct Learnt {
        bool is_new = false;
    };
    Result<Learnt> learn(Client& client, const Pair& pair);

    // A place for a message that is to be the last of its pair: the present time, but after every message that is known.
    Place next_place(const Pair& pair, chat::MessageId id);
    // A message that somebody stored.
    void note(const chat::Message& message);

    std::optional<chat::ConversationId> document_of(const Pair& pair);
    // Whether it was looked for a moment ago, and there is none.
    bool surely_has_none(const Pair& pair);
    // version: the document's `__v`, about the length of its array.
    void set_document(const Pair& pair, std::optional<chat::ConversationId> id, std::int64_t version);
    // How a push of `count` ids is to be made.
    struct PushPlan {
        bool is_long = false;     // the array is long enough for a push to take its time
        bool tend_after = false;  // kTendEvery pushes since the last such
    };
    PushPlan plan_push(const Pair& pair, std::size_t count);

    // Forgets everything: others may have changed it unheard.
    void clear();

    static chat::ConversationId made_id(const Pair& pair);

private:
    static constexpr std::size_t kRemembered = 16'384;  // pairs, about 200 bytes each

    struct Entry {
        std::optional<chat::ConversationId> document;
        std::int64_t version = 0;
        std::int64_t tended_at_version = 0;
        Place last{.created_at = {}, .id = {}};
        SteadyClock::time_point learnt_at{};  // at the beginning of time: never
    };
    bool is_believable(const Place& place) const;

    const chat::Clock clock_;
    std::mutex mutex_;
    LruCache<Pair, Entry, PairHash> entries_{kRemembered};  // guarded by mutex_
};

}  // namespace parley::storage::mongodb

// Tender: keeps the arrays of conversation documents complete, in the background. The original reads a conversation by its array; an array can lack
// ids after a crash between the two writes of a send, after a cut, or because two servers made two documents for one pair.
//
// A pair is tended when this process first meets it, after a push that may have failed or been made twice, some seconds after a document was made (the other server
// may have made one too), and every Conversations::kTendEvery messages. Then: the document that the original reads first gets the ids it lacks, in the messages'
// order; ids that are twice in it go; others' ids (the original's notes to self land in any conversation) stay where they are; beyond `cap` the
// oldest go, because the array is rewritten with each message and a document may not exceed 16 MiB. Messages of the last kSettle are left alone:
// their own server may be about to push them. A change is made only on the array that was read (by `__v`, which every push increments).
// A document that Mongoose would not have written so is left alone. While the database is away, or somebody else changes the document at the same
// time, a pair is tried again after 2 s, then up to 10 minutes, and then forgotten until it is met again.
// Mostly nothing is wrong, so what is looked at first are the messages since shortly before the last push; all of them only if one is missing there,
// or if there are several documents.
// Pushes to long arrays are made here too, those of one pair that wait together: they take their time, which a sender shall not wait for, and the
// database is left alone for four times as long in between.
// Bounded: one pair at a time, kMaxWaiting pairs waiting, `cap` ids of a pair in memory.
// Threading: tend() and push() from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "storage/mongodb/announcements.hpp"
#include "storage/mongodb/conversations.hpp"

namespace parley::storage::mongodb {

// What appends ids to the array of a document, as Mongoose's save() after a push does.
Update push_update(chat::ConversationId document, const std::vector<chat::MessageId>& ids, chat::Timestamp updated_at);

// The array that `array` should be: see above. `messages`: the last ones of the pair, ascending; those that are not settled are not added.
std::vector<chat::MessageId> mend_array(const std::vector<chat::MessageId>& array, const std::vector<Place>& messages,
                                        const std::function<bool(const Place&)>& settled, std::size_t cap);

class Tender {
public:
    using SteadyClock = std::chrono::steady_clock;
    static constexpr std::size_t kMaxWaiting = 10'000;
    static constexpr std::chrono::seconds kSettle{5};
    // The driver repeats a write whose answer was lost. A database that was killed in between and forgot which writes it had made makes it twice
    // (SecantusDB does), and says only that it is done. Coming back takes longer than this.
    static constexpr std::chrono::milliseconds kRetrySuspected{250};

    // cap: ids that an array keeps at least; it is cut back to that when it has a fifth more.
    Tender(Link& link, Conversations& conversations, Announcements& announcements, chat::Clock clock, std::size_t cap);
    ~Tender();  // stop()

    // Sooner, if it is waiting for a later time.
    void tend(const Pair& pair, std::chrono::milliseconds delay = {});
    // Appends the ids to the array of the pair's document, soon, in the order of the calls.
    void push(const Pair& pair, const std::vector<chat::MessageId>& ids, chat::Timestamp updated_at);
    // Pairs that wait or are being tended.
    std::size_t waiting();
    // Makes the pushes that wait, then ends. Idempotent.
    void stop();

private:
    struct Push {
        std::vector<chat::MessageId> ids;
        chat::Timestamp updated_at;
    };
    using Pushes = std::unordered_map<Pair, Push, PairHash>;

    void work();
    void enqueue(const Pair& pair, SteadyClock::time_point due, int attempts);
    void push_now(Client& client, const Pushes& pushes);
    std::optional<chat::ConversationId> document_of(Client& client, const Pair& pair);
    void tend_next(Client& client, const Pair& pair, int attempts);
    Result<bool> tend_now(Client& client, const Pair& pair);
    enum class Health : std::uint8_t { Well, Unsettled, Ill };
    Result<Health> examine(Client& client, const Pair& pair, const Conversation& conversation);
    Result<bool> mend(Client& client, const Pair& pair, const Conversation& conversation, const std::vector<Place>& places);
    Result<std::vector<Conversation>> read_documents(Client& client, const Pair& pair);
    Result<std::vector<Place>> read_places(Client& client, const Pair& pair, std::optional<chat::Timestamp> since);
    bool is_settled(const Pair& pair, const Place& place);
    Result<bool> make_document(Client& client, const Pair& pair, const std::vector<Place>& places);

    Link& link_;
    Conversations& conversations_;
    Announcements& announcements_;
    const chat::Clock clock_;
    const std::size_t cap_;

    std::mutex mutex_;
    std::condition_variable wake_;
    struct Waiting {
        Pair pair;
        int attempts = 0;  // that failed
    };
    using Queue = std::multimap<SteadyClock::time_point, Waiting>;
    Queue queue_;                                                    // guarded by mutex_, as are the following
    std::unordered_map<Pair, Queue::iterator, PairHash> positions_;  // of each in queue_
    Pushes pushes_;
    SteadyClock::time_point next_push_{};  // not before
    std::size_t busy_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace parley::storage::mongodb

// MessageWriter: the one thread that stores messages. It takes everything that waits into one insert (group commit), then appends the ids to the
// arrays of their conversations, then announces, then answers: two round trips for as many senders as there are.
//
// Order: messages are stored and announced in the order of store(); of a pair each comes after all that are known, so that a reader sees a prefix.
// Outcome: each message has its own; one that the database refuses fails alone. After an insert whose answer is lost it is looked up what is there,
// and the rest is inserted again with the same _ids, for kPatience. A message that is stored is acknowledged, also if its id could not be appended:
// the tender does that later. When patience ends the outcome is unknown: the caller gets Unavailable, and should the change stream tell of the
// message, it was stored, and is announced.
// Threading: store() is awaited on any loop.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "chat/message_store.hpp"
#include "parley/async/completion.hpp"
#include "storage/mongodb/announcements.hpp"
#include "storage/mongodb/conversations.hpp"
#include "storage/mongodb/tender.hpp"

namespace parley::storage::mongodb {

class MessageWriter {
public:
    using SteadyClock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kPatience{10};
    static constexpr std::size_t kMaxWaiting = 10'000;  // drafts; one more is refused
    static constexpr std::size_t kMaxWaitingBytes = 64 * 1024 * 1024;
    static constexpr std::size_t kMaxBatch = 500;  // messages in one insert
    static constexpr std::size_t kMaxBatchBytes = 8 * 1024 * 1024;

    // stream_is_live: any thread: whether others' messages are heard of as they are stored.
    MessageWriter(Link& link, Conversations& conversations, Announcements& announcements, Tender& tender,
                  std::function<bool()> stream_is_live);
    ~MessageWriter();  // stop()

    // id: the _id that the draft's idempotency key stands for, if it has one. `repeated`: a message with it was stored already. begun_at: since when
    // the sender waits. Errors: Unavailable, TooLarge, Conflict (the key's message was altered by others).
    Task<Result<chat::Appended>> store(std::shared_ptr<const chat::Draft> draft, std::optional<chat::MessageId> id,
                                       SteadyClock::time_point begun_at);

    // From now on what cannot be stored at once is refused, not tried again.
    void lose_patience() { patient_ = false; }
    // Finishes what waits, then ends the thread; stop_soon() does not wait for that. Idempotent.
    void stop_soon();
    void stop();

private:
    struct Operation {
        std::shared_ptr<const chat::Draft> draft;
        std::optional<chat::MessageId> reserved;
        SteadyClock::time_point begun_at;
        Completer<Result<chat::Appended>> completer;
        enum class State : std::uint8_t { Pending, Stored, Found, Refused } state = State::Pending;
        chat::Message message{};
        Error refusal{};
        const Operation* twin = nullptr;  // an earlier one of the batch with the same _id: has the same outcome
    };
    using Batch = std::vector<Operation>;
    using State = Operation::State;

    void submit(Operation operation);
    void work();
    bool take(Batch& batch);
    void process(Client& client, Batch& batch);
    void refuse_late(Batch& batch);
    void place(Batch& batch);
    void insert(Client& client, Batch& batch);
    static Result<bool> insert_pending(Client& client, Batch& batch);
    static Result<bool> look_up_pending(Client& client, Batch& batch);
    static std::vector<Operation*> pending(Batch& batch);
    bool may_retry(SteadyClock::time_point deadline);
    // New messages of one pair.
    struct Group {
        std::vector<chat::UserId> participants;  // sender and receiver of the first
        std::vector<chat::MessageId> ids;
        chat::Timestamp updated_at;
        Pair pair() const { return Pair::of(participants[0], participants[1]); }
    };
    static std::vector<Group> group(const Batch& batch);
    void append_ids(Client& client, const Batch& batch);
    void make_documents(Client& client, const std::vector<const Group*>& groups, std::vector<Update>& updates);
    static Conversation new_document(const Group& group);
    void answer(Batch& batch);
    void answer(Operation& operation);
    void give_up(Operation& operation);

    Link& link_;
    Conversations& conversations_;
    Announcements& announcements_;
    Tender& tender_;
    const std::function<bool()> stream_is_live_;

    std::atomic<bool> patient_{true};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Operation> waiting_;  // guarded by mutex_, as are the following
    std::size_t waiting_bytes_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace parley::storage::mongodb

#include "storage/mongodb/message_writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <unordered_map>

namespace parley::storage::mongodb {
namespace {

constexpr std::chrono::milliseconds kBetweenAttempts{50};
constexpr std::chrono::seconds kLookAgainAfter{6};  // longer than Tender::kSettle
constexpr std::size_t kDraftOverhead = 512;         // bytes that a waiting draft holds beside its text, about

std::size_t size_of(const chat::Draft& draft) {
    return draft.text.size() + kDraftOverhead;
}

}  // namespace

MessageWriter::MessageWriter(Link& link, Conversations& conversations, Announcements& announcements, Tender& tender,
                             std::function<bool()> stream_is_live)
    : link_(link),
      conversations_(conversations),
      announcements_(announcements),
      tender_(tender),
      stream_is_live_(std::move(stream_is_live)) {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "mongo-writer");
        work();
    });
}

MessageWriter::~MessageWriter() {
    stop();
}

void MessageWriter::stop_soon() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
}

void MessageWriter::stop() {
    stop_soon();
    if (thread_.joinable()) thread_.join();
}

Task<Result<chat::Appended>> MessageWriter::store(std::shared_ptr<const chat::Draft> draft, std::optional<chat::MessageId> id,
                                                  SteadyClock::time_point begun_at) {
    const auto start = [&](Completer<Result<chat::Appended>> completer) {
        submit({.draft = std::move(draft), .reserved = id, .begun_at = begun_at, .completer = std::move(completer)});
    };
    co_return co_await suspend<Result<chat::Appended>>(start);
}

void MessageWriter::submit(Operation operation) {
    {
        const std::scoped_lock lock(mutex_);
        const std::size_t bytes = size_of(*operation.draft);
        const bool full = waiting_.size() >= kMaxWaiting || waiting_bytes_ + bytes > kMaxWaitingBytes;
        if (stopping_ || full || !link_.usable()) return give_up(operation);
        waiting_bytes_ += bytes;
        waiting_.push_back(std::move(operation));
    }
    wake_.notify_one();
}

void MessageWriter::work() {
    Client client(link_);
    Batch batch;
    while (take(batch)) {
        process(client, batch);
        batch.clear();
    }
}

// False: there is nothing left to do, ever.
bool MessageWriter::take(Batch& batch) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    std::size_t bytes = 0;
    while (!waiting_.empty() && batch.size() < kMaxBatch && bytes < kMaxBatchBytes) {
        bytes += size_of(*waiting_.front().draft);
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    waiting_bytes_ -= bytes;
    return !batch.empty();
}

void MessageWriter::process(Client& client, Batch& batch) {
    refuse_late(batch);
    if (batch.empty()) return;
    place(batch);
    insert(client, batch);
    append_ids(client, batch);
    answer(batch);
}

// What has waited for all its patience behind a batch that was stuck is not even tried.
void MessageWriter::refuse_late(Batch& batch) {
    const auto late = [this, now = SteadyClock::now()](Operation& operation) {
        if (now - operation.begun_at < kPatience) return false;
        give_up(operation);
        return true;
    };
    std::erase_if(batch, late);
}

void MessageWriter::place(Batch& batch) {
    std::unordered_map<chat::MessageId, const Operation*> reserved;
    for (Operation& operation : batch) {
        const chat::Draft& draft = *operation.draft;
        const auto id = operation.reserved.value_or(chat::MessageId::generate());
        if (operation.reserved) {
            const auto [first, is_first] = reserved.emplace(id, &operation);
            if (!is_first) operation.twin = first->second;
        }
        announcements_.begin(id);
        const Place place = conversations_.next_place(Pair::of(draft.sender, draft.receiver), id);
        operation.message = {.id = id,
                             .sender = draft.sender,
                             .receiver = draft.receiver,
                             .text = draft.text,
                             .created_at = place.created_at,
                             .updated_at = place.created_at};
    }
}

// Leaves every operation stored, found or refused; or pending: its outcome is unknown.
void MessageWriter::insert(Client& client, Batch& batch) {
    const auto deadline = batch.front().begun_at + kPatience;
    client.set_deadline(deadline);
    auto done = insert_pending(client, batch);
    while (!done && may_retry(deadline)) {
        done = look_up_pending(client, batch);
        if (done) done = insert_pending(client, batch);
    }
}

std::vector<MessageWriter::Operation*> MessageWriter::pending(Batch& batch) {
    std::vector<Operation*> pending;
    for (Operation& operation : batch) {
        if (operation.state == State::Pending && !operation.twin) pending.push_back(&operation);
    }
    return pending;
}

// An error leaves it open which of the pending ones are stored.
Result<bool> MessageWriter::insert_pending(Client& client, Batch& batch) {
    for (auto wanted = pending(batch); !wanted.empty(); wanted = pending(batch)) {
        std::vector<Bson> documents;
        for (const Operation* operation : wanted) documents.push_back(to_bson(operation->message));
        std::vector<const Bson*> pointers;
        for (const Bson& document : documents) pointers.push_back(&document);
        TRY(const auto refused, client.insert_in_order(kMessages, pointers));
        const std::size_t stored = refused ? refused->place : wanted.size();
        for (std::size_t i = 0; i < stored; ++i) wanted[i]->state = State::Stored;
        if (!refused) break;
        if (refused->error.code == ErrorCode::Unavailable) return fail(refused->error);
        Operation& refusal = *wanted[refused->place];
        if (refused->error.code == ErrorCode::AlreadyExists) {
            TRY([[maybe_unused]] const bool known, look_up_pending(client, batch));
        }
        if (refusal.state == State::Pending) {  // not for its _id
            refusal.state = State::Refused;
            refusal.refusal = refused->error.code == ErrorCode::AlreadyExists
                                  ? Error{ErrorCode::Internal, "the database has a unique key that messages violate"}
                                  : refused->error;
        }
    }
    return true;
}

// Which of the pending ones are there. One with the very time it was given here was stored by this very attempt, whose answer was lost.
Result<bool> MessageWriter::look_up_pending(Client& client, Batch& batch) {
    std::unordered_map<chat::MessageId, Operation*> wanted;
    std::vector<chat::MessageId> ids;
    for (Operation* operation : pending(batch)) {
        wanted.emplace(operation->message.id, operation);
        ids.push_back(operation->message.id);
    }
    const auto take = [&](const bson_t& document) {
        const auto at = wanted.find(chat::MessageId(BsonView(document).id("_id").value_or(chat::ObjectId())));
        if (at == wanted.end()) return true;
        Operation& operation = *at->second;
        auto stored = read_message(document);
        if (!stored) {
            operation.state = State::Refused;
            operation.refusal = {ErrorCode::Conflict, "The message of this idempotency key was altered"};
        } else {
            operation.state = *stored == operation.message ? State::Stored : State::Found;
            operation.message = *std::move(stored);
        }
        return true;
    };
    return client.find(kMessages, Bson().add("_id", Bson().add_array("$in", ids)), Bson(), take);
}

// Waits for the link, if there is time.
bool MessageWriter::may_retry(SteadyClock::time_point deadline) {
    do {
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, kBetweenAttempts, [this] { return stopping_; })) return false;
        if (SteadyClock::now() >= deadline || !patient_) return false;
    } while (!link_.usable());
    return true;
}

// In the order of each pair's first message.
std::vector<MessageWriter::Group> MessageWriter::group(const Batch& batch) {
    std::vector<Group> groups;
    std::unordered_map<Pair, std::size_t, PairHash> index;
    for (const Operation& operation : batch) {
        if (operation.state != State::Stored) continue;
        const chat::Message& message = operation.message;
        const auto [at, is_new] = index.emplace(Pair::of(message), groups.size());
        if (is_new) groups.push_back({.participants = {message.sender, message.receiver}, .ids = {}, .updated_at = {}});
        groups[at->second].ids.push_back(message.id);
        groups[at->second].updated_at = message.created_at;
    }
    return groups;
}

// To short arrays at once, in one command; to long ones in the background. The messages are stored: what fails here is the tender's.
void MessageWriter::append_ids(Client& client, const Batch& batch) {
    const auto groups = group(batch);
    std::vector<Update> updates;
    std::vector<const Group*> updated;
    std::vector<const Group*> unmade;
    for (const Group& group : groups) {
        const Pair pair = group.pair();
        const auto plan = conversations_.plan_push(pair, group.ids.size());
        const auto document = conversations_.document_of(pair);
        if (plan.tend_after) tender_.tend(pair, Tender::kSettle);
        if (document && plan.is_long) {
            tender_.push(pair, group.ids, group.updated_at);
        } else if (document) {
            updates.push_back(push_update(*document, group.ids, group.updated_at));
            updated.push_back(&group);
        } else if (conversations_.surely_has_none(pair)) {
            unmade.push_back(&group);
        } else {
            tender_.push(pair, group.ids, group.updated_at);
        }
    }
    make_documents(client, unmade, updates);
    const auto begun_at = SteadyClock::now();
    const auto matched = client.update_each(kConversations, updates);
    const bool quick = SteadyClock::now() - begun_at < Tender::kRetrySuspected;
    if (quick && matched && *matched == static_cast<std::int64_t>(updates.size())) return;
    for (const Group* group : updated) tender_.tend(group->pair(), kLookAgainAfter);
    for (const Group* group : unmade) tender_.tend(group->pair(), kLookAgainAfter);
}

Conversation MessageWriter::new_document(const Group& group) {
    Conversation conversation;
    conversation.id = Conversations::made_id(group.pair());
    conversation.participants = group.participants;
    conversation.messages = group.ids;
    conversation.created_at = conversation.updated_at = group.updated_at;
    conversation.version = static_cast<std::int32_t>(group.ids.size());
    return conversation;
}

// All in one command. Of a pair whose document is there all the same, another server was quicker: its ids are added to `updates`.
void MessageWriter::make_documents(Client& client, const std::vector<const Group*>& groups, std::vector<Update>& updates) {
    std::vector<Bson> documents;
    for (const Group* group : groups) documents.push_back(to_bson(new_document(*group)));
    std::vector<const Bson*> pointers;
    for (const Bson& document : documents) pointers.push_back(&document);
    const auto existing = client.insert_all(kConversations, pointers);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Group& group = *groups[i];
        tender_.tend(group.pair(), kLookAgainAfter);  // the original may have made one at the same moment
        if (!existing) continue;
        const auto id = Conversations::made_id(group.pair());
        conversations_.set_document(group.pair(), id, static_cast<std::int64_t>(group.ids.size()));
        if (std::ranges::binary_search(*existing, i)) updates.push_back(push_update(id, group.ids, group.updated_at));
    }
}

void MessageWriter::answer(Batch& batch) {
    for (Operation& operation : batch) {
        if (const Operation* const twin = operation.twin) {
            operation.state = twin->state == State::Stored ? State::Found : twin->state;
            operation.message = twin->message;
            operation.refusal = twin->refusal;
        }
        answer(operation);
    }
}

void MessageWriter::answer(Operation& operation) {
    switch (operation.state) {
        case State::Pending: return give_up(operation);
        case State::Stored:
            announcements_.stored({operation.message, operation.draft->client_id, operation.draft->origin});
            return operation.completer.complete(chat::Appended{.message = operation.message, .repeated = false});
        case State::Found:
            announcements_.found(operation.message, stream_is_live_());
            return operation.completer.complete(chat::Appended{.message = operation.message, .repeated = true});
        case State::Refused: announcements_.give_up(operation.message.id); return operation.completer.complete(fail(operation.refusal));
    }
}

// Also of one that was never tried: if its _id belongs to a key, a retry at another server may store it.
void MessageWriter::give_up(Operation& operation) {
    const bool tried = operation.message.id != chat::MessageId();
    const auto id = tried ? std::optional(operation.message.id) : operation.reserved;
    const auto heard = id ? announcements_.give_up(*id) : std::nullopt;
    if (heard) {
        announcements_.stored({*heard, operation.draft->client_id, operation.draft->origin});
        operation.completer.complete(chat::Appended{.message = *heard, .repeated = false});
    } else {
        operation.completer.complete(database_unavailable());
    }
    if (tried) tender_.tend(Pair::of(operation.draft->sender, operation.draft->receiver), kLookAgainAfter);
}

}  // namespace parley::storage::mongodb

// Announcements: the one way by which stored messages reach the CommitListener: ours when they are stored, others' when the change stream tells of
// them, none twice; and the way of read marks, so that it hears of one thing at a time. It keeps account of the ids that are being stored, because the
// stream may tell of a message before its own writer knows.
// Threading: any thread; the listener is called by one at a time.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "chat/message_store.hpp"
#include "storage/lru_cache.hpp"

namespace parley::storage::mongodb {

class Announcements {
public:
    explicit Announcements(chat::CommitListener& listener) : listener_(listener) {}

    // Before a message is sent to the database for the first time.
    void begin(chat::MessageId id);
    // It is stored, and this process stored it.
    void stored(const chat::Committed& event);
    // After begin(): it was found stored, by an earlier attempt or by another process. Announced if that is still owed: the stream has told of it
    // meanwhile, as another's; or an attempt of ours was given up, and there is no stream that would tell.
    void found(const chat::Message& message, bool stream_is_live);
    // Without begin(): somebody saw it stored. If it is underway whoever has begun it announces it; else as found().
    void seen(const chat::Message& message, bool stream_is_live);
    // Its outcome is unknown, or it was never tried, and nobody waits for it any more. The message as it was stored, if the stream has told of it;
    // stored() is to be called then. nullopt: should the stream tell of it later, it is announced then.
    std::optional<chat::Message> give_up(chat::MessageId id);

    // The stream tells of a message, by whomever. True: it was another's.
    bool heard(const chat::Message& message);

    // A mark that has moved; conversation_store.hpp sees to it that none is told twice.
    void marked_read(const chat::MarkedRead& event);

    // Whether it is between begin() and its end.
    bool is_underway(chat::MessageId id);

private:
    static constexpr std::size_t kRemembered = 16'384;
    struct Underway {
        std::optional<chat::Message> heard;
    };
    void announce(const chat::Committed& event);
    bool& announced(chat::MessageId id);

    chat::CommitListener& listener_;
    std::mutex calling_;  // held while the listener is called
    std::mutex mutex_;
    std::unordered_map<chat::MessageId, Underway> underway_;  // guarded by mutex_
    // Whether messages that this process has sent are announced. Of those that are not in it any more, the ones whose ids were made here are.
    // Guarded by mutex_.
    LruCache<chat::MessageId, bool> announced_{kRemembered};
};

}  // namespace parley::storage::mongodb

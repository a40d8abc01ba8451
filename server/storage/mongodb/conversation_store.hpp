// ConversationStore on MongoDB; see chat/conversation_store.hpp for what it promises, latest_activity.hpp for how conversations are found and
// read_marks.hpp for how marks are kept.
// A list costs a look at the person's conversation documents, without their arrays; two readings of times and ids for each hundred of the conversations
// that may be on the page or on one before it, or for fewer where much is said; and for each fifty on the page three small readings, and some more of ids
// if something of them is unread. A page ends early when it has become large (kPageBytes of texts) or dear (kPageSteps ids). Nothing is held
// still meanwhile: what is written while a list is read may be in one part of an entry and not in the other.
// Marks that other servers move are told to the listener when heard() is called.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "chat/conversation_store.hpp"
#include "storage/lru_cache.hpp"
#include "storage/mongodb/announcements.hpp"
#include "storage/mongodb/latest_activity.hpp"
#include "storage/mongodb/read_marks.hpp"
#include "storage/mongodb/workers.hpp"

namespace parley::storage::mongodb {

class ConversationStore : public chat::ConversationStore {
public:
    static constexpr std::size_t kPageSteps = 20'000;

    ConversationStore(Workers& workers, ReadMarks& marks, Announcements& announcements)
        : workers_(workers), marks_(marks), announcements_(announcements) {}

    Task<Result<chat::ConversationPage>> list(chat::ConversationQuery query) override;
    Task<Result<chat::ReadState>> mark_read(chat::ReadMark mark) override;

    // Any thread: somebody has set the mark to this message. Another server's mark is told to the listener, in a while; one of ours was.
    void heard(const Reading& reading, chat::MessageId message);

private:
    struct Details;

    Result<chat::ConversationPage> read_page(Client& client, const chat::ConversationQuery& query, const std::optional<Place>& before);
    Result<Details> read_details(Client& client, chat::UserId reader, std::span<const Activity> activities);
    Place read_until(const std::optional<Place>& mark) const;  // that or what comes before counts as read
    Result<chat::ReadState> state_of(Client& client, chat::UserId reader, const Activity& activity, const Details& details,
                                     std::size_t& steps);
    Result<chat::ReadState> state_now(Client& client, const Reading& reading, const std::optional<Place>& mark);
    Result<chat::ReadState> mark_now(Client& client, const chat::ReadMark& mark);
    void tell_heard(Client& client, const Reading& reading, chat::MessageId message);

    // Some readings share one. The mutex is held from a mark's move to its announcement, which so is in the order of the moves.
    struct Shard {
        std::mutex mutex;
        LruCache<Reading, Place, ReadingHash> told{256};  // guarded by mutex: what the listener knows
    };
    Shard& shard_of(const Reading& reading) { return shards_[ReadingHash{}(reading) / 7 % shards_.size()]; }
    Result<chat::ReadState> tell(Client& client, Shard& shard, const Reading& reading, const Place& mark, std::string origin);

    Workers& workers_;
    ReadMarks& marks_;
    Announcements& announcements_;
    std::array<Shard, 64> shards_;
};

}  // namespace parley::storage::mongodb

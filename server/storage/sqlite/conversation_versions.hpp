// ConversationVersions: how far conversations have got, so that "is there anything new?" is answered without the database. Bounded: those that were
// asked for last are kept.
// What is kept is never behind what has been acknowledged: the writer tells of a commit before anybody else hears of it, and what somebody has read
// goes in only if nothing was committed since he began.
// Threading: any thread; split into shards, each with a mutex.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "chat/pair.hpp"
#include "storage/lru_cache.hpp"

namespace parley::storage::sqlite {

// Where a conversation stands; of two who never talked both are 0.
struct ConversationVersion {
    std::int64_t conversation = 0;
    std::int64_t last_seq = 0;
};

class ConversationVersions {
public:
    static constexpr std::size_t kShards = 16;
    static constexpr std::size_t kPerShard = 1024;  // about 150 bytes each

    // A reading of the shard's state before the database is asked; see put().
    using Ticket = std::uint64_t;

    std::optional<ConversationVersion> find(const chat::Pair& pair);
    Ticket ticket(const chat::Pair& pair);
    // Ignored if something was committed in this shard since ticket().
    void put(Ticket ticket, const chat::Pair& pair, ConversationVersion version);

    // By the writer, between the commit and its announcement.
    void committed(const chat::Pair& pair, ConversationVersion version);

private:
    struct Shard {
        std::mutex mutex;
        Ticket commits = 0;                                                             // guarded by mutex
        LruCache<chat::Pair, ConversationVersion, chat::PairHash> versions{kPerShard};  // guarded by mutex
    };
    Shard& shard_of(const chat::Pair& pair) { return shards_[chat::PairHash{}(pair) / 7 % kShards]; }

    std::array<Shard, kShards> shards_;
};

}  // namespace parley::storage::sqlite

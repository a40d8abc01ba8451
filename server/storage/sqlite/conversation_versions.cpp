#include "storage/sqlite/conversation_versions.hpp"

namespace parley::storage::sqlite {

std::optional<ConversationVersion> ConversationVersions::find(const chat::Pair& pair) {
    Shard& shard = shard_of(pair);
    const std::lock_guard lock(shard.mutex);
    const auto* const version = shard.versions.find(pair);
    return version ? std::optional(*version) : std::nullopt;
}

ConversationVersions::Ticket ConversationVersions::ticket(const chat::Pair& pair) {
    Shard& shard = shard_of(pair);
    const std::lock_guard lock(shard.mutex);
    return shard.commits;
}

void ConversationVersions::put(Ticket ticket, const chat::Pair& pair, ConversationVersion version) {
    Shard& shard = shard_of(pair);
    const std::lock_guard lock(shard.mutex);
    if (ticket == shard.commits && !shard.versions.find(pair)) shard.versions.put(pair, version);
}

void ConversationVersions::committed(const chat::Pair& pair, ConversationVersion version) {
    Shard& shard = shard_of(pair);
    const std::lock_guard lock(shard.mutex);
    ++shard.commits;
    if (auto* const known = shard.versions.find(pair)) *known = version;
}

}  // namespace parley::storage::sqlite

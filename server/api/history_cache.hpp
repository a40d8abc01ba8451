// HistoryCache: whole conversations as JSON, as they were sent last: for as long as nothing is said in them they are sent again without being read.
// Both people's answers are the same bytes. One entry per conversation; beyond `max_bytes` in all, those that were asked for longest ago go.
// Threading: any thread.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "chat/pair.hpp"
#include "parley/base/bytes.hpp"

namespace parley::api {

class HistoryCache {
public:
    // The largest conversation that is kept. A longer one is streamed.
    static constexpr std::size_t kLargest = 512 * 1024;

    explicit HistoryCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    // nullptr: not there in that version.
    SharedBytes find(chat::UserId one, chat::UserId other, const std::string& version);
    void put(chat::UserId one, chat::UserId other, std::string version, SharedBytes json);

private:
    static constexpr std::size_t kOverhead = 400;  // bytes of an entry beside its JSON, about

    struct Entry {
        chat::Pair pair;
        std::string version;
        SharedBytes json;
    };
    using Entries = std::list<Entry>;  // the last used first
    void erase(Entries::iterator entry);

    const std::size_t max_bytes_;
    std::mutex mutex_;
    std::size_t bytes_ = 0;  // guarded by mutex_, as are the following
    Entries entries_;
    std::unordered_map<chat::Pair, Entries::iterator, chat::PairHash> index_;
};

}  // namespace parley::api

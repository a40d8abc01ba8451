// ReadAhead: what was read of a long conversation beyond the page that was asked for, kept for the moment until the next page is. Many pages cost the
// database as many queries, and some servers sort all that is left for each.
// Bounded: kMaxKept conversations, each at most what one reading brings (history.hpp: kPageBytes of texts).
// Threading: any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "chat/message_store.hpp"
#include "storage/lru_cache.hpp"
#include "storage/mongodb/pair.hpp"

namespace parley::storage::mongodb {

class ReadAhead {
public:
    using SteadyClock = std::chrono::steady_clock;
    static constexpr std::size_t kMaxKept = 16;
    static constexpr std::chrono::seconds kKeptFor{10};

    // How many to read for a page of `limit`: more than that only for those who want much.
    static std::size_t wanted(const chat::HistoryQuery& query) {
        if (query.limit < kMuch) return query.limit;
        return std::max(query.limit, query.after.empty() ? kFirst : kFurther);
    }

    // Cuts `page` to the query's limit, and keeps the rest for whoever asks for what follows.
    chat::MessagePage cut(const chat::HistoryQuery& query, chat::MessagePage page);
    // The page that the query asks for, if it was kept and more of what was kept follows it: the end is read anew, since something may have been said.
    std::optional<chat::MessagePage> take(const chat::HistoryQuery& query);

private:
    static constexpr std::size_t kMuch = 100;
    static constexpr std::size_t kFirst = 1'000;
    static constexpr std::size_t kFurther = 10'000;

    struct Kept {
        chat::MessagePage page;  // empty: taken
        SteadyClock::time_point read_at;
    };
    static std::string key(const chat::HistoryQuery& query, const std::string& after);

    std::mutex mutex_;
    LruCache<std::string, Kept> kept_{kMaxKept};  // guarded by mutex_
};

}  // namespace parley::storage::mongodb

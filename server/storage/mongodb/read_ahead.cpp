#include "storage/mongodb/read_ahead.hpp"

#include <iterator>
#include <utility>

#include "storage/mongodb/history.hpp"

namespace parley::storage::mongodb {

// Of both people: nobody gets what was read for another pair.
std::string ReadAhead::key(const chat::HistoryQuery& query, const std::string& after) {
    return query.reader.to_hex() + query.peer.to_hex() + after;
}

chat::MessagePage ReadAhead::cut(const chat::HistoryQuery& query, chat::MessagePage page) {
    if (page.messages.size() <= query.limit) return page;
    const auto end = page.messages.begin() + static_cast<std::ptrdiff_t>(query.limit);
    Kept rest{.page = {.messages = {std::make_move_iterator(end), std::make_move_iterator(page.messages.end())}, .more = page.more},
              .read_at = SteadyClock::now()};
    page.messages.erase(end, page.messages.end());
    page.more = true;
    const std::string next = key(query, make_cursor(Place::of(page.messages.back())));
    const std::scoped_lock lock(mutex_);
    if (Kept* const kept = kept_.find(next)) {
        *kept = std::move(rest);
    } else {
        kept_.put(next, std::move(rest));
    }
    return page;
}

std::optional<chat::MessagePage> ReadAhead::take(const chat::HistoryQuery& query) {
    if (query.after.empty()) return std::nullopt;
    chat::MessagePage page;
    {
        const std::scoped_lock lock(mutex_);
        Kept* const kept = kept_.find(key(query, query.after));
        if (!kept || SteadyClock::now() - kept->read_at > kKeptFor) return std::nullopt;
        const bool is_end = !kept->page.more && kept->page.messages.size() <= query.limit;
        if (is_end) return std::nullopt;
        page = std::exchange(kept->page, {});
    }
    if (page.messages.empty()) return std::nullopt;
    return cut(query, std::move(page));
}

}  // namespace parley::storage::mongodb

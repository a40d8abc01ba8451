#include "storage/mongodb/announcements.hpp"

namespace parley::storage::mongodb {

void Announcements::begin(chat::MessageId id) {
    const std::scoped_lock lock(mutex_);
    underway_.try_emplace(id);
}

void Announcements::stored(const chat::Committed& event) {
    {
        const std::scoped_lock lock(mutex_);
        underway_.erase(event.message.id);
        announced(event.message.id) = true;
    }
    announce(event);
}

void Announcements::found(const chat::Message& message, bool stream_is_live) {
    {
        const std::scoped_lock lock(mutex_);
        const auto at = underway_.find(message.id);
        const bool heard = at != underway_.end() && at->second.heard;
        if (at != underway_.end()) underway_.erase(at);
        bool* const told = announced_.find(message.id);
        const bool given_up = told && !*told;
        const bool owed = heard ? !told || given_up : given_up && !stream_is_live;
        if (!owed) return;
        announced(message.id) = true;
    }
    announce({message, "", ""});
}

void Announcements::seen(const chat::Message& message, bool stream_is_live) {
    {
        const std::scoped_lock lock(mutex_);
        if (underway_.contains(message.id) || stream_is_live) return;
        bool* const told = announced_.find(message.id);
        if (!told || *told) return;
        *told = true;
    }
    announce({message, "", ""});
}

std::optional<chat::Message> Announcements::give_up(chat::MessageId id) {
    const std::scoped_lock lock(mutex_);
    const auto at = underway_.find(id);
    if (at != underway_.end() && at->second.heard) return at->second.heard;
    if (at != underway_.end()) underway_.erase(at);
    announced(id);
    return std::nullopt;
}

bool Announcements::heard(const chat::Message& message) {
    {
        const std::scoped_lock lock(mutex_);
        if (const auto at = underway_.find(message.id); at != underway_.end()) {
            at->second.heard = message;
            return false;
        }
        bool* const told = announced_.find(message.id);
        if (told ? *told : message.id.made_here()) return false;
        if (told) *told = true;
    }
    announce({message, "", ""});
    return true;
}

void Announcements::marked_read(const chat::MarkedRead& event) {
    const std::scoped_lock lock(calling_);
    listener_.marked_read(event);
}

bool Announcements::is_underway(chat::MessageId id) {
    const std::scoped_lock lock(mutex_);
    return underway_.contains(id);
}

void Announcements::announce(const chat::Committed& event) {
    const std::scoped_lock lock(calling_);
    listener_.committed(event);
}

// mutex_ is held.
bool& Announcements::announced(chat::MessageId id) {
    bool* const known = announced_.find(id);
    return known ? *known : *announced_.put(id, false);
}

}  // namespace parley::storage::mongodb

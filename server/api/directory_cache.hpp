// DirectoryCache: the list of all users as JSON, rendered once per version of the directory and sent to each caller without himself. One copy, which
// all answers share, replaced when the directory changes.
// Threading: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "chat/values.hpp"
#include "dialect/dialect.hpp"
#include "parley/net/http.hpp"

namespace parley::api {

// A JSON array of users, and where each one stands. At most 4 GiB.
class RenderedUsers {
public:
    void add(const dialect::Dialect& dialect, const chat::User& user);
    // No more users: to be called before any of the following. An array that goes on elsewhere is left open.
    enum class End : std::uint8_t { Close, LeaveOpen };
    void finish(End end = End::Close);

    std::size_t size_bytes() const { return text_.size(); }

    // The array without `caller`; nothing is copied but by text_without.
    net::Body body_without(chat::UserId caller) const;
    std::string text_without(chat::UserId caller) const;

private:
    struct Entry {
        chat::UserId id;
        std::uint32_t begin;
        std::uint32_t end;
    };
    // What stands before and behind the caller's entry and one of the commas beside it.
    std::pair<std::string_view, std::string_view> around(chat::UserId caller) const;

    std::string text_ = "[";
    SharedBytes finished_;  // what text_ has become
    std::vector<Entry> entries_;
};

class DirectoryCache {
public:
    // nullptr: not rendered for that version.
    std::shared_ptr<const RenderedUsers> find(const std::string& version) const;
    void put(std::string version, std::shared_ptr<const RenderedUsers> users);

private:
    mutable std::mutex mutex_;
    std::string version_;                         // guarded by mutex_
    std::shared_ptr<const RenderedUsers> users_;  // guarded by mutex_
};

}  // namespace parley::api

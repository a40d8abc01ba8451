// DirectoryCache: the list of all users as JSON, rendered once per version of the directory and sent to each caller without himself. One copy, replaced
// when the directory changes.
// Threading: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chat/values.hpp"
#include "dialect/dialect.hpp"

namespace parley::api {

// Users' JSON objects joined by commas, and where each one stands. At most 4 GiB.
class RenderedUsers {
public:
    void add(const dialect::Dialect& dialect, const chat::User& user);
    // No more users: to be called before array_without().
    void finish();

    std::size_t size_bytes() const { return text_.size(); }

    // "[…]" of all but `caller`.
    std::string array_without(chat::UserId caller) const;

private:
    struct Entry {
        chat::UserId id;
        std::uint32_t begin;
        std::uint32_t end;
    };
    std::string text_;
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

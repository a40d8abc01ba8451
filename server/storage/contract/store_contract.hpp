// What the contract suites of the stores have in common. A storage is held to the ports of chat/ by naming a Backend and instantiating them:
//
//     struct MyBackend {
//         static constexpr bool kDurable = true;      // what was acknowledged is there again after close() and open()
//         void open(const Wiring& wiring);            // the same data at each call on one object, and none at the first
//         void close();                               // called at most once per open()
//         chat::UserStore& users();                   // the stores may be used while it is open
//         chat::MessageStore& messages();
//         chat::SessionStore& sessions();
//         chat::ConversationStore& conversations();   // for ConversationStoreContract
//     };                                              // its destructor closes it if it is open, and removes the data
//     INSTANTIATE_TYPED_TEST_SUITE_P(Mine, UserStoreContract, MyBackend);
//     INSTANTIATE_TYPED_TEST_SUITE_P(Mine, MessageStoreContract, MyBackend);
//     INSTANTIATE_TYPED_TEST_SUITE_P(Mine, SessionStoreContract, MyBackend);
//     INSTANTIATE_TYPED_TEST_SUITE_P(Mine, ConversationStoreContract, MyBackend);
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "chat/message_store.hpp"
#include "chat/session_store.hpp"
#include "chat/user_store.hpp"
#include "chat/username.hpp"
#include "chat/values.hpp"
#include "storage/contract/run.hpp"

namespace parley::storage::contract {

// What a backend is opened with.
struct Wiring {
    chat::CommitListener& listener;
    chat::Clock clock;  // for every time that is stored
};

// A clock that stands still until it is moved, in either direction. It starts at the present second: a database may forget what has expired by a
// clock of its own.
class HandClock {
public:
    chat::Timestamp now() const { return chat::Timestamp(std::chrono::milliseconds(milliseconds_.load())); }
    void move(std::chrono::milliseconds by) { milliseconds_ += by.count(); }

private:
    std::atomic<std::int64_t> milliseconds_{std::chrono::floor<std::chrono::seconds>(chat::system_now()).time_since_epoch() /
                                            std::chrono::milliseconds(1)};
};

class RecordingListener : public chat::CommitListener {
public:
    void committed(const chat::Committed& event) override {
        const std::scoped_lock lock(mutex_);
        events_.push_back(event);
    }
    void marked_read(const chat::MarkedRead& event) override {
        const std::scoped_lock lock(mutex_);
        marks_.push_back(event);
    }
    std::vector<chat::Committed> events() const {
        const std::scoped_lock lock(mutex_);
        return events_;
    }
    std::vector<chat::MarkedRead> marks() const {
        const std::scoped_lock lock(mutex_);
        return marks_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<chat::Committed> events_;  // guarded by mutex_
    std::vector<chat::MarkedRead> marks_;  // guarded by mutex_
};

template <class Backend>
class StoreContract : public testing::Test {
protected:
    StoreContract() { backend_.open(wiring()); }

    chat::UserStore& users() { return backend_.users(); }
    chat::MessageStore& messages() { return backend_.messages(); }
    chat::SessionStore& sessions() { return backend_.sessions(); }

    void reopen() {
        backend_.close();
        backend_.open(wiring());
    }

    static chat::NewUser named(const std::string& username) {
        return {.id = chat::UserId::generate(),
                .full_name = "Full " + username,
                .username = username,
                .username_key = chat::username_key(username),
                .password_hash = "$2b$10$hash of " + username,
                .gender = chat::Gender::Female,
                .profile_picture = "/api/avatars/" + username + ".svg"};
    }

    // A user that exists.
    chat::UserId sign_up(const std::string& username) {
        const auto user = runner_.run(users().create(named(username)));
        EXPECT_TRUE(user.has_value()) << username;
        return user ? user->id : chat::UserId{};
    }

    Runner runner_;
    HandClock clock_;
    RecordingListener listener_;
    Backend backend_;

private:
    Wiring wiring() {
        return {listener_, [this] { return clock_.now(); }};
    }
};

// The code of a refused call; a call that succeeded fails the test.
template <class T>
ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? ErrorCode::Internal : result.error().code;
}

}  // namespace parley::storage::contract

// Ends a test that only makes sense on a storage that keeps its data.
#define PARLEY_DURABLE_ONLY(Backend) \
    if constexpr (!Backend::kDurable) GTEST_SKIP() << "this storage keeps nothing when it is closed"

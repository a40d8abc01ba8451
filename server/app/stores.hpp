// Stores: the storage that the configuration asks for, behind the chat's ports, and the way of its commits, and of others' changes, to whoever
// announces them.
// Threading: as the stores; announce_to and tell_changes_to before the first append.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "app/options.hpp"
#include "chat/change_listener.hpp"
#include "chat/conversation_store.hpp"
#include "chat/message_store.hpp"
#include "chat/session_store.hpp"
#include "chat/user_store.hpp"
#include "parley/base/result.hpp"

namespace parley::app {

class Stores {
public:
    // Errors: those of the storage, as sentences.
    static Result<std::unique_ptr<Stores>> open(const Options& options);
    virtual ~Stores() = default;

    virtual chat::UserStore& users() = 0;
    virtual chat::MessageStore& messages() = 0;
    virtual chat::SessionStore& sessions() = 0;
    virtual chat::ConversationStore& conversations() = 0;
    // Any thread: whether what is asked of them now can be done.
    virtual bool ready() const = 0;
    // The server stops soon: waiting for better times is no use any more.
    virtual void expect_stop() {}
    // Finishes what waits and closes. Nothing may be asked afterwards.
    virtual void stop() = 0;

    // Whoever announces commits stands on the stores, so it can be named only after them.
    void announce_to(chat::CommitListener& listener) { announcer_.target = &listener; }
    void tell_changes_to(chat::ChangeListener& listener) { changes_.target = &listener; }

protected:
    struct Announcer : chat::CommitListener {
        void committed(const chat::Committed& event) override {
            if (auto* const listener = target.load()) listener->committed(event);
        }
        void marked_read(const chat::MarkedRead& event) override {
            if (auto* const listener = target.load()) listener->marked_read(event);
        }
        std::atomic<chat::CommitListener*> target = nullptr;
    };
    struct Changes : chat::ChangeListener {
        void user_changed(chat::UserId user) override {
            if (auto* const listener = target.load()) listener->user_changed(user);
        }
        void user_removed(chat::UserId user) override {
            if (auto* const listener = target.load()) listener->user_removed(user);
        }
        void session_revoked(const std::string& session) override {
            if (auto* const listener = target.load()) listener->session_revoked(session);
        }
        std::atomic<chat::ChangeListener*> target = nullptr;
    };
    Announcer announcer_;
    Changes changes_;
};

}  // namespace parley::app

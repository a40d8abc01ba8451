// Stores: the storage that the configuration asks for, behind the chat's ports, and the way of its commits to whoever announces them.
// Threading: as the stores; announce_to before the first append.
#pragma once

#include <memory>

#include "app/options.hpp"
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
    // Any thread: whether what is asked of them now can be done.
    virtual bool ready() const = 0;
    // Finishes what waits and closes. Nothing may be asked afterwards.
    virtual void stop() = 0;

    // Whoever announces commits stands on the stores, so it can be named only after them.
    void announce_to(chat::CommitListener& listener) { announcer_.target = &listener; }

protected:
    struct Announcer : chat::CommitListener {
        void committed(const chat::Committed& event) override {
            if (target) target->committed(event);
        }
        chat::CommitListener* target = nullptr;
    };
    Announcer announcer_;
};

}  // namespace parley::app

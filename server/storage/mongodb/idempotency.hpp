// Idempotency: the keys that senders gave their messages, in `parley_idempotency`. A key is claimed, together with the _id that its message will
// have, before the message is stored: whoever comes with the same key, after a crash too, stores the same _id again or finds it stored.
#pragma once

#include <optional>

#include "chat/message_store.hpp"
#include "storage/mongodb/client.hpp"

namespace parley::storage::mongodb {

class Idempotency {
public:
    static constexpr std::chrono::hours kKeptFor{25};  // a little over the promised 24
    static constexpr const char* kCollection = "parley_idempotency";

    explicit Idempotency(chat::Clock clock) : clock_(std::move(clock)) {}

    // The _id of the message that the draft's key stands for, if the key is known. Conflict: it was used for something else.
    Result<std::optional<chat::MessageId>> find(Client& client, const chat::Draft& draft) const;
    // As find(), but claims an unknown key first.
    Result<chat::MessageId> claim(Client& client, const chat::Draft& draft) const;

private:
    const chat::Clock clock_;
};

}  // namespace parley::storage::mongodb

// The memory stores, held to the contract of the ports.
#include <optional>

#include "storage/contract/conversation_store_contract.hpp"
#include "storage/contract/message_store_contract.hpp"
#include "storage/contract/session_store_contract.hpp"
#include "storage/contract/user_store_contract.hpp"
#include "storage/memory/conversation_store.hpp"
#include "storage/memory/message_store.hpp"
#include "storage/memory/session_store.hpp"
#include "storage/memory/user_store.hpp"

namespace parley::storage::contract {
namespace {

class MemoryBackend {
public:
    static constexpr bool kDurable = false;

    void open(const Wiring& wiring) { stores_.emplace(wiring); }
    void close() { stores_.reset(); }

    chat::UserStore& users() { return stores_->users; }
    chat::MessageStore& messages() { return stores_->messages; }
    chat::SessionStore& sessions() { return stores_->sessions; }
    chat::ConversationStore& conversations() { return stores_->conversations; }

private:
    struct Stores {
        explicit Stores(const Wiring& wiring)
            : users(wiring.clock), messages(users, wiring.listener, wiring.clock), conversations(users, messages, wiring.listener) {}
        MemoryUserStore users;
        MemoryMessageStore messages;
        MemorySessionStore sessions;
        MemoryConversationStore conversations;
    };
    std::optional<Stores> stores_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, UserStoreContract, MemoryBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, MessageStoreContract, MemoryBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, SessionStoreContract, MemoryBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, ConversationStoreContract, MemoryBackend);

}  // namespace
}  // namespace parley::storage::contract

#include "storage/contract/conversation_store_contract.hpp"
#include "storage/contract/message_store_contract.hpp"
#include "storage/contract/session_store_contract.hpp"
#include "storage/contract/user_store_contract.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"

namespace parley::storage::contract {
namespace {

struct SqliteBackend {
    static constexpr bool kDurable = true;

    void open(const Wiring& wiring) {
        auto opened = sqlite::Database::open({.data_dir = folder.path() / "data", .clock = wiring.clock}, wiring.listener);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database = std::move(*opened);
    }
    void close() { database.reset(); }
    chat::UserStore& users() { return database->users(); }
    chat::MessageStore& messages() { return database->messages(); }
    chat::SessionStore& sessions() { return database->sessions(); }
    chat::ConversationStore& conversations() { return database->conversations(); }

    sqlite::TemporaryFolder folder;
    std::unique_ptr<sqlite::Database> database;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, UserStoreContract, SqliteBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, MessageStoreContract, SqliteBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, SessionStoreContract, SqliteBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ConversationStoreContract, SqliteBackend);

}  // namespace
}  // namespace parley::storage::contract

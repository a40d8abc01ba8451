// The storage contract on every server of MongoDB's protocol that is here.
#include "storage/contract/conversation_store_contract.hpp"
#include "storage/contract/message_store_contract.hpp"
#include "storage/contract/session_store_contract.hpp"
#include "storage/contract/user_store_contract.hpp"
#include "storage/mongodb/database.hpp"
#include "storage/mongodb/tests/test_server.hpp"

namespace parley::storage::contract {
namespace {

struct NoChanges : chat::ChangeListener {
    void user_changed(chat::UserId) override {}
    void user_removed(chat::UserId) override {}
    void session_revoked(const std::string&) override {}
};

template <mongodb::TestServer::Kind kind>
struct MongoBackend {
    static constexpr bool kDurable = true;

    void open(const Wiring& wiring) {
        if (uri.empty()) uri = mongodb::TestServer::fresh_uri(kind);
        database = mongodb::Database::open({.uri = uri, .clock = wiring.clock}, wiring.listener, changes).value();
    }
    void close() { database.reset(); }
    chat::UserStore& users() { return database->users(); }
    chat::MessageStore& messages() { return database->messages(); }
    chat::SessionStore& sessions() { return database->sessions(); }
    chat::ConversationStore& conversations() { return database->conversations(); }

    std::string uri;
    NoChanges changes;
    std::unique_ptr<mongodb::Database> database;
};

using Secantus = MongoBackend<mongodb::TestServer::Kind::Secantus>;
using FerretDb = MongoBackend<mongodb::TestServer::Kind::FerretDb>;
using Given = MongoBackend<mongodb::TestServer::Kind::Given>;
using Servers = testing::Types<Secantus, FerretDb, Given>;

struct Names {
    template <class Backend>
    static std::string GetName(int) {
        if constexpr (std::is_same_v<Backend, Secantus>) return "Secantus";
        if constexpr (std::is_same_v<Backend, FerretDb>) return "FerretDb";
        return "Given";
    }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, UserStoreContract, Servers, Names);
INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, MessageStoreContract, Servers, Names);
INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, SessionStoreContract, Servers, Names);
INSTANTIATE_TYPED_TEST_SUITE_P(Mongo, ConversationStoreContract, Servers, Names);

// The suites sign people up before a test could say that it is to be skipped, so what cannot run is said here, once for each server.
class Server : public testing::TestWithParam<mongodb::TestServer::Kind> {};

TEST_P(Server, IsHere) {
    mongodb::TestServer::require(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Mongo, Server,
                         testing::Values(mongodb::TestServer::Kind::Secantus, mongodb::TestServer::Kind::FerretDb,
                                         mongodb::TestServer::Kind::Given));

}  // namespace
}  // namespace parley::storage::contract

int main(int argc, char** argv) {
    using parley::storage::mongodb::TestServer;
    testing::InitGoogleTest(&argc, argv);
    std::string filter = GTEST_FLAG_GET(filter);
    const std::pair<TestServer::Kind, const char*> servers[] = {
        {TestServer::Kind::Secantus, "*/Secantus.*"}, {TestServer::Kind::FerretDb, "*/FerretDb.*"}, {TestServer::Kind::Given, "*/Given.*"}};
    for (const auto& [kind, suites] : servers) {
        if (!TestServer::available(kind)) filter += (filter.contains('-') ? ":" : "-") + std::string(suites);
    }
    GTEST_FLAG_SET(filter, filter);
    return RUN_ALL_TESTS();
}

#include "storage/mongodb/tests/test_server.hpp"

#include <gtest/gtest.h>
#include <mongoc/mongoc.h>
#include <signal.h>

#include <memory>
#include <string>

namespace parley::storage::mongodb {
namespace {

using Kind = TestServer::Kind;

class Collection {
public:
    explicit Collection(const std::string& uri)
        : client_(mongoc_client_new((uri + "?serverSelectionTimeoutMS=1000&connectTimeoutMS=1000&socketTimeoutMS=1000").c_str())),
          database_(mongoc_client_get_default_database(client_)),
          collection_(mongoc_database_get_collection(database_, "things")) {}
    ~Collection() {
        mongoc_collection_destroy(collection_);
        mongoc_database_destroy(database_);
        mongoc_client_destroy(client_);
    }

    bool insert() {
        bson_t document = BSON_INITIALIZER;
        BSON_APPEND_INT32(&document, "a", 1);
        return mongoc_collection_insert_one(collection_, &document, nullptr, nullptr, nullptr);
    }
    std::int64_t count() {
        bson_t all = BSON_INITIALIZER;
        return mongoc_collection_count_documents(collection_, &all, nullptr, nullptr, nullptr, nullptr);
    }

private:
    mongoc_client_t* client_;
    mongoc_database_t* database_;
    mongoc_collection_t* collection_;
};

class TestServers : public ::testing::TestWithParam<Kind> {
protected:
    void SetUp() override { TestServer::require(GetParam()); }
};

TEST_P(TestServers, EveryTestGetsAnEmptyDatabaseOfTheSharedServer) {
    Collection first(TestServer::fresh_uri(GetParam()));
    Collection second(TestServer::fresh_uri(GetParam()));
    ASSERT_TRUE(first.insert());
    EXPECT_EQ(first.count(), 1);
    EXPECT_EQ(second.count(), 0);
}

TEST_P(TestServers, RestartedOneHasItsPortAndItsDocuments) {
    TestServer server(GetParam());
    const auto port = server.port();
    const auto pid = server.pid();
    ASSERT_TRUE(Collection(server.uri("kept")).insert());
    server.restart();
    EXPECT_EQ(server.port(), port);
    EXPECT_NE(server.pid(), pid);
    EXPECT_EQ(Collection(server.uri("kept")).count(), 1);
}

TEST_P(TestServers, KilledOneAnswersAgainAfterItsStart) {
    TestServer server(GetParam());
    server.kill();
    EXPECT_FALSE(Collection(server.uri("x")).insert());
    server.start();
    EXPECT_TRUE(Collection(server.uri("x")).insert());
}

TEST_P(TestServers, FrozenOneAnswersWhenThawed) {
    TestServer server(GetParam());
    server.freeze();
    EXPECT_FALSE(Collection(server.uri("x")).insert());
    server.thaw();
    EXPECT_TRUE(Collection(server.uri("x")).insert());
}

TEST_P(TestServers, ServerDoesNotOutliveItsObject) {
    auto server = std::make_unique<TestServer>(GetParam());
    const auto pid = server->pid();
    ASSERT_EQ(::kill(pid, 0), 0);
    server.reset();
    EXPECT_NE(::kill(pid, 0), 0);
}

TEST(GivenServer, IsUsedWithDatabasesOfOurOwn) {
    if (!TestServer::require(Kind::Given)) return;
    const std::string uri = TestServer::fresh_uri(Kind::Given);
    EXPECT_NE(uri.find("/parley_test_"), std::string::npos);
    mongoc_client_t* client = mongoc_client_new(uri.c_str());
    ASSERT_NE(client, nullptr);
    mongoc_client_destroy(client);
}

INSTANTIATE_TEST_SUITE_P(Kinds, TestServers, ::testing::Values(Kind::Secantus, Kind::FerretDb),
                         [](const auto& kind) { return kind.param == Kind::Secantus ? "Secantus" : "FerretDb"; });

}  // namespace
}  // namespace parley::storage::mongodb

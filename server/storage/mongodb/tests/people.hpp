// Site: the users and sessions of one server process on a MongoDB database, as tests need them; several of them share a database as processes do.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chat/change_listener.hpp"
#include "storage/contract/store_contract.hpp"
#include "storage/mongodb/documents.hpp"
#include "storage/mongodb/session_store.hpp"
#include "storage/mongodb/tests/test_server.hpp"
#include "storage/mongodb/user_store.hpp"

namespace parley::storage::mongodb {

class RecordingChanges : public chat::ChangeListener {
public:
    void user_changed(chat::UserId) override {}
    void user_removed(chat::UserId) override {}
    void session_revoked(const std::string& session) override {
        const std::scoped_lock lock(mutex_);
        sessions_.push_back(session);
    }
    std::vector<std::string> sessions() const {
        const std::scoped_lock lock(mutex_);
        return sessions_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> sessions_;  // guarded by mutex_
};

struct Site {
    Site(const std::string& uri, chat::Clock clock)
        : link(*Link::make({.uri = uri})),
          workers(*link, 4, 10'000, std::chrono::seconds(30)),
          usernames(clock),
          users(workers, usernames, clock),
          sessions(workers, changes, clock) {
        const auto started =
            link->start({.prepare = [this](Client& client) { return prepare(client); }, .recovered = nullptr}, std::chrono::seconds(60));
        EXPECT_TRUE(started.has_value());
        EXPECT_TRUE(link->up());
    }

    Result<bool> prepare(Client& client) {
        for (const auto& all : {UserStore::indexes(), Usernames::indexes(), SessionStore::indexes()}) {
            for (const auto& [collection, index] : all) {
                TRY([[maybe_unused]] const bool made, client.create_index(collection, index));
            }
        }
        return sessions.load(client);
    }

    std::unique_ptr<Link> link;
    RecordingChanges changes;
    Workers workers;
    Usernames usernames;
    UserStore users;
    SessionStore sessions;
};

// Tests on every server there is, with a database of their own.
class OnEachServer : public testing::TestWithParam<TestServer::Kind> {
protected:
    void SetUp() override {
        if (!TestServer::require(GetParam())) return;
        uri_ = TestServer::fresh_uri(GetParam());
        site_ = open();
    }
    std::unique_ptr<Site> open() {
        return std::make_unique<Site>(uri_, [this] { return clock_.now(); });
    }

    // On a thread of the site, as its stores talk to the database.
    template <class T>
    Result<T> with_client(std::move_only_function<Result<T>(Client&)> work) {
        return runner_.run(site_->workers.run<T>(std::move(work)));
    }
    void insert(const char* collection, const Bson& document) {
        EXPECT_TRUE(with_client<bool>([&](Client& client) { return client.insert(collection, document); }).has_value());
    }
    std::optional<Bson> find_one(const char* collection, const Bson& filter) {
        return with_client<std::optional<Bson>>([&](Client& client) { return client.find_one(collection, filter); }).value();
    }

    contract::HandClock clock_;
    std::string uri_;
    contract::Runner runner_;
    std::unique_ptr<Site> site_;
};

inline std::string name_of(const testing::TestParamInfo<TestServer::Kind>& info) {
    switch (info.param) {
        case TestServer::Kind::Secantus: return "SecantusDB";
        case TestServer::Kind::FerretDb: return "FerretDB";
        default: return "Given";
    }
}

inline std::vector<TestServer::Kind> servers() {
    std::vector<TestServer::Kind> kinds{TestServer::Kind::Secantus, TestServer::Kind::FerretDb};
    if (std::getenv("PARLEY_TEST_MONGO_URI")) kinds.push_back(TestServer::Kind::Given);
    return kinds;
}

#define PARLEY_ON_EACH_SERVER(Suite) INSTANTIATE_TEST_SUITE_P(, Suite, testing::ValuesIn(servers()), name_of)

}  // namespace parley::storage::mongodb

#include "storage/mongodb/housekeeper.hpp"

#include <atomic>

#include "storage/mongodb/tests/people.hpp"

namespace parley::storage::mongodb {
namespace {

using std::chrono::milliseconds;

// Waits until it is so, for a minute at most.
template <class Condition>
bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
}

class MongoHousekeeper : public OnEachServer {
protected:
    std::int64_t count(const char* collection) {
        return with_client<std::int64_t>([&](Client& client) { return client.estimated_count(collection); }).value();
    }
};
PARLEY_ON_EACH_SERVER(MongoHousekeeper);

TEST_P(MongoHousekeeper, ASweepRemovesWhatIsPastWhateverItsIdAndNothingElse) {
    const auto now = clock_.now();
    std::vector<Bson> documents;
    for (int i = 0; i < 1100; ++i) documents.push_back(Bson().add("_id", i).add("until", now - milliseconds(1 + i)));
    documents.push_back(Bson().add("_id", "text").add("until", now - milliseconds(1)));
    documents.push_back(Bson().add("_id", chat::UserId::generate()).add("until", now - milliseconds(1)));
    documents.push_back(Bson().add("_id", "now").add("until", now));
    documents.push_back(Bson().add("_id", "later").add("until", now + milliseconds(1)));
    documents.push_back(Bson().add("_id", "never"));
    documents.push_back(Bson().add("_id", "no time").add("until", "yesterday"));
    std::vector<const Bson*> all;
    for (const auto& document : documents) all.push_back(&document);
    auto insert_all = [&](Client& client) { return client.insert_all("things", all); };
    ASSERT_TRUE(with_client<std::vector<std::size_t>>(insert_all).has_value());

    Housekeeper housekeeper(site_->workers, *site_->link, [this] { return clock_.now(); });
    housekeeper.start();
    housekeeper.sweep("things", "until");
    EXPECT_TRUE(eventually([&] { return count("things") <= 4; }));
    housekeeper.stop();
    for (const char* kept : {"now", "later", "never", "no time"}) {
        EXPECT_TRUE(find_one("things", Bson().add("_id", kept)).has_value()) << kept;
    }
}

TEST_P(MongoHousekeeper, AJobRunsAgainAndAgainButNeverTwiceAtOnce) {
    std::atomic<int> runs = 0;
    std::atomic<int> at_once = 0;
    std::atomic<int> most_at_once = 0;
    std::atomic<int> others = 0;
    Housekeeper housekeeper(site_->workers, *site_->link);
    housekeeper.every(milliseconds(1), [&](Client&) {
        most_at_once = std::max(most_at_once.load(), ++at_once);
        std::this_thread::sleep_for(milliseconds(20));
        --at_once;
        ++runs;
    });
    housekeeper.every(milliseconds(1), [&](Client&) { ++others; });
    housekeeper.start();
    EXPECT_TRUE(eventually([&] { return runs >= 5; }));
    housekeeper.stop();
    site_->workers.stop();
    EXPECT_EQ(most_at_once, 1);
    EXPECT_GT(others, runs) << "a slow job does not hold up the others";
}

TEST_P(MongoHousekeeper, NothingIsDueBeforeTheDatabaseIsThere) {
    const auto link = *Link::make({.uri = uri_});
    Workers workers(*link, 1, 10, std::chrono::seconds(30));
    std::atomic<int> runs = 0;
    Housekeeper housekeeper(workers, *link);
    housekeeper.every(milliseconds(1), [&](Client&) { ++runs; });
    housekeeper.start();
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(runs, 0);
    ASSERT_TRUE(link->start({.prepare = [](Client&) -> Result<bool> { return true; }, .recovered = nullptr}, std::chrono::seconds(30)));
    EXPECT_TRUE(eventually([&] { return runs > 0; }));
    housekeeper.stop();
    workers.stop();
}

}  // namespace
}  // namespace parley::storage::mongodb

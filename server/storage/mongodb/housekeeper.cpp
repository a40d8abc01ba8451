#include "storage/mongodb/housekeeper.hpp"

#include <pthread.h>

#include <algorithm>

namespace parley::storage::mongodb {
namespace {

constexpr std::chrono::milliseconds kLongestSleep{1'000};

// Their _ids, which may be of any type, as an array.
Result<Bson> find_expired(Client& client, const std::string& collection, const Bson& expired, int& count) {
    Bson ids;
    const auto take = [&](const bson_t& document) {
        bson_iter_t at;
        if (bson_iter_init_find(&at, &document, "_id")) {
            bson_append_value(ids.get(), std::to_string(count++).c_str(), -1, bson_iter_value(&at));
        }
        return true;
    };
    const Bson options = Bson()
                             .add("projection", Bson().add("_id", 1))
                             .add("limit", std::int64_t{Housekeeper::kSweepStep})
                             .add("batchSize", std::int64_t{Housekeeper::kSweepStep});
    TRY([[maybe_unused]] const bool read, client.find(collection.c_str(), expired, options, take));
    return ids;
}

// False: nothing is left.
Result<bool> sweep_step(Client& client, const std::string& collection, const std::string& field, chat::Timestamp now) {
    const Bson past = Bson().add("$lt", now);
    int count = 0;
    TRY(const Bson ids, find_expired(client, collection, Bson().add(field, past), count));
    if (count == 0) return false;
    Bson among;
    bson_append_array(among.get(), "$in", -1, ids.get());
    // The time again: it may have been put off meanwhile.
    TRY([[maybe_unused]] const auto removed, client.remove_all(collection.c_str(), Bson().add("_id", among).add(field, past)));
    return count == Housekeeper::kSweepStep;
}

void run_sweep(Client& client, const std::string& collection, const std::string& field, chat::Timestamp now) {
    for (int i = 0; i < Housekeeper::kSweepStepsPerRun; ++i) {
        if (!sweep_step(client, collection, field, now).value_or(false)) return;
    }
}

}  // namespace

Housekeeper::~Housekeeper() {
    stop();
}

void Housekeeper::start() {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "mongo-chores");
        work();
    });
}

void Housekeeper::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Housekeeper::every(std::chrono::milliseconds period, Job job) {
    {
        const std::scoped_lock lock(mutex_);
        entries_.push_back({.period = period, .job = std::move(job), .due = SteadyClock::now()});
    }
    wake_.notify_one();
}

void Housekeeper::sweep(std::string collection, std::string field) {
    {
        const std::scoped_lock lock(mutex_);
        const std::pair wanted(collection, field);
        if (std::ranges::find(sweeps_, wanted) != sweeps_.end()) return;
        sweeps_.push_back(wanted);
    }
    every(kSweepEvery, [clock = clock_, collection = std::move(collection), field = std::move(field)](Client& client) {
        run_sweep(client, collection, field, clock());
    });
}

void Housekeeper::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto now = SteadyClock::now();
        auto next = now + kLongestSleep;
        for (Entry& entry : entries_) {
            if (entry.due <= now) hand_over(entry);
            next = std::min(next, entry.due);
        }
        wake_.wait_until(lock, next);
    }
}

// A run that was not taken, or that the workers drop, lets go of `running` all the same.
void Housekeeper::hand_over(Entry& entry) {
    entry.due = SteadyClock::now() + entry.period;
    if (entry.in_hand() || !link_.usable()) return;
    workers_.post([job = entry.job, running = entry.running](Client& client) { job(client); });
}

}  // namespace parley::storage::mongodb

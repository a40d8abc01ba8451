#include "parley/socketio/deduplicate.hpp"

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace parley::socketio {
namespace {

constexpr std::size_t kMaxWaiting =
    16;  // for one id; the newest, since a client gives up the acknowledgement of a try when it makes the next

// About what a value holds on to.
struct Weight {
    std::size_t operator()(const std::string& text) const { return text.size(); }
    std::size_t operator()(const Bytes& bytes) const { return bytes.data.size(); }
    std::size_t operator()(const Array& array) const {
        std::size_t sum = 0;
        for (const Value& value : array) sum += of(value);
        return sum;
    }
    std::size_t operator()(const Object& object) const {
        std::size_t sum = 0;
        for (const auto& [name, value] : object) sum += sizeof name + name.size() + of(value);
        return sum;
    }
    std::size_t operator()(const auto&) const { return 0; }

    static std::size_t of(const Value& value) { return sizeof value + std::visit(Weight{}, value.storage()); }
    static std::size_t of(const Arguments& arguments) { return Weight{}(arguments.values()); }
};

// Two different pairs never give the same.
std::string key_of(std::string_view scope, std::string_view id) {
    return std::to_string(scope.size()).append(1, ':').append(scope).append(id);
}

}  // namespace

class Deduplicator::Memory {
public:
    Memory(DeduplicatorLimits limits, Clock now) : limits_(limits), now_(std::move(now)) {}

    bool accepts_id(std::string_view id) const { return !id.empty() && id.size() <= limits_.max_id_bytes; }

    // What is to be done for `key`. Of Ran the entry is made; of Waits the acknowledgement is kept; of Repeated `answer` is set.
    Outcome ask(const std::string& key, Ack ack, std::optional<Arguments>& answer);
    void answer(const std::string& key, const Arguments& arguments);
    void forget(const std::string& key);
    std::size_t size() const;

private:
    struct Entry {
        std::string key;
        std::vector<Ack> waiting;         // while it runs
        std::optional<Arguments> answer;  // since it has been answered
        std::chrono::steady_clock::time_point used;
        std::size_t weight = 0;
    };
    using Entries = std::list<Entry>;

    Outcome ask_again(Entries::iterator entry, Ack ack, std::optional<Arguments>& answer);
    void wait(Entry& entry, Ack ack);
    void forget_old();
    void forget_over(std::size_t max_entries);
    void forget_oldest();

    const DeduplicatorLimits limits_;
    const Clock now_;

    mutable std::mutex mutex_;  // guards all below
    std::unordered_map<std::string_view, Entries::iterator> by_key_;
    Entries running_;
    Entries answered_;  // the longest unused first
    std::size_t bytes_ = 0;
};

Deduplicator::Outcome Deduplicator::Memory::ask(const std::string& key, Ack ack, std::optional<Arguments>& answer) {
    const std::lock_guard lock(mutex_);
    forget_old();
    if (const auto known = by_key_.find(key); known != by_key_.end()) return ask_again(known->second, std::move(ack), answer);
    forget_over(limits_.max_entries - 1);
    if (by_key_.size() >= limits_.max_entries) return Outcome::Refused;
    Entry& entry = running_.emplace_front();
    entry.key = key;
    wait(entry, std::move(ack));
    by_key_.emplace(entry.key, running_.begin());
    return Outcome::Ran;
}

Deduplicator::Outcome Deduplicator::Memory::ask_again(Entries::iterator entry, Ack ack, std::optional<Arguments>& answer) {
    if (!entry->answer) {
        wait(*entry, std::move(ack));
        return Outcome::Waits;
    }
    entry->used = now_();
    answered_.splice(answered_.end(), answered_, entry);
    answer = entry->answer;
    return Outcome::Repeated;
}

void Deduplicator::Memory::wait(Entry& entry, Ack ack) {
    if (!ack) return;
    if (entry.waiting.size() == kMaxWaiting) entry.waiting.erase(entry.waiting.begin());
    entry.waiting.push_back(std::move(ack));
}

void Deduplicator::Memory::answer(const std::string& key, const Arguments& arguments) {
    std::vector<Ack> waiting;
    {
        const std::lock_guard lock(mutex_);
        const auto entry = by_key_.at(key);
        waiting = std::move(entry->waiting);
        entry->waiting = {};
        entry->answer = arguments;
        entry->used = now_();
        entry->weight = sizeof(Entry) + key.size() + Weight::of(arguments);
        bytes_ += entry->weight;
        answered_.splice(answered_.end(), running_, entry);
        if (entry->weight > limits_.max_bytes) answered_.splice(answered_.begin(), answered_, entry);
        forget_over(limits_.max_entries);
    }
    for (const Ack& ack : waiting) ack(arguments);  // may call anything, this too
}

void Deduplicator::Memory::forget(const std::string& key) {
    std::vector<Ack> waiting;  // destroyed outside of the lock
    const std::lock_guard lock(mutex_);
    const auto entry = by_key_.at(key);
    waiting = std::move(entry->waiting);
    by_key_.erase(key);
    running_.erase(entry);
}

std::size_t Deduplicator::Memory::size() const {
    const std::lock_guard lock(mutex_);
    return by_key_.size();
}

void Deduplicator::Memory::forget_old() {
    const auto now = now_();
    while (!answered_.empty() && now - answered_.front().used > limits_.max_age) forget_oldest();
}

void Deduplicator::Memory::forget_over(std::size_t max_entries) {
    while (!answered_.empty() && (by_key_.size() > max_entries || bytes_ > limits_.max_bytes)) forget_oldest();
}

void Deduplicator::Memory::forget_oldest() {
    bytes_ -= answered_.front().weight;
    by_key_.erase(answered_.front().key);
    answered_.pop_front();
}

// One run of a handler: its answer, or that there will be none.
class Deduplicator::Run {
public:
    Run(std::shared_ptr<Memory> memory, std::string key) : memory_(std::move(memory)), key_(std::move(key)) {}
    Run(Run&&) = default;
    Run& operator=(Run&&) = delete;
    ~Run() {
        if (memory_) memory_->forget(key_);
    }
    void answer(const Arguments& arguments) { std::exchange(memory_, nullptr)->answer(key_, arguments); }

private:
    std::shared_ptr<Memory> memory_;  // nullptr: answered
    std::string key_;
};

Deduplicator::Deduplicator(DeduplicatorLimits limits, Clock now) : memory_(std::make_shared<Memory>(limits, std::move(now))) {}

Deduplicator::Outcome Deduplicator::run(std::string_view scope, std::string_view id, Ack ack, const std::function<void(Ack)>& handler) {
    if (!memory_->accepts_id(id)) return Outcome::Refused;
    const std::string key = key_of(scope, id);
    std::optional<Arguments> answer;
    const Outcome outcome = memory_->ask(key, ack, answer);
    if (outcome == Outcome::Ran) {
        handler(Ack([run = Run(memory_, key)](const Arguments& arguments) mutable { run.answer(arguments); }));
    } else if (answer && ack) {
        ack(*answer);
    }
    return outcome;
}

std::size_t Deduplicator::size() const {
    return memory_->size();
}

}  // namespace parley::socketio

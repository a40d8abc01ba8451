#include "storage/mongodb/watcher.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "parley/base/log.hpp"
#include "storage/mongodb/documents.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr const char* kRevocations = "parley_revocations";
constexpr const char* kMarked = "messageId";  // of a read mark
constexpr std::chrono::milliseconds kLinkPoll{100};
constexpr std::chrono::milliseconds kShortestPause{250};
constexpr std::chrono::milliseconds kLongestPause{5'000};
constexpr std::chrono::minutes kUnsupportedPause{10};
constexpr int kRefusals = 2;

Bson on(const char* collection, std::vector<std::string> operations) {
    return Bson().add("ns.coll", collection).add("operationType", Bson().add_array("$in", operations));
}

// What the handler wants to know of, and "invalidate", which ends the stream: without it the place behind that end would not be known.
Bson match_stage() {
    std::vector<Bson> kinds;
    kinds.push_back(on(kMessages, {"insert"}));
    kinds.push_back(on(kUsers, {"update", "replace", "delete"}));
    kinds.push_back(on(kRevocations, {"insert", "update", "replace"}));
    kinds.push_back(on(ReadMarks::kCollection, {"insert", "update", "replace"}));
    kinds.push_back(Bson().add("operationType", "invalidate"));
    return Bson().add("$match", Bson().add_array("$or", kinds));
}

// A message, the message that a mark names, and of other documents the _id: hashes of passwords do not travel.
Bson project_stage() {
    Bson fields = Bson().add("operationType", 1).add("ns", 1).add("documentKey", 1);
    for (const char* field : {"_id", "senderId", "receiverId", "message", "createdAt", "updatedAt", kMarked}) {
        fields.add(std::string("fullDocument.") + field, 1);
    }
    fields.add(std::string("updateDescription.updatedFields.") + kMarked, 1);
    return Bson().add("$project", fields);
}

std::vector<Bson> filters() {
    std::vector<Bson> stages;
    stages.push_back(match_stage());
    stages.push_back(project_stage());
    return stages;
}

}  // namespace

Watcher::~Watcher() {
    stop();
}

void Watcher::start() {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "mongo-watcher");
        watch();
    });
}

void Watcher::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Watcher::retry() {
    {
        const std::scoped_lock lock(mutex_);
        retry_ = true;
    }
    wake_.notify_all();
}

void Watcher::watch() {
    Client client(link_);
    ChangeStream stream(client, filters());
    while (!stopping_) {
        if (!link_.usable()) {
            sleep(kLinkPoll);
            continue;
        }
        const auto followed = follow(stream);
        live_ = false;
        if (!followed) recover(stream, followed.error());
    }
}

// Until it fails, or somebody wants it to stop.
ChangeStream::Outcome Watcher::follow(ChangeStream& stream) {
    const auto visit = [this](const bson_t& event) { tell(event); };
    const bool missed = was_live_ && !stream.has_place();
    auto outcome = stream.open(visit);
    if (outcome && *outcome) went_live();
    if (outcome && missed) handler_.changes_missed();
    while (outcome && *outcome && !stopping_) {
        outcome = stream.next(visit);
        if (outcome) forgive();
    }
    if (outcome && !*outcome) {
        log::warn("MongoDB at {} ended the stream of changes: the database {} was dropped", link_.hosts(), link_.database());
        handler_.changes_missed();
        back_off();
    }
    return outcome;
}

void Watcher::forgive() {
    pause_ = {};
    refusals_ = 0;
}

void Watcher::went_live() {
    if (!was_live_ || !told_.empty()) {
        log::info("MongoDB at {}: messages that other servers write are pushed to clients", link_.hosts());
    }
    was_live_ = true;
    told_.clear();
    live_ = true;
}

// What the server refuses twice for no known reason it will go on refusing: perhaps because of the place, if not, for good.
void Watcher::recover(ChangeStream& stream, const StreamFailure& failure) {
    log::debug("MongoDB at {}: the change stream broke: {}", link_.hosts(), failure.reason);
    const bool refused = failure.trouble == StreamTrouble::Refused && ++refusals_ >= kRefusals;
    const bool unsupported = failure.trouble == StreamTrouble::Unsupported;
    if (failure.trouble == StreamTrouble::Forbidden) return give_up(failure);
    if (failure.trouble == StreamTrouble::HistoryLost || ((refused || unsupported) && stream.has_place())) {
        start_over(stream, failure.reason);
    } else if (refused || unsupported) {
        return give_up(failure);
    }
    back_off();
}

void Watcher::start_over(ChangeStream& stream, const std::string& reason) {
    log::warn(
        "MongoDB at {} cannot say what has changed while it was not reached ({}): messages that other servers wrote in that time are "
        "seen when a client asks for them",
        link_.hosts(), reason);
    stream.forget();
    refusals_ = 0;
}

void Watcher::give_up(const StreamFailure& failure) {
    if (told_ != failure.reason && failure.trouble == StreamTrouble::Forbidden) {
        log::warn(
            "MongoDB at {} does not let this user watch changes (the role \"read\" on the database {} would): messages that other "
            "servers write are seen when a client asks, not pushed",
            link_.hosts(), link_.database());
    } else if (told_ != failure.reason) {
        log::info("MongoDB at {} has no change streams ({}): messages that other servers write are seen when a client asks, not pushed",
                  link_.hosts(), failure.reason);
    }
    told_ = failure.reason;
    forgive();
    sleep(kUnsupportedPause);
}

void Watcher::back_off() {
    pause_ = std::clamp(pause_ * 2, kShortestPause, kLongestPause);
    sleep(pause_);
}

void Watcher::sleep(std::chrono::milliseconds pause) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, pause, [this] { return stopping_ || retry_; });
    retry_ = false;
}

void Watcher::tell(const bson_t& event) {
    const BsonView view(event);
    const auto operation = view.text("operationType").value_or("");
    const auto place = view.document("ns");
    const auto key = view.document("documentKey");
    if (!place || !key) return;
    const auto collection = BsonView(*place).text("coll").value_or("");
    if (collection == kMessages) {
        const auto document = view.document("fullDocument");
        if (!document) return;
        if (auto message = read_message(*document->get())) handler_.message_stored(*std::move(message));
    } else if (collection == kUsers) {
        if (const auto id = BsonView(*key).id("_id")) tell_user(operation, chat::UserId(*id));
    } else if (collection == kRevocations) {
        if (auto session = BsonView(*key).text("_id")) handler_.session_revoked(*std::move(session));
    } else if (collection == ReadMarks::kCollection) {
        tell_mark(view, BsonView(*key).text("_id").value_or(""));
    }
}

// An update says what it has changed, and nothing else.
void Watcher::tell_mark(const BsonView& event, const std::string& key) {
    auto fields = event.document("fullDocument");
    if (const auto update = fields ? std::nullopt : event.document("updateDescription"))
        fields = BsonView(*update).document("updatedFields");
    const auto reading = ReadMarks::parse_key(key);
    const auto message = fields ? BsonView(*fields).id(kMarked) : std::nullopt;
    if (reading && message) handler_.marked_read(*reading, chat::MessageId(*message));
}

void Watcher::tell_user(const std::string& operation, chat::UserId user) {
    if (operation == "delete") {
        handler_.user_removed(user);
    } else {
        handler_.user_changed(user);
    }
}

}  // namespace parley::storage::mongodb

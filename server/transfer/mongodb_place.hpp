// A MongoDB database in use, as a source and as a target. Collections and documents are the original's; see storage/mongodb/documents.hpp.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/mongodb/client.hpp"
#include "storage/mongodb/link.hpp"
#include "transfer/documents.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

// The address with a time-out of a minute, unless it names one: a server that looks through a large collection before its first answer is no
// server that is gone.
std::string with_patience(const std::string& uri);

// The connection, and blocking commands with sentences for the operator.
class MongoPlace {
public:
    // InvalidArgument: the address. Unauthenticated: the credentials. Unavailable: the server does not answer.
    static Result<std::unique_ptr<MongoPlace>> open(const std::string& uri, std::chrono::milliseconds patience = std::chrono::seconds(10));

    std::string name() const { return "the MongoDB database " + link_->database() + " at " + link_->hosts(); }
    storage::mongodb::Client& client() { return *client_; }
    // Whether the collection has no document.
    Result<bool> empty(const char* collection);
    // "…; start again" for what a client said.
    Error explain(const Error& error) const;

private:
    MongoPlace() = default;
    std::unique_ptr<storage::mongodb::Link> link_;
    std::unique_ptr<storage::mongodb::Client> client_;
};

class MongoSource : public Source {
public:
    static Result<std::unique_ptr<MongoSource>> open(const std::string& uri);

    std::string name() const override { return place_->name(); }
    std::string fingerprint() const override { return {}; }  // others may write to it
    Order order() const override { return Order::ById; }
    Result<bool> read(Receiver& receiver, Report& report, Progress& progress) override;

private:
    explicit MongoSource(std::unique_ptr<MongoPlace> place) : place_(std::move(place)) {}
    Result<bool> read_collection(const CollectionOfOurs& collection, DocumentTaker& taker, Progress& progress);
    std::unique_ptr<MongoPlace> place_;
};

// Writes in batches. A document in `parley_state` says that a transfer is under way, and from which source: one that was interrupted can be
// started again, and adds what is missing. What a unique index refuses goes into the report, and is not counted as carried.
class MongoTarget : public Target {
public:
    static Result<std::unique_ptr<MongoTarget>> open(const std::string& uri);

    std::string name() const override { return place_->name(); }
    Result<bool> begin(const std::string& fingerprint, Report& report) override;
    Result<bool> take(const chat::User& user) override { return add(0, storage::mongodb::to_bson(user)); }
    Result<bool> take(const chat::Message& message) override { return add(1, storage::mongodb::to_bson(message)); }
    Result<bool> take(const Conversation& conversation) override { return add(2, storage::mongodb::to_bson(conversation)); }
    Result<bool> take(const Revocation& revocation) override { return add(3, to_bson(revocation)); }
    Result<bool> take(const ReadMark&) override { return true; }  // not carried there
    Result<bool> finish() override;

private:
    using Bson = storage::mongodb::Bson;
    explicit MongoTarget(std::unique_ptr<MongoPlace> place) : place_(std::move(place)) {}

    Result<bool> check_place(const std::string& fingerprint);
    Result<bool> set_state(const char* state, const std::string& fingerprint);
    Result<bool> add(std::size_t collection, Bson document);
    Result<bool> flush();
    Result<bool> store_batch(bool look_first);
    // Those whose _id is not in the database.
    Result<std::vector<const Bson*>> missing_of(const std::vector<const Bson*>& documents);
    void leave_out(std::size_t collection, std::string_view reason, const Bson& document);

    std::unique_ptr<MongoPlace> place_;
    Report* report_ = nullptr;
    std::string fingerprint_;
    bool resuming_ = false;
    std::size_t collection_ = 0;  // of the batch
    std::vector<Bson> batch_;
    std::size_t batch_bytes_ = 0;
};

}  // namespace parley::transfer

#include "storage/mongodb/session_store.hpp"

#include <algorithm>

namespace parley::storage::mongodb {
namespace {

constexpr int kAttempts = 20;

// An upsert that loses against another one for the same _id finds the document when it is tried again (the server does so by itself since 4.2).
Result<bool> store_revocation(Client& client, const std::string& session, chat::Timestamp expires_at) {
    const Bson filter = Bson().add("_id", session);
    const Bson change = Bson().add("$max", Bson().add("expiresAt", expires_at)).add("$currentDate", Bson().add("revokedAt", true));
    Result<bool> stored = client.upsert(SessionStore::kRevocations, filter, change);
    for (int i = 1; i < kAttempts && !stored && stored.error().code == ErrorCode::AlreadyExists; ++i) {
        stored = client.upsert(SessionStore::kRevocations, filter, change);
    }
    return stored;
}

std::vector<std::string> read_addresses(const Bson& document) {
    std::vector<std::string> addresses;
    bson_iter_t field;
    bson_iter_t element;
    if (!bson_iter_init_find(&field, document.get(), "addresses") || !BSON_ITER_HOLDS_ARRAY(&field)) return addresses;
    if (!bson_iter_recurse(&field, &element)) return addresses;
    while (bson_iter_next(&element)) {
        std::uint32_t length = 0;
        if (BSON_ITER_HOLDS_UTF8(&element)) addresses.emplace_back(bson_iter_utf8(&element, &length));
    }
    return addresses;
}

// False: somebody else was faster.
Result<bool> write_addresses(Client& client, chat::UserId user, const std::vector<std::string>& addresses, std::int64_t version) {
    if (version == 0) {
        const Bson document = Bson().add("_id", user).add_array("addresses", addresses).add("version", std::int64_t{1});
        auto inserted = client.insert(SessionStore::kAddresses, document);
        if (!inserted && inserted.error().code == ErrorCode::AlreadyExists) return false;
        return inserted;
    }
    const Bson change = Bson().add("$set", Bson().add_array("addresses", addresses).add("version", version + 1));
    TRY(const auto matched, client.update(SessionStore::kAddresses, Bson().add("_id", user).add("version", version), change));
    return matched == 1;
}

Result<bool> try_to_remember(Client& client, chat::UserId user, const std::string& address) {
    TRY(const auto document, client.find_one(SessionStore::kAddresses, Bson().add("_id", user)));
    auto addresses = document ? read_addresses(*document) : std::vector<std::string>();
    if (!addresses.empty() && addresses.back() == address) return true;
    std::erase(addresses, address);
    addresses.push_back(address);
    if (addresses.size() > chat::kMaxAddressesPerAccount) {
        addresses.erase(addresses.begin(), addresses.end() - static_cast<std::ptrdiff_t>(chat::kMaxAddressesPerAccount));
    }
    return write_addresses(client, user, addresses, document ? BsonView(*document).integer("version").value_or(0) : 0);
}

Result<bool> store_address(Client& client, chat::UserId user, const std::string& address) {
    for (int i = 0; i < kAttempts; ++i) {
        TRY(const bool stored, try_to_remember(client, user, address));
        if (stored) return true;
    }
    return database_unavailable();
}

Result<bool> exists(Client& client, const char* collection, const Bson& filter) {
    TRY(const auto found, client.find_one(collection, filter, Bson().add("projection", Bson().add("_id", 1))));
    return found.has_value();
}

}  // namespace

std::vector<std::pair<const char*, Index>> SessionStore::indexes() {
    std::vector<std::pair<const char*, Index>> indexes;
    indexes.emplace_back(kRevocations, Index{.name = "expiresAt_1", .keys = Bson().add("expiresAt", 1), .ttl = true});
    indexes.emplace_back(kRevocations, Index{.name = "revokedAt_1", .keys = Bson().add("revokedAt", 1)});
    return indexes;
}

Result<bool> SessionStore::load(Client& client) {
    const std::scoped_lock lock(refreshing_);
    return load_locked(client);
}

Result<bool> SessionStore::load_locked(Client& client) {
    std::vector<std::string> unknown;
    chat::Timestamp latest = latest_;
    hashes_.begin_reload();
    const auto take = [&](const bson_t& document) {
        const BsonView view(document);
        auto session = view.text("_id");
        if (!session) return true;
        latest = std::max(latest, view.time("revokedAt").value_or(latest));
        if (hashes_.reload(*session) && loaded_) unknown.push_back(*std::move(session));
        return true;
    };
    const Bson alive = Bson().add("expiresAt", Bson().add("$gt", clock_()));
    TRY([[maybe_unused]] const bool read, client.find(kRevocations, alive, Bson(), take));
    hashes_.end_reload();
    latest_ = latest;
    loaded_ = true;
    due_ = SteadyClock::now() + kReloadEvery;
    tell(unknown);
    return true;
}

// Errors are not told: the link has logged them, and the next call sees what this one has missed.
void SessionStore::poll(Client& client) {
    const std::unique_lock lock(refreshing_, std::try_to_lock);
    if (!lock) return;  // somebody is at it
    if (!loaded_ || SteadyClock::now() >= due_) {
        static_cast<void>(load_locked(client));
        return;
    }
    std::vector<std::string> unknown;
    chat::Timestamp latest = latest_;
    const auto take = [&](const bson_t& document) {
        const BsonView view(document);
        auto session = view.text("_id");
        if (!session) return true;
        latest = std::max(latest, view.time("revokedAt").value_or(latest));
        if (hashes_.insert(*session)) unknown.push_back(*std::move(session));
        return true;
    };
    const Bson recent = Bson().add("revokedAt", Bson().add("$gt", latest_ - kOverlap));
    const auto read = client.find(kRevocations, recent, Bson(), take);
    if (read) latest_ = latest;
    tell(unknown);
}

void SessionStore::tell(const std::vector<std::string>& sessions) {
    for (const auto& session : sessions) listener_.session_revoked(session);
}

// Remembered before it is stored, so that poll() does not take it for somebody else's; and afterwards, because a reload that ran meanwhile may have
// read the collection before it was in.
Task<Result<bool>> SessionStore::revoke(std::string session, chat::Timestamp expires_at) {
    auto work = [this, session = std::move(session), expires_at](Client& client) {
        hashes_.insert(session);
        auto stored = store_revocation(client, session, expires_at);
        hashes_.insert(session);
        return stored;
    };
    co_return co_await workers_.run<bool>(std::move(work));
}

Task<Result<bool>> SessionStore::is_revoked(std::string session) {
    if (!hashes_.contains(session)) co_return false;
    auto query = [session = std::move(session)](Client& client) { return exists(client, kRevocations, Bson().add("_id", session)); };
    const auto found = co_await workers_.run<bool>(std::move(query));
    co_return found.value_or(true);
}

Task<Result<bool>> SessionStore::remember_address(chat::UserId user, std::string address) {
    auto work = [user, address = std::move(address)](Client& client) { return store_address(client, user, address); };
    co_return co_await workers_.run<bool>(std::move(work));
}

Task<Result<bool>> SessionStore::knows_address(chat::UserId user, std::string address) {
    auto query = [user, address = std::move(address)](Client& client) {
        return exists(client, kAddresses, Bson().add("_id", user).add("addresses", address));
    };
    co_return co_await workers_.run<bool>(std::move(query));
}

}  // namespace parley::storage::mongodb

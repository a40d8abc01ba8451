#include "storage/mongodb/idempotency.hpp"

#include <openssl/evp.h>

#include <array>

#include "parley/base/encoding.hpp"

namespace parley::storage::mongodb {
namespace {

std::string key_of(const chat::Draft& draft) {
    return draft.sender.to_hex() + ":" + draft.client_id;
}

// What the key stands for.
std::string digest_of(const chat::Draft& draft) {
    const std::string content = draft.receiver.to_hex() + draft.text;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned length = 0;
    ::EVP_Digest(content.data(), content.size(), digest.data(), &length, ::EVP_sha256(), nullptr);
    return base64url_encode({reinterpret_cast<const char*>(digest.data()), length});
}

}  // namespace

Result<std::optional<chat::MessageId>> Idempotency::find(Client& client, const chat::Draft& draft) const {
    TRY(const auto found, client.find_one(kCollection, Bson().add("_id", key_of(draft))));
    if (!found) return std::nullopt;
    const BsonView claim(*found);
    const auto message = claim.id("messageId");
    if (!message || claim.text("digest") != digest_of(draft)) {
        return fail(ErrorCode::Conflict, "This idempotency key was used for another message");
    }
    return chat::MessageId(*message);
}

Result<chat::MessageId> Idempotency::claim(Client& client, const chat::Draft& draft) const {
    const auto message = chat::MessageId::generate();
    const chat::Timestamp now = clock_();
    const Bson document = Bson()
                              .add("_id", key_of(draft))
                              .add("messageId", message)
                              .add("digest", digest_of(draft))
                              .add("createdAt", now)
                              .add("expiresAt", now + kKeptFor);
    const auto inserted = client.insert(kCollection, document);
    if (inserted) return message;
    if (inserted.error().code != ErrorCode::AlreadyExists) return fail(inserted.error());
    TRY(const auto known, find(client, draft));
    if (!known) return database_unavailable();  // it was forgotten in between
    return *known;
}

}  // namespace parley::storage::mongodb

#include "transfer/documents.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace parley::transfer {
namespace {

using storage::mongodb::Bson;
using storage::mongodb::BsonView;

constexpr std::size_t kMaxOtherFields = 20;  // that are named: whoever wrote the documents chose their number

Result<Revocation> read_revocation(const bson_t& document) {
    const BsonView view(document);
    auto session = view.text("_id");
    const auto expires_at = view.time("expiresAt");
    if (!session) return fail(ErrorCode::InvalidArgument, "its _id is no text");
    if (!expires_at || !is_usable(*expires_at)) return fail(ErrorCode::InvalidArgument, "its expiresAt is no time");
    return Revocation{*std::move(session), *expires_at};
}

// What a document is called in the report.
std::string id_text(const bson_t& document) {
    if (const auto id = BsonView(document).id("_id")) return id->to_hex();
    if (auto text = BsonView(document).text("_id")) return *std::move(text);
    return "without a usable _id";
}

}  // namespace

Bson to_bson(const Revocation& revocation) {
    return Bson().add("_id", revocation.session).add("expiresAt", revocation.expires_at).add("revokedAt", chat::system_now());
}

template <class T>
Result<bool> DocumentTaker::hand_over(const Result<T>& value, std::string_view what, const bson_t& document) {
    if (value) return receiver_.take(*value);
    report_.skip(what, value.error().message, id_text(document));
    return true;
}

void DocumentTaker::note_other_fields(std::string_view what, const bson_t& document, std::initializer_list<std::string_view> known) {
    bson_iter_t field;
    if (!bson_iter_init(&field, &document)) return;
    while (bson_iter_next(&field)) {
        const std::string_view key(bson_iter_key(&field), bson_iter_key_len(&field));
        if (std::ranges::find(known, key) != known.end()) continue;
        std::string note = fmt::format("{} with a field \"{}\", which is not kept", what, key);
        if (other_fields_.size() < kMaxOtherFields) other_fields_.insert(note);
        if (!other_fields_.contains(note)) note = "fields with still other names, not kept";
        report_.note(note);
    }
}

template <class T>
Result<T> DocumentTaker::with_usable_times(Result<T> value, std::string_view what) {
    if (!value || (is_usable(value->created_at) && is_usable(value->updated_at))) return value;
    report_.note(fmt::format("{} with a time outside the years 1 to 9999, now that of the _id", what));
    for (chat::Timestamp* const time : {&value->created_at, &value->updated_at}) {
        if (!is_usable(*time)) *time = storage::mongodb::time_of(value->id);
    }
    return value;
}

Result<bool> DocumentTaker::user(const bson_t& document) {
    note_other_fields("users", document,
                      {"_id", "fullName", "username", "password", "gender", "profilePic", "createdAt", "updatedAt", "__v"});
    return hand_over(with_usable_times(storage::mongodb::read_user(document), "users"), "user", document);
}

Result<bool> DocumentTaker::message(const bson_t& document) {
    note_other_fields("messages", document, {"_id", "senderId", "receiverId", "message", "createdAt", "updatedAt", "__v"});
    return hand_over(with_usable_times(storage::mongodb::read_message(document), "messages"), "message", document);
}

Result<bool> DocumentTaker::conversation(const bson_t& document) {
    return hand_over(storage::mongodb::read_conversation(document), "conversation", document);
}

Result<bool> DocumentTaker::revocation(const bson_t& document) {
    return hand_over(read_revocation(document), "ended login", document);
}

}  // namespace parley::transfer

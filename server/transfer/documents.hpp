// DocumentTaker: hands MongoDB documents, from a server or from a file, to a receiver, and writes into the report what is none, and which fields
// are not kept.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"
#include "storage/mongodb/bson.hpp"
#include "transfer/report.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

inline constexpr const char* kRevocations = "parley_revocations";

// {_id: session, expiresAt, revokedAt}
storage::mongodb::Bson to_bson(const Revocation& revocation);

class DocumentTaker {
public:
    DocumentTaker(Receiver& receiver, Report& report) : receiver_(receiver), report_(report) {}

    // Errors: the receiver's.
    Result<bool> user(const bson_t& document);
    Result<bool> message(const bson_t& document);
    Result<bool> conversation(const bson_t& document);
    Result<bool> revocation(const bson_t& document);

private:
    template <class T>
    Result<bool> hand_over(const Result<T>& value, std::string_view what, const bson_t& document);

    template <class T>
    Result<T> with_usable_times(Result<T> value, std::string_view what);

    void note_other_fields(std::string_view what, const bson_t& document, std::initializer_list<std::string_view> known);

    Receiver& receiver_;
    Report& report_;
    std::set<std::string> other_fields_;
};

// The collections in the order in which a transfer reads them, and how the documents of each are taken.
struct CollectionOfOurs {
    const char* name;
    Result<bool> (DocumentTaker::*take)(const bson_t& document);
};
inline constexpr CollectionOfOurs kCollections[] = {{storage::mongodb::kUsers, &DocumentTaker::user},
                                                    {storage::mongodb::kMessages, &DocumentTaker::message},
                                                    {storage::mongodb::kConversations, &DocumentTaker::conversation},
                                                    {kRevocations, &DocumentTaker::revocation}};

}  // namespace parley::transfer

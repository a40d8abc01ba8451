#include "chat/messaging.hpp"

#include <algorithm>
#include <utility>

namespace parley::chat {
namespace {

bool is_client_id(std::string_view text) {
    return text.size() <= kMaxClientIdCharacters && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::unexpected<Error> no_receiver() {
    return fail(ErrorCode::NotFound, "User not found");
}

}  // namespace

Task<Result<Appended>> Messaging::send(Draft draft) {
    if (draft.text.empty()) co_return fail(ErrorCode::InvalidArgument, "Message cannot be empty");
    if (!is_client_id(draft.client_id)) {
        co_return fail(ErrorCode::InvalidArgument, "An idempotency key has at most 128 characters, all of them printable ASCII");
    }
    // Mostly answered by the cache, and keeps sends to nobody out of the store's write queue. The store decides; of a retry it alone knows.
    if (draft.client_id.empty() && !accounts_.knows(draft.receiver)) {
        CO_TRY(const auto receiver, co_await accounts_.find(draft.receiver));
        if (!receiver) co_return no_receiver();
    }
    auto appended = co_await messages_.append(std::move(draft));
    if (!appended && appended.error().code == ErrorCode::NotFound) co_return no_receiver();
    co_return appended;
}

Task<Result<MessagePage>> Messaging::history(HistoryQuery query) {
    if (!query.before.empty() && !query.after.empty()) {
        co_return fail(ErrorCode::InvalidArgument, "Only one of before and after can be given");
    }
    co_return co_await messages_.history(std::move(query));
}

Task<Result<std::string>> Messaging::history_version(UserId reader, UserId peer) {
    co_return co_await messages_.history_version(reader, peer);
}

}  // namespace parley::chat

#include "shard.hpp"

#include <utility>

#include "session_id.hpp"
#include "session_impl.hpp"

namespace parley::engineio {
namespace {

constexpr std::size_t kScratchKept = 16 * 1024;
constexpr std::size_t kBucketsKept = 1024;

net::WebSocketOptions websocket_options(const ServerOptions& options) {
    net::WebSocketOptions result;
    result.max_message_bytes = options.max_payload;
    result.max_queued_bytes = options.max_queued_bytes;
    result.deflate = options.permessage_deflate;
    return result;
}

}  // namespace

Shard::Shard(Loop& loop, const ServerOptions& options, const Server::SessionFactory& factory, std::function<void()> on_empty)
    : loop_(loop),
      options_(options),
      factory_(factory),
      websocket_options_(engineio::websocket_options(options)),
      on_empty_(std::move(on_empty)) {}

Shard::~Shard() = default;

SessionImpl& Shard::create(Opening opening) {
    std::string id = make_session_id({options_.node, static_cast<std::uint8_t>(loop_.index())});
    auto session = std::make_unique<SessionImpl>(*this, std::move(id), std::move(opening));
    SessionImpl& created = *session;
    sessions_.emplace(created.id(), std::move(session));
    tallies_.sessions_open.add();
    tallies_.sessions_opened.add();
    return created;
}

SessionImpl* Shard::find(std::string_view sid) const {
    const auto found = sessions_.find(sid);
    return found == sessions_.end() ? nullptr : found->second.get();
}

void Shard::erase(SessionImpl& session) {
    // The key is inside the session: the node goes first, the session with it.
    const auto node = sessions_.extract(session.id());
    if (sessions_.bucket_count() > kBucketsKept && sessions_.size() < sessions_.bucket_count() / 8) sessions_.rehash(0);
}

void Shard::retire(std::unique_ptr<Carrier> carrier) {
    carrier->release();
    Carrier* const key = carrier.get();
    retired_.emplace(key, std::move(carrier));
}

void Shard::forget(Carrier& carrier) {
    retired_.erase(&carrier);
    if (shutting_down_) schedule();
}

void Shard::flush_later(SessionImpl& session) {
    to_flush_.push_back(&session);
    schedule();
}

void Shard::settle_later(SessionImpl& session) {
    to_settle_.push_back(&session);
    schedule();
}

void Shard::schedule() {
    if (std::exchange(scheduled_, true)) return;
    loop_.defer([this] { end_turn(); });
}

// Flushing comes first: no session is destroyed while it waits in to_flush_.
void Shard::end_turn() {
    scheduled_ = false;
    for (SessionImpl* session : std::exchange(to_flush_, {})) session->flush();
    for (SessionImpl* session : std::exchange(to_settle_, {})) session->settle();
    if (scratch_.capacity() > kScratchKept) std::string().swap(scratch_);
    if (shutting_down_) report_if_empty();
}

void Shard::shut_down() {
    shutting_down_ = true;
    for (const auto& [sid, session] : sessions_) session->shut_down();
    schedule();
}

void Shard::report_if_empty() {
    if (!sessions_.empty() || !retired_.empty()) return;
    if (const auto on_empty = std::exchange(on_empty_, nullptr)) on_empty();
}

void Shard::cut() {
    for (const auto& [sid, session] : sessions_) session->stop_lingering();
    for (const auto& [key, carrier] : retired_) carrier->socket().abort();
}

}  // namespace parley::engineio

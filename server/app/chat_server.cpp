#include "app/chat_server.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "api/api.hpp"
#include "app/front_desk.hpp"
#include "app/stores.hpp"
#include "auth/authenticator.hpp"
#include "auth/bcrypt_hasher.hpp"
#include "auth/secret.hpp"
#include "chat/accounts.hpp"
#include "chat/messaging.hpp"
#include "dialect/dialect.hpp"
#include "parley/base/log.hpp"
#include "parley/base/random.hpp"
#include "parley/net/http_server.hpp"
#include "parley/socketio/server.hpp"
#include "realtime/gatekeeper.hpp"
#include "realtime/members.hpp"
#include "realtime/notifier.hpp"
#include "realtime/presence_hub.hpp"
#include "site/avatars.hpp"
#include "site/embedded_client.hpp"
#include "site/static_files.hpp"
#include "site/web_client.hpp"

namespace parley::app {
namespace {

constexpr std::size_t kFileThreads = 2;      // they wait for disks, not for cores
constexpr std::size_t kFilesWaiting = 1024;  // pieces of large files

std::chrono::seconds in_seconds(milliseconds time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time);
}

std::size_t loop_count(const Options& options) {
    return options.server.loops > 0 ? options.server.loops : std::max(1u, std::thread::hardware_concurrency());
}

net::OriginPolicy origin_policy(const Options& options) {
    return {.allowed = options.origins.allowed};
}

chat::Accounts::Avatar avatar_maker(AvatarKind kind) {
    if (kind == AvatarKind::Original) {
        return [](chat::UserId, const std::string& username, chat::Gender gender) { return site::original_avatar_url(username, gender); };
    }
    return [](chat::UserId id, const std::string&, chat::Gender) { return site::avatar_path(id); };
}

auth::RateLimits rate_limits(const RateLimitOptions& options) {
    using std::chrono::seconds;
    auth::RateLimits limits;
    limits.enabled = options.enabled;
    limits.auth_calls = {static_cast<double>(options.auth_per_minute), seconds(60), static_cast<double>(options.auth_burst)};
    limits.sign_ups = {static_cast<double>(options.sign_ups_per_hour), seconds(3600), static_cast<double>(options.sign_ups_per_hour)};
    limits.sends = {static_cast<double>(options.sends_per_second), seconds(1), static_cast<double>(options.send_burst)};
    limits.failures_here = {options.failures_per_address, options.failure_window};
    limits.failures_of_account = {options.failures_per_account, std::chrono::hours(1)};
    return limits;
}

net::HttpLimits http_limits(const HttpOptions& options) {
    net::HttpLimits limits;
    limits.max_header_bytes = options.max_header_bytes;
    limits.header_timeout = options.header_timeout;
    limits.body_timeout = options.body_timeout;
    limits.keep_alive_timeout = options.keep_alive_timeout;
    limits.write_timeout = options.write_timeout;
    limits.max_connections = options.max_connections;
    return limits;
}

socketio::ServerOptions socket_options(const Options& options, realtime::Gatekeeper& gatekeeper) {
    socketio::ServerOptions out;
    out.ping_interval = options.sockets.ping_interval;
    out.ping_timeout = options.sockets.ping_timeout;
    out.upgrade_timeout = options.sockets.upgrade_timeout;
    out.connect_timeout = options.sockets.connect_timeout;
    out.max_payload = options.sockets.max_payload_bytes;
    out.max_queued_bytes = options.sockets.max_queued_bytes;
    out.recovery.mode = socketio::RecoveryOptions::Mode::OnRequest;
    out.recovery.skip_middlewares = false;  // Members looks at who comes back
    out.origins = origin_policy(options);
    out.origins_setting = "--allowed-origins";
    out.proxies = options.origins.trusted_proxies;
    out.admit = [&gatekeeper](socketio::HandshakeRequest request, std::shared_ptr<const void> current) {
        return gatekeeper.admit(std::move(request), std::move(current));
    };
    return out;
}

Result<std::string> signing_secret(const Options& options) {
    if (!options.auth.jwt_secret.empty()) return options.auth.jwt_secret;
    if (options.storage.chosen() == StorageKind::Memory) return random_bytes(32);
    TRY(auto secret, auth::load_or_create_secret(options.server.data_dir));
    if (auth::is_weak_secret(secret)) log::warn("the secret beside the data is short: whoever guesses it can log in as anybody");
    return secret;
}

// A folder that was named, or else the built-in client. Without either the server runs all the same.
std::unique_ptr<site::Frontend> make_frontend(const Options& options, WorkerPool& files) {
    if (!options.server.static_dir.empty())
        return std::make_unique<site::StaticFiles>(site::StaticOptions{options.server.static_dir}, files);
    auto client = site::embedded_client();
    if (client) return std::make_unique<site::WebClient>(*client);
    return std::make_unique<site::StaticFiles>(site::StaticOptions{.missing_client = client.error().message}, files);
}

// What other servers on the same database do to users and log-ins.
class Changes : public chat::ChangeListener {
public:
    Changes(chat::Accounts& accounts, realtime::Members& members) : accounts_(accounts), members_(members) {}

    void user_changed(chat::UserId user) override { accounts_.forget(user); }
    void user_removed(chat::UserId user) override {
        accounts_.forget(user);
        members_.end_user(user);
    }
    void session_revoked(const std::string& session) override { members_.end_session(session); }

private:
    chat::Accounts& accounts_;
    realtime::Members& members_;
};

// Members are destroyed from the last to the first: what stands on something goes before it, threads before the loops they report to.
class Wired : public ChatServer {
public:
    Wired(const Options& options, std::unique_ptr<Stores> stores, std::string secret, std::unique_ptr<dialect::Dialect> dialect)
        : options_(options),
          loops_(loop_count(options)),
          stores_(std::move(stores)),
          dialect_(std::move(dialect)),
          hasher_({.cost = options.auth.bcrypt_cost, .threads = options.auth.hash_threads, .max_waiting = options.auth.hash_queue}),
          accounts_(stores_->users(), hasher_, avatar_maker(options.compat.avatars)),
          messaging_(accounts_, stores_->messages()),
          authenticator_(std::move(secret), accounts_, stores_->sessions(), in_seconds(options.auth.token_lifetime)),
          gatekeeper_(authenticator_, {.anonymous_per_address = options.sockets.max_anonymous_per_address,
                                       .legacy_query_auth = options.compat.legacy_query_auth}),
          io_(loops_, socket_options(options, gatekeeper_)),
          presence_(loops_[0], io_,
                    {.min_interval = options.sockets.presence_interval, .bytes_per_second = options.sockets.presence_bytes_per_second}),
          members_(io_, authenticator_, presence_),
          notifier_(io_, *dialect_),
          changes_(accounts_, members_),
          api_({accounts_, stores_->users(), messaging_, stores_->messages(), stores_->conversations(), stores_->sessions(), authenticator_,
                *dialect_},
               api_options()),
          files_("files", kFileThreads, kFilesWaiting),
          frontend_(make_frontend(options, files_)),
          desk_(io_, api_, *frontend_),
          http_(loops_, desk_, http_limits(options.http)) {
        stores_->announce_to(notifier_);
        stores_->tell_changes_to(changes_);
    }
    ~Wired() override { stores_->stop(); }

    Result<bool> listen() {
        TRY(port_, http_.listen(options_.server.host, options_.server.port));
        loops_.start();
        return true;
    }

    std::uint16_t port() const override { return port_; }
    bool ready() const override { return stores_->ready(); }
    bool stop() override;

private:
    api::ApiOptions api_options() {
        api::ApiOptions out;
        out.proxies = options_.origins.trusted_proxies;
        out.origins = origin_policy(options_);
        out.limits = rate_limits(options_.rate_limits);
        out.max_body_bytes = options_.http.max_body_bytes;
        out.token_lifetime = in_seconds(options_.auth.token_lifetime);
        out.compat_status = options_.compat.compat_status;
        out.ready = [this] { return !stopping_ && stores_->ready(); };
        out.on_session_ended = [this](const auth::Identity& identity) { members_.end_session(identity); };
        return out;
    }

    const Options options_;
    LoopGroup loops_;
    std::unique_ptr<Stores> stores_;
    std::unique_ptr<dialect::Dialect> dialect_;
    auth::BcryptHasher hasher_;
    chat::Accounts accounts_;
    chat::Messaging messaging_;
    auth::Authenticator authenticator_;
    realtime::Gatekeeper gatekeeper_;
    socketio::Server io_;
    realtime::PresenceHub presence_;
    realtime::Members members_;
    realtime::Notifier notifier_;
    Changes changes_;
    api::Api api_;
    WorkerPool files_;
    std::unique_ptr<site::Frontend> frontend_;
    FrontDesk desk_;
    net::HttpServer http_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
};

// Sockets' transports close first: a poll that waits is an exchange too, and would hold up the drain.
bool Wired::stop() {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + options_.server.stop_timeout;
    const auto left = [deadline] { return std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds(1)); };

    stopping_ = true;
    stores_->expect_stop();
    http_.stop_accepting();
    std::promise<void> sockets_closed;
    io_.close(left(), [&] { sockets_closed.set_value(); });
    sockets_closed.get_future().wait();
    std::promise<void> drained;
    http_.drain(left(), [&] { drained.set_value(); });
    drained.get_future().wait();
    stores_->stop();
    loops_.stop();
    return Clock::now() < deadline;
}

}  // namespace

Result<std::unique_ptr<ChatServer>> ChatServer::start(const Options& options) {
    TRY(auto stores, Stores::open(options));
    TRY(auto secret, signing_secret(options));
    TRY(auto dialect, dialect::make_dialect("mern-chat-app"));
    auto server = std::make_unique<Wired>(options, std::move(stores), std::move(secret), std::move(dialect));
    TRY([[maybe_unused]] const bool listening, server->listen());
    return server;
}

}  // namespace parley::app

#include "storage/mongodb/link.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstring>

#include "parley/base/log.hpp"
#include "storage/mongodb/client.hpp"

namespace parley::storage::mongodb {
namespace {

constexpr std::chrono::seconds kTellEvery{30};  // of a trouble that goes on
constexpr int kSelectMs = 2'000;
constexpr int kConnectMs = 2'000;
constexpr int kAnswerMs = 5'000;
constexpr int kPingMs = 1'500;
constexpr int kHeartbeatMs = 2'000;  // a new primary is found within that
constexpr int kQueueMs = 2'000;
constexpr int kMajorityMs = 3'000;  // less than an answer may take

void log_library(mongoc_log_level_t level, const char* domain, const char* message, void*) {
    if (level <= MONGOC_LOG_LEVEL_WARNING) log::debug("libmongoc ({}): {}", domain, message);
}

void start_library() {
    static const bool started = [] {
        ::mongoc_log_set_handler(log_library, nullptr);
        ::mongoc_init();
        return true;
    }();
    static_cast<void>(started);
}

// The password as the URI writes it, or "".
std::string_view password_of(std::string_view uri) {
    const auto scheme = uri.find("://");
    if (scheme == std::string_view::npos) return {};
    std::string_view rest = uri.substr(scheme + 3);
    rest = rest.substr(0, rest.find('?'));
    const auto at = rest.rfind('@');
    const auto colon = rest.find(':');
    if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return {};
    return rest.substr(colon + 1, at - colon - 1);
}

std::string hide_password(std::string text, std::string_view uri) {
    const std::string_view password = password_of(uri);
    if (password.empty()) return text;
    for (auto at = text.find(password); at != std::string::npos; at = text.find(password, at)) text.replace(at, password.size(), "***");
    return text;
}

// The driver's sentence without what only its developers can do something with.
std::string tidy(std::string text, std::string_view uri) {
    for (const std::string_view jargon : {" (`serverSelectionTryOnce` set)", " (`serverSelectionTimeoutMS` expired)"}) {
        if (const auto at = text.find(jargon); at != std::string::npos) text.erase(at, jargon.size());
    }
    return hide_password(std::move(text), uri);
}

std::string hosts_of(const mongoc_uri_t& uri) {
    if (const char* const name = ::mongoc_uri_get_srv_hostname(&uri)) return name;
    std::string text;
    for (auto* host = ::mongoc_uri_get_hosts(&uri); host; host = host->next) {
        if (!text.empty()) text += ", ";
        text += host->host_and_port;
    }
    return text;
}

// The driver calls every failure during the log-in one of authentication, a cut connection too.
bool is_refusal(const bson_error_t& error) {
    constexpr std::uint32_t kAuthenticationFailed = 18;
    if (error.domain == MONGOC_ERROR_SERVER) return error.code == kAuthenticationFailed;
    const std::string_view text(error.message);
    return error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE &&
           (text.contains("Authentication failed") || text.contains("authentication failed"));
}

void set_unless_given(mongoc_uri_t& uri, const char* option, int value) {
    if (!::mongoc_uri_has_option(&uri, option)) ::mongoc_uri_set_option_as_int32(&uri, option, value);
}

}  // namespace

Result<std::unique_ptr<Link>> Link::make(LinkOptions options) {
    start_library();
    std::unique_ptr<Link> link(new Link());
    bson_error_t error;
    link->uri_.reset(::mongoc_uri_new_with_error(options.uri.c_str(), &error));
    if (!link->uri_) {
        return fail(ErrorCode::InvalidArgument, "the MongoDB address cannot be used: " + hide_password(error.message, options.uri));
    }
    mongoc_uri_t& uri = *link->uri_;
    if (!::mongoc_uri_get_appname(&uri)) ::mongoc_uri_set_appname(&uri, "parley");
    ::mongoc_uri_set_option_as_int32(&uri, MONGOC_URI_WAITQUEUETIMEOUTMS, kQueueMs);
    set_unless_given(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, kSelectMs);
    set_unless_given(uri, MONGOC_URI_CONNECTTIMEOUTMS, kConnectMs);
    set_unless_given(uri, MONGOC_URI_SOCKETTIMEOUTMS, kAnswerMs);
    set_unless_given(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, kHeartbeatMs);

    const Concern journaled = majority();
    ::mongoc_write_concern_set_journal(journaled.get(), true);
    ::mongoc_uri_set_write_concern(&uri, journaled.get());
    mongoc_read_prefs_t* const primary = ::mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    ::mongoc_uri_set_read_prefs_t(&uri, primary);
    ::mongoc_read_prefs_destroy(primary);

    link->ping_uri_.reset(::mongoc_uri_copy(&uri));
    for (const char* option : {MONGOC_URI_SERVERSELECTIONTIMEOUTMS, MONGOC_URI_CONNECTTIMEOUTMS, MONGOC_URI_SOCKETTIMEOUTMS}) {
        const int given = ::mongoc_uri_get_option_as_int32(&uri, option, kPingMs);
        ::mongoc_uri_set_option_as_int32(link->ping_uri_.get(), option, std::max(kPingMs, given > kAnswerMs ? given : 0));
    }
    ::mongoc_uri_set_option_as_bool(link->ping_uri_.get(), MONGOC_URI_RETRYREADS, false);

    link->hosts_ = hosts_of(uri);
    if (link->hosts_.contains('@')) {
        return fail(ErrorCode::InvalidArgument,
                    "the MongoDB address cannot be used: it has an @ too many; one in a user name or password is written %40");
    }
    const char* const database = ::mongoc_uri_get_database(&uri);
    link->database_ = database && *database ? database : "test";  // as Mongoose
    link->options_ = std::move(options);
    return link;
}

Link::Concern Link::majority() {
    Concern concern(::mongoc_write_concern_new());
    ::mongoc_write_concern_set_wmajority(concern.get(), kMajorityMs);
    return concern;
}

Link::~Link() {
    stop();
}

Result<bool> Link::start(LinkHooks hooks, std::chrono::milliseconds patience) {
    hooks_ = std::move(hooks);
    keeper_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "mongo-keeper");
        keep();
    });
    std::unique_lock lock(mutex_);
    const auto refused = [this] {
        return !last_outcome_ &&
               (last_outcome_.error().code == ErrorCode::Unauthenticated || last_outcome_.error().code == ErrorCode::PermissionDenied);
    };
    examined_.wait_for(lock, patience, [&] { return last_outcome_.has_value() || refused(); });
    if (refused()) return fail(last_outcome_.error());
    return true;
}

void Link::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (keeper_.joinable()) keeper_.join();
    state_ = State::Down;
}

void Link::report(const bson_error_t& error) {
    auto expected = State::Up;
    state_.compare_exchange_strong(expected, State::Suspect);
    {
        const std::scoped_lock lock(mutex_);
        last_trouble_ = tidy(error.message, options_.uri);
    }
    wake_.notify_all();
}

bool Link::may_tell(std::uint32_t code, std::size_t& unsaid) {
    const auto now = std::chrono::steady_clock::now();
    const std::scoped_lock lock(mutex_);
    const auto [at, is_new] = tellings_.try_emplace(code);
    Telling& telling = at->second;
    if (!is_new && now - telling.told_at < kTellEvery) {
        ++telling.unsaid;
        return false;
    }
    telling.told_at = now;
    unsaid = std::exchange(telling.unsaid, 0);
    return true;
}

void Link::keep() {
    auto pause = options_.shortest_pause;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (state_ == State::Up) {
            wake_.wait(lock, [this] { return stopping_ || state_ != State::Up; });
            continue;
        }
        // Pings may succeed while commands fail, again and again.
        const auto next = examined_at_ + options_.shortest_pause;
        if (wake_.wait_until(lock, next, [this] { return stopping_; })) break;
        lock.unlock();
        auto outcome = examine();
        examined_at_ = std::chrono::steady_clock::now();
        note(outcome);
        lock.lock();
        last_outcome_ = std::move(outcome);
        examined_.notify_all();
        if (last_outcome_) {
            state_ = State::Up;
            pause = options_.shortest_pause;
            continue;
        }
        state_ = prepared_ ? State::Down : State::Waiting;
        wake_.wait_for(lock, pause, [this] { return stopping_; });
        pause = std::min(pause * 2, options_.longest_pause);
    }
}

Result<bool> Link::examine() {
    TRY([[maybe_unused]] const bool answers, ping());
    TRY([[maybe_unused]] const bool has_pool, ensure_pool());
    if (prepared_ && !was_down_) return true;
    Client client(*this);
    client.keeper_ = true;
    auto& hook = prepared_ ? hooks_.recovered : hooks_.prepare;
    if (hook) {
        TRY([[maybe_unused]] const bool ready, hook(client));
    }
    prepared_ = true;
    was_down_ = false;
    return true;
}

// By a connection of its own, so that nothing the pool believes stands in the way.
Result<bool> Link::ping() {
    bson_error_t error;
    mongoc_client_t* const client = ::mongoc_client_new_from_uri_with_error(ping_uri_.get(), &error);
    if (!client) return fail(ErrorCode::Unavailable, tidy(error.message, options_.uri));
    ::mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
    const Bson command = Bson().add("ping", 1);
    const bool answered = ::mongoc_client_command_simple(client, database_.c_str(), command.get(), nullptr, nullptr, &error);
    ::mongoc_client_destroy(client);
    if (answered) return true;
    return fail(is_refusal(error) ? ErrorCode::Unauthenticated : ErrorCode::Unavailable, tidy(error.message, options_.uri));
}

Result<bool> Link::ensure_pool() {
    if (pool_) return true;
    bson_error_t error;
    std::unique_ptr<mongoc_client_pool_t, DestroyPool> pool(::mongoc_client_pool_new_with_error(uri_.get(), &error));
    if (!pool) return fail(ErrorCode::Unavailable, tidy(error.message, options_.uri));
    ::mongoc_client_pool_set_error_api(pool.get(), MONGOC_ERROR_API_VERSION_2);
    ::mongoc_client_pool_max_size(pool.get(), static_cast<std::uint32_t>(options_.max_clients));
    pool_ = std::move(pool);
    has_pool_ = true;
    return true;
}

// One line when something changes, and one every half minute while it lasts.
void Link::note(const Result<bool>& outcome) {
    const auto now = std::chrono::steady_clock::now();
    if (outcome) return note_recovery(now);
    was_down_ = true;
    std::string trouble = outcome.error().message;
    if (!told_.empty() && now - told_at_ < kTellEvery) return;
    if (outcome.error().code == ErrorCode::Unauthenticated) {
        log::error("MongoDB at {} refuses the user name or password of the address: {}", hosts_, trouble);
    } else if (outcome.error().code == ErrorCode::PermissionDenied) {
        log::error("MongoDB at {} gives no right to use database {}: {}", hosts_, database_, trouble);
    } else {
        log::warn("MongoDB at {} cannot be used: {}; trying again until it can", hosts_, trouble);
    }
    told_ = std::move(trouble);
    told_at_ = now;
}

void Link::note_recovery(std::chrono::steady_clock::time_point now) {
    std::string met;
    {
        const std::scoped_lock lock(mutex_);
        met.swap(last_trouble_);
    }
    if (!told_.empty()) {
        log::info("MongoDB at {} answers again", hosts_);
        told_.clear();
    } else if (!met.empty() && now - told_at_ >= kTellEvery) {
        log::warn("MongoDB at {}: {}; it answers again", hosts_, met);
        told_at_ = now;
    }
}

mongoc_client_t* Link::pop_client() {
    return has_pool_ ? ::mongoc_client_pool_pop(pool_.get()) : nullptr;
}

void Link::push_client(mongoc_client_t* client) {
    ::mongoc_client_pool_push(pool_.get(), client);
}

}  // namespace parley::storage::mongodb

// Options: everything that can be set from outside, as plain values, grouped by what they are about. The defaults written here are the product's.
// How a value gets here (flag, environment, .env) and what is accepted is settings.cpp's business; what each one means is said there too, once,
// for the help text and docs/settings.md. Here stand only the units.
// Ownership: a value; read once at the start.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "parley/base/log.hpp"
#include "parley/net/origin.hpp"

namespace parley::app {

using std::chrono::milliseconds;

enum class StorageKind : std::uint8_t { Automatic, Sqlite, MongoDb, Memory };
enum class AvatarKind : std::uint8_t { Local, Original };
enum class DialectKind : std::uint8_t { MernChatApp };

struct ServerOptions {
    std::string host = "::";
    std::uint16_t port = 5000;
    std::size_t loops = 0;  // 0: one per core
    std::string data_dir = "./data";
    std::string static_dir;  // "": no frontend
    std::string node_env;
    milliseconds stop_timeout = std::chrono::seconds(10);
};

struct StorageOptions {
    StorageKind kind = StorageKind::Automatic;
    std::string mongodb_uri;  // "": none
    std::size_t conversation_cap = 20'000;

    // What Automatic comes to.
    StorageKind chosen() const {
        if (kind != StorageKind::Automatic) return kind;
        return mongodb_uri.empty() ? StorageKind::Sqlite : StorageKind::MongoDb;
    }
};

struct AuthOptions {
    std::string jwt_secret;  // "": made on the first start, kept beside the data
    unsigned bcrypt_cost = 10;
    milliseconds token_lifetime = std::chrono::days(15);
    std::size_t hash_threads = 0;  // 0: one per core
    std::size_t hash_queue = 128;
};

struct OriginOptions {
    std::vector<std::string> allowed = {"http://localhost:3000", "http://localhost:5173"};
    net::TrustedProxies trusted_proxies = loopback();

    static net::TrustedProxies loopback();
};

struct RateLimitOptions {
    bool enabled = true;
    unsigned auth_per_minute = 30;       // per address
    unsigned auth_burst = 20;            // per address
    unsigned failures_per_address = 10;  // per account and address, in failure_window
    milliseconds failure_window = std::chrono::minutes(15);
    unsigned failures_per_account = 100;  // per hour, from all addresses
    unsigned sign_ups_per_hour = 60;      // per address
    unsigned sends_per_second = 20;       // per user
    unsigned send_burst = 100;            // per user
};

struct HttpOptions {
    std::size_t max_body_bytes = 102'400;
    std::size_t max_header_bytes = 16'384;
    milliseconds header_timeout = std::chrono::seconds(10);
    milliseconds body_timeout = std::chrono::seconds(30);
    milliseconds keep_alive_timeout = std::chrono::seconds(65);
    milliseconds write_timeout = std::chrono::seconds(30);
    std::size_t max_connections = 0;  // 0: what the descriptor limit allows
};

struct SocketOptions {
    milliseconds ping_interval = std::chrono::seconds(25);
    milliseconds ping_timeout = std::chrono::seconds(20);
    milliseconds upgrade_timeout = std::chrono::seconds(10);
    milliseconds connect_timeout = std::chrono::seconds(45);
    std::size_t max_payload_bytes = 1'000'000;
    std::size_t max_queued_bytes = 1024 * 1024;
    std::size_t max_anonymous_per_address = 100;
    milliseconds presence_interval{100};
    std::uint64_t presence_bytes_per_second = 200'000'000;
};

struct CompatOptions {
    DialectKind dialect = DialectKind::MernChatApp;
    bool compat_status = false;
    bool legacy_query_auth = false;
    AvatarKind avatars = AvatarKind::Local;
};

struct LogOptions {
    log::Level level = log::Level::Info;
};

struct Options {
    ServerOptions server;
    StorageOptions storage;
    AuthOptions auth;
    OriginOptions origins;
    RateLimitOptions rate_limits;
    HttpOptions http;
    SocketOptions sockets;
    CompatOptions compat;
    LogOptions logging;
};

}  // namespace parley::app

#include "app/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "app/setting_table.hpp"
#include "app/setting_values.hpp"

namespace parley::app {

net::TrustedProxies OriginOptions::loopback() {
    return {{*net::Network::parse("127.0.0.0/8"), *net::Network::parse("::1/128")}};
}

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kMany = 1'000'000'000;
constexpr std::uint64_t kGiB = 1ULL << 30;

Complaint apply_host(Options& options, std::string_view text) {
    const std::string_view host = text == "localhost" ? "127.0.0.1" : text;
    if (!net::IpAddress::parse(host)) return "is not an address to listen on; give an IP address such as ::, 0.0.0.0 or 127.0.0.1";
    options.server.host = host;
    return std::nullopt;
}

Complaint apply_static_dir(Options& options, std::string_view text) {
    std::error_code error;
    if (!std::filesystem::is_directory(std::filesystem::path(text), error))
        return "is not a folder; give the folder of a built frontend, with its index.html";
    if (!std::filesystem::is_regular_file(std::filesystem::path(text) / "index.html", error))
        return "has no index.html; give the folder of a built frontend (npm run build makes it, mostly as dist)";
    options.server.static_dir = text;
    return std::nullopt;
}

// The rest of the address is the database driver's to judge, at the start.
Complaint apply_mongodb(Options& options, std::string_view text) {
    if (!text.starts_with("mongodb://") && !text.starts_with("mongodb+srv://"))
        return "is not the address of a MongoDB server; give mongodb://[user:password@]host[:port]/database or mongodb+srv://...";
    options.storage.mongodb_uri = text;
    return std::nullopt;
}

Complaint apply_dialect(Options& options, std::string_view text) {
    if (text == "fullstack-chat-app" || text == "chatify") return "is a dialect that this version does not speak yet; give mern-chat-app";
    if (text != "mern-chat-app") return "is not a dialect; give mern-chat-app (fullstack-chat-app and chatify are planned)";
    options.compat.dialect = DialectKind::MernChatApp;
    return std::nullopt;
}

Complaint apply_origins(Options& options, std::string_view text) {
    std::vector<std::string> origins;
    for (const std::string& item : split_list(text)) {
        if (item == "none") continue;
        const auto origin = parse_origin(item);
        if (!origin) return "is not a list of origins; give scheme://host[:port], without a path, separated by commas, none, or *";
        origins.push_back(*origin);
    }
    options.origins.allowed = std::move(origins);
    return std::nullopt;
}

Complaint apply_proxies(Options& options, std::string_view text) {
    net::TrustedProxies proxies;
    for (const std::string& item : split_list(text)) {
        if (item == "none") continue;
        if (item == "loopback") {
            std::ranges::copy(OriginOptions::loopback().networks, std::back_inserter(proxies.networks));
            continue;
        }
        const auto network = net::Network::parse(item);
        if (!network)
            return "is not a list of networks; give addresses or networks such as 10.0.0.0/8, separated by commas, loopback or none";
        proxies.networks.push_back(*network);
    }
    options.origins.trusted_proxies = std::move(proxies);
    return std::nullopt;
}

std::string show_proxies(const Options& options) {
    std::vector<std::string> networks;
    for (const net::Network& network : options.origins.trusted_proxies.networks) networks.push_back(network_text(network));
    return networks.empty() ? "none" : join_list(networks);
}

std::string show_origins(const Options& options) {
    return options.origins.allowed.empty() ? "none" : join_list(options.origins.allowed);
}

#define FIELD(path) [](Options& options) -> auto& { return options.path; }

void add_server(SettingTable& table) {
    table.group("Server");
    table
        .add("host", "ADDRESS", "Address to listen on. :: serves IPv6 and IPv4, and becomes 0.0.0.0 where there is no IPv6.", apply_host,
             FIELD(server.host))
        .variable = "HOST";
    table.number("port", FIELD(server.port), 0, 65535, "Port to listen on. 0 takes any free one, which the log names.", "port").variable =
        "PORT";
    table.number("loops", FIELD(server.loops), 0, 255, "Event loops, one thread each. 0: one per core.");
    table.text("data-dir", FIELD(server.data_dir), "FOLDER",
               "Folder of the database and the secret; made if it is not there. One server at a time.");
    auto& folder =
        table.add("static-dir", "FOLDER", "Folder of a built frontend, served beside the API instead of the built-in web client.",
                  apply_static_dir, FIELD(server.static_dir));
    folder.default_text = "frontend/dist if it is there, else the built-in client";
    auto& node = table.text("node-env", FIELD(server.node_env), "TEXT",
                            "Accepted because frontends' scripts set it. It changes nothing: "
                            "whether the cookie is Secure is decided by how a request came.");
    node.variable = "NODE_ENV";
    node.default_text = "not set";
    table.duration("stop-timeout", FIELD(server.stop_timeout), seconds(1), seconds(0), hours(1),
                   "How long a stop (SIGTERM, SIGINT) waits for open requests and connections.");
}

void add_storage(SettingTable& table) {
    table.group("Storage");
    const std::vector<std::pair<std::string, StorageKind>> kinds = {{"auto", StorageKind::Automatic},
                                                                    {"sqlite", StorageKind::Sqlite},
                                                                    {"mongodb", StorageKind::MongoDb},
                                                                    {"memory", StorageKind::Memory}};
    table.choice("storage", FIELD(storage.kind), kinds,
                 "Where data is kept. sqlite: a file in the data folder, safe against a power cut. mongodb: the database of mongo-db-uri. "
                 "memory: gone at the stop. auto: mongodb if mongo-db-uri is set, else sqlite.");
    const auto no_text = [](Options&) { return std::string(); };
    auto& uri = table.add("mongo-db-uri", "URI",
                          "Address of a MongoDB database, with its options for TLS, authentication and replica sets; without a name it is "
                          "\"test\", as for Mongoose. The database of the original Node server can be used, also while that runs. A flag "
                          "can be seen by other "
                          "users of the machine: prefer the variable.",
                          apply_mongodb, no_text);
    uri.variable = "MONGO_DB_URI";
    uri.default_text = "not set";
    uri.secret = true;
    table.number("conversation-cap", FIELD(storage.conversation_cap), 100, 500'000,
                 "On MongoDB: message ids that a conversation document keeps for the original server, which shows no more than these. "
                 "A larger array makes every message dearer for the database.");
}

void add_accounts(SettingTable& table) {
    table.group("Accounts");
    auto& secret =
        table.text("jwt-secret", FIELD(auth.jwt_secret), "TEXT",
                   "Key that signs the log-in tokens; at least 16 characters, shorter ones are warned of. With the secret of a former Node "
                   "server its users stay logged in. A flag can be seen by other users of the machine: prefer the variable.");
    secret.variable = "JWT_SECRET";
    secret.default_text = "made at the first start, kept in the data folder";
    secret.secret = true;
    table.number("bcrypt-cost", FIELD(auth.bcrypt_cost), 4, 15, "Cost of new password hashes. Each step doubles the time of a log-in.",
                 "bcrypt cost");
    table.duration("token-lifetime", FIELD(auth.token_lifetime), days(1), minutes(1), days(3650), "How long a log-in lasts.");
    table.number("hash-threads", FIELD(auth.hash_threads), 0, 256, "Threads that compute password hashes. 0: one per core.");
    table.number("hash-queue", FIELD(auth.hash_queue), 1, 100'000,
                 "Log-ins and sign-ups that may wait for such a thread; one more is answered 503.");
}

void add_origins(SettingTable& table) {
    table.group("Origins and proxies");
    table.add("allowed-origins", "LIST",
              "Other origins whose pages may use this server with cookies, separated by commas. The server's own is always allowed. "
              "none: no other. *: every one, which lets any page act for its visitors.",
              apply_origins, show_origins);
    table.add("trusted-proxies", "LIST",
              "Addresses and networks of proxies whose X-Forwarded-For, -Proto and -Host are believed, separated by commas. "
              "loopback stands for 127.0.0.0/8,::1; none: nobody.",
              apply_proxies, show_proxies);
}

void add_rate_limits(SettingTable& table) {
    table.group("Rate limits");
    const std::string per_address = " An IPv6 address counts by its /64.";
    table.on_or_off("rate-limits", FIELD(rate_limits.enabled),
                    "All limits of this group. Whatever is over one is answered 429 with Retry-After.");
    table.number("auth-per-minute", FIELD(rate_limits.auth_per_minute), 1, kMany,
                 "Sign-ups and log-ins per minute and address." + per_address);
    table.number("auth-burst", FIELD(rate_limits.auth_burst), 1, kMany, "Such calls that may come at once.");
    table.number("failures-per-address", FIELD(rate_limits.failures_per_address), 1, kMany,
                 "Failed log-ins per account and address within failure-window.");
    table.duration("failure-window", FIELD(rate_limits.failure_window), seconds(1), seconds(1), days(1),
                   "The time in which failures-per-address counts.");
    table.number("failures-per-account", FIELD(rate_limits.failures_per_account), 1, kMany,
                 "Failed log-ins per account and hour; after them only addresses pass that the account has logged in from.");
    table.number("sign-ups-per-hour", FIELD(rate_limits.sign_ups_per_hour), 1, kMany, "New accounts per hour and address." + per_address);
    table.number("sends-per-second", FIELD(rate_limits.sends_per_second), 1, kMany, "Messages per second and user.");
    table.number("send-burst", FIELD(rate_limits.send_burst), 1, kMany, "Messages of one user that may come at once.");
}

void add_http(SettingTable& table) {
    table.group("HTTP limits");
    const milliseconds shortest(100);
    table.bytes("max-body", FIELD(http.max_body_bytes), 1024, kGiB, "Largest request body, unpacked; a larger one is answered 413.");
    table.bytes("max-header", FIELD(http.max_header_bytes), 1024, 1 << 20,
                "Largest request line with header fields; larger ones are answered 431.");
    table.duration("header-timeout", FIELD(http.header_timeout), seconds(1), shortest, hours(1),
                   "From the first byte of a request to the end of its header; then 408.");
    table.duration("body-timeout", FIELD(http.body_timeout), seconds(1), shortest, hours(1),
                   "From the end of the header to the end of the body; then 408.");
    table.duration("keep-alive-timeout", FIELD(http.keep_alive_timeout), seconds(1), shortest, hours(24),
                   "How long a connection may idle between requests.");
    table.duration("write-timeout", FIELD(http.write_timeout), seconds(1), shortest, hours(1),
                   "How long a client may take nothing of its answer before it is cut.");
    table.number("max-connections", FIELD(http.max_connections), 0, 10'000'000,
                 "Connections at once; one more is answered 503. 0: the descriptor limit (ulimit -n) less 512.");
}

void add_sockets(SettingTable& table) {
    table.group("Sockets");
    const milliseconds shortest(100);
    table.duration("ping-interval", FIELD(sockets.ping_interval), seconds(1), shortest, hours(1),
                   "Time between two heartbeats of a socket.");
    table.duration("ping-timeout", FIELD(sockets.ping_timeout), seconds(1), shortest, hours(1),
                   "How long the answer to a heartbeat may take.");
    table.duration("upgrade-timeout", FIELD(sockets.upgrade_timeout), seconds(1), shortest, hours(1),
                   "How long the change from polling to WebSocket may take.");
    table.duration("connect-timeout", FIELD(sockets.connect_timeout), seconds(1), shortest, hours(1),
                   "How long an open session may wait before it connects.");
    table.bytes("max-payload", FIELD(sockets.max_payload_bytes), 1024, kGiB, "Largest message from a socket; a larger one closes it.");
    table.bytes("max-queued", FIELD(sockets.max_queued_bytes), 16 * 1024, kGiB,
                "What may wait for a slow socket, in its own queue; beyond it the socket is closed. "
                "So many bytes times the slow sockets is what they can cost.");
    table.number("max-anonymous-sockets", FIELD(sockets.max_anonymous_per_address), 0, kMany, "Sockets without a log-in, per address.");
    table.duration("presence-interval", FIELD(sockets.presence_interval), milliseconds(1), milliseconds(1), minutes(1),
                   "Shortest time between two online lists.");
    table.bytes("presence-bandwidth", FIELD(sockets.presence_bytes_per_second), 1024, 1'000 * kGiB,
                "Bytes per second that online lists may take in all; with many users online they come less often.");
}

void add_compatibility(SettingTable& table) {
    table.group("Compatibility with the original");
    const auto dialect = [](Options&) { return std::string("mern-chat-app"); };
    table.add("dialect", "mern-chat-app", "Whose routes and JSON shapes are spoken. fullstack-chat-app and chatify are planned.",
              apply_dialect, dialect);
    table.on_or_off("compat-status", FIELD(compat.compat_status),
                    "Answer a bad token and a malformed id with 500, as the original does, instead of 401 and 400.");
    table.on_or_off("legacy-query-auth", FIELD(compat.legacy_query_auth),
                    "Believe the userId in a socket's address, as the original does: anybody can then read "
                    "anybody's messages.");
    const std::vector<std::pair<std::string, AvatarKind>> avatars = {{"local", AvatarKind::Local}, {"original", AvatarKind::Original}};
    table.choice("avatars", FIELD(compat.avatars), avatars,
                 "Pictures of new users. local: made by this server. original: the address at avatar.iran.liara.run, a third party.");
}

void add_logging(SettingTable& table) {
    table.group("Log");
    const std::vector<std::pair<std::string, log::Level>> levels = {{"trace", log::Level::Trace},
                                                                    {"debug", log::Level::Debug},
                                                                    {"info", log::Level::Info},
                                                                    {"warn", log::Level::Warn},
                                                                    {"error", log::Level::Error}};
    table.choice("log-level", FIELD(logging.level), levels, "The lowest level that is written, one line each, to standard error.");
}

#undef FIELD

std::vector<Setting> make_settings() {
    SettingTable table;
    add_server(table);
    add_storage(table);
    add_accounts(table);
    add_origins(table);
    add_rate_limits(table);
    add_http(table);
    add_sockets(table);
    add_compatibility(table);
    add_logging(table);
    return table.take();
}

}  // namespace

std::span<const Setting> all_settings() {
    static const std::vector<Setting> settings = make_settings();
    return settings;
}

}  // namespace parley::app

#include "app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/banner.hpp"
#include "app/env_file.hpp"
#include "app/settings.hpp"
#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

// A working folder of its own, removed at the end; arguments and environment as the test sets them.
class Config : public ::testing::Test {
protected:
    Config() { std::filesystem::create_directories(folder_); }
    ~Config() override { std::filesystem::remove_all(folder_); }

    void env_file(std::string_view text) { std::ofstream(folder_ / ".env") << text; }

    Command run(std::vector<std::string> arguments) {
        Surroundings surroundings;
        surroundings.arguments = std::move(arguments);
        surroundings.folder = folder_.string();
        surroundings.environment = [this](const char* name) -> const char* {
            const auto found = environment_.find(name);
            return found == environment_.end() ? nullptr : found->second.c_str();
        };
        return read_command(surroundings);
    }

    Options serve(std::vector<std::string> flags = {}) {
        flags.insert(flags.begin(), "serve");
        const Command command = run(flags);
        EXPECT_EQ(command.kind, Command::Kind::Serve) << command.text;
        return command.options;
    }

    std::string failure(std::vector<std::string> arguments) {
        const Command command = run(std::move(arguments));
        EXPECT_EQ(command.kind, Command::Kind::Fail);
        EXPECT_TRUE(command.text.ends_with('\n'));
        return command.text;
    }

    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("parley-config-" + hex_encode(random_bytes(8)));
    Variables environment_;
};

TEST_F(Config, NothingGivenIsTheDefault) {
    const Options options = serve();
    EXPECT_EQ(options.server.host, "::");
    EXPECT_EQ(options.server.port, 5000);
    EXPECT_EQ(options.server.data_dir, "./data");
    EXPECT_EQ(options.server.static_dir, "");
    EXPECT_EQ(options.auth.token_lifetime, 15 * 24h);
    EXPECT_THAT(options.origins.allowed, ElementsAre("http://localhost:3000", "http://localhost:5173"));
    EXPECT_TRUE(options.origins.trusted_proxies.contains(net::IpAddress::parse("127.0.0.9").value()));
    EXPECT_TRUE(options.origins.trusted_proxies.contains(net::IpAddress::parse("::1").value()));
    EXPECT_FALSE(options.origins.trusted_proxies.contains(net::IpAddress::parse("10.0.0.1").value()));
}

TEST_F(Config, FlagBeatsEnvironmentBeatsFile) {
    env_file("PORT=1\nHOST=127.0.0.1\nPARLEY_LOOPS=3\n");
    environment_ = {{"PORT", "2"}, {"HOST", "127.0.0.2"}};
    const Options options = serve({"--port", "3"});
    EXPECT_EQ(options.server.port, 3);
    EXPECT_EQ(options.server.host, "127.0.0.2");
    EXPECT_EQ(options.server.loops, 3U);
}

TEST_F(Config, AnEmptyVariableIsNoneAndHidesTheFile) {
    env_file("PORT=1\nHOST=\n");
    environment_ = {{"PORT", ""}};
    EXPECT_EQ(serve().server.port, 5000);
    EXPECT_EQ(serve().server.host, "::");
}

TEST_F(Config, BothWaysToWriteAFlag) {
    EXPECT_EQ(serve({"--port=80"}).server.port, 80);
    EXPECT_EQ(serve({"--port", "80"}).server.port, 80);
    EXPECT_EQ(serve({"--port", "80", "--port", "81"}).server.port, 81);
}

TEST_F(Config, AWrongValueNamesItsSettingAndWhatIsRight) {
    EXPECT_EQ(failure({"serve", "--port", "70000"}), "--port: \"70000\" is not a port; give a number from 0 to 65535\n");
    EXPECT_EQ(failure({"serve", "--port", "-1"}), "--port: \"-1\" is not a port; give a number from 0 to 65535\n");
}

TEST_F(Config, AWrongValueTellsWhereItCameFrom) {
    environment_ = {{"PARLEY_BCRYPT_COST", "16"}};
    env_file("PARLEY_RATE_LIMITS=perhaps");
    EXPECT_EQ(failure({"serve"}),
              "PARLEY_BCRYPT_COST (environment): \"16\" is not a bcrypt cost; give a number from 4 to 15\n"
              "PARLEY_RATE_LIMITS (.env): \"perhaps\" is neither on nor off; give on or off\n");
}

TEST_F(Config, AMissingValueIsAnError) {
    for (const char* flag : {"--port", "--port="})
        EXPECT_EQ(failure({"serve", flag}), "--port: its value is missing; write --port NUMBER\n");
}

TEST_F(Config, AnUnknownFlagSuggestsTheNearest) {
    EXPECT_EQ(failure({"serve", "--prot", "80"}), "--prot: there is no such setting; did you mean --port?\n");
    EXPECT_EQ(failure({"serve", "--data=x"}), "--data: there is no such setting; parley --help lists them all\n");
    EXPECT_EQ(failure({"serve", "--quite-something-else"}),
              "--quite-something-else: there is no such setting; parley --help lists them all\n");
    EXPECT_EQ(failure({"--port", "80"}), "--port: settings come after the command; write parley serve --port ...\n");
    EXPECT_THAT(failure({"start"}), HasSubstr("\"start\" is not a command"));
    EXPECT_THAT(failure({"serve", "now"}), HasSubstr("\"now\" is not a command"));
    EXPECT_THAT(failure({}), HasSubstr("parley serve"));
}

TEST_F(Config, UnknownVariablesAreNobodysBusiness) {
    environment_ = {{"PARLEY_NOTHING", "x"}};
    env_file("CLOUDINARY_KEY=x");
    serve();
}

TEST_F(Config, AMongoDbAddressChoosesMongoDb) {
    EXPECT_EQ(serve().storage.chosen(), StorageKind::Sqlite);
    env_file("MONGO_DB_URI=mongodb://me:hunter2@db.example/chat");
    const Options options = serve();
    EXPECT_EQ(options.storage.chosen(), StorageKind::MongoDb);
    EXPECT_EQ(options.storage.mongodb_uri, "mongodb://me:hunter2@db.example/chat");
    EXPECT_EQ(serve({"--storage", "sqlite"}).storage.chosen(), StorageKind::Sqlite);
    environment_ = {{"MONGO_DB_URI", ""}};
    EXPECT_EQ(serve().storage.chosen(), StorageKind::Sqlite);
    EXPECT_THAT(failure({"serve", "--storage", "mongodb"}), HasSubstr("MONGO_DB_URI is missing"));
}

TEST_F(Config, AMongoDbAddressThatIsNoneIsRefusedWithoutShowingItsPassword) {
    env_file("MONGO_DB_URI=postgres://me:hunter2@db.example/chat");
    const std::string text = failure({"serve"});
    EXPECT_THAT(text, HasSubstr("MONGO_DB_URI (.env): is not the address of a MongoDB server"));
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

TEST_F(Config, DialectsThatAreKnownButNotSpoken) {
    EXPECT_THAT(failure({"serve", "--dialect", "chatify"}), HasSubstr("does not speak yet; give mern-chat-app"));
    EXPECT_THAT(failure({"serve", "--dialect", "x"}), HasSubstr("is not a dialect"));
    serve({"--dialect", "mern-chat-app"});
}

TEST_F(Config, ValuesOfEveryKind) {
    const Options options = serve({"--token-lifetime", "7", "--presence-interval=250", "--max-body", "1M", "--compat-status", "on",
                                   "--avatars", "original", "--storage", "memory", "--log-level", "debug", "--allowed-origins",
                                   "https://a.example/, http://b:81", "--trusted-proxies", "10.0.0.0/8,loopback", "--host", "localhost"});
    EXPECT_EQ(options.auth.token_lifetime, 7 * 24h);
    EXPECT_EQ(options.sockets.presence_interval, 250ms);
    EXPECT_EQ(options.http.max_body_bytes, 1048576U);
    EXPECT_TRUE(options.compat.compat_status);
    EXPECT_EQ(options.compat.avatars, AvatarKind::Original);
    EXPECT_EQ(options.storage.kind, StorageKind::Memory);
    EXPECT_EQ(options.logging.level, log::Level::Debug);
    EXPECT_THAT(options.origins.allowed, ElementsAre("https://a.example", "http://b:81"));
    EXPECT_TRUE(options.origins.trusted_proxies.contains(net::IpAddress::parse("10.2.3.4").value()));
    EXPECT_TRUE(options.origins.trusted_proxies.contains(net::IpAddress::parse("127.0.0.1").value()));
    EXPECT_EQ(options.server.host, "127.0.0.1");
}

TEST_F(Config, NobodyIsTrustedAndNoOriginAllowed) {
    const Options options = serve({"--trusted-proxies", "none", "--allowed-origins", "none"});
    EXPECT_TRUE(options.origins.trusted_proxies.networks.empty());
    EXPECT_TRUE(options.origins.allowed.empty());
}

TEST_F(Config, ABuiltFrontendIsFound) {
    std::filesystem::create_directories(folder_ / "frontend" / "dist");
    EXPECT_EQ(serve().server.static_dir, (folder_ / "frontend" / "dist").string());
    std::ofstream(folder_ / "index.html") << "<html>";
    EXPECT_EQ(serve({"--static-dir", folder_.string()}).server.static_dir, folder_.string());
}

TEST_F(Config, AFrontendThatIsNotThere) {
    EXPECT_THAT(failure({"serve", "--static-dir", "/nowhere"}), HasSubstr("--static-dir: \"/nowhere\" is not a folder"));
    EXPECT_THAT(failure({"serve", "--static-dir", folder_.string()}), HasSubstr("has no index.html"));
}

TEST_F(Config, AnEnvFileThatCannotBeReadStopsTheStart) {
    std::filesystem::create_directory(folder_ / ".env");
    EXPECT_THAT(failure({"serve"}), HasSubstr(".env: cannot be read"));
}

TEST_F(Config, WhatDiffersFromTheDefaultsIsToldWithoutSecrets) {
    environment_ = {{"JWT_SECRET", "0123456789abcdef"}};
    const Command command = run({"serve", "--port", "81"});
    EXPECT_THAT(command.settings, ElementsAre("port=81 (--port)", "jwt-secret=*** (JWT_SECRET (environment))"));
    EXPECT_TRUE(command.warnings.empty());
}

TEST_F(Config, DangerousChoicesAreWarnedOf) {
    EXPECT_EQ(run({"serve", "--jwt-secret", "short"}).warnings.size(), 1U);
    EXPECT_EQ(run({"serve", "--legacy-query-auth", "on"}).warnings.size(), 1U);
    EXPECT_EQ(run({"serve", "--allowed-origins", "*"}).warnings.size(), 1U);
    EXPECT_EQ(run({"serve", "--storage", "memory"}).warnings.size(), 1U);
}

TEST_F(Config, VersionAndHelp) {
    EXPECT_EQ(run({"--version"}).text, "parley " PARLEY_VERSION "\n");
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--help"}, {"-h"}, {"serve", "--help"}, {"serve", "--port", "1", "-h"}}) {
        const Command command = run(arguments);
        EXPECT_EQ(command.kind, Command::Kind::Print);
        EXPECT_EQ(command.text, help_text());
    }
}

TEST(Settings, EveryDefaultIsAcceptedAsItIsShown) {
    for (const Setting& setting : all_settings()) {
        Options options;
        const std::string shown = setting.show(options);
        if (shown.empty()) continue;
        EXPECT_EQ(setting.apply(options, shown), std::nullopt) << setting.name;
        EXPECT_EQ(setting.show(options), shown) << setting.name;
    }
}

TEST(Settings, EveryOneIsInTheHelpOnceAndNamesAreUnique) {
    const std::string help = help_text();
    std::map<std::string, int> names;
    for (const Setting& setting : all_settings()) {
        EXPECT_THAT(help, HasSubstr("--" + setting.name + " " + setting.value + "  [" + setting.variable + "]")) << setting.name;
        EXPECT_FALSE(setting.default_text.empty()) << setting.name;
        EXPECT_EQ(++names[setting.name], 1) << setting.name;
        EXPECT_EQ(++names[setting.variable], 1) << setting.variable;
    }
}

TEST(Banner, NamesTheAddressThatABrowserOpens) {
    Options options;
    EXPECT_EQ(local_address(options, 5000), "http://localhost:5000");
    options.server.host = "0.0.0.0";
    EXPECT_EQ(local_address(options, 80), "http://localhost:80");
    options.server.host = "192.168.0.7";
    EXPECT_EQ(local_address(options, 80), "http://192.168.0.7:80");
    options.server.host = "fd00::7";
    EXPECT_EQ(local_address(options, 80), "http://[fd00::7]:80");
    EXPECT_THAT(banner(options, 80, true, "").front(), HasSubstr("http://[fd00::7]:80"));
}

TEST(Banner, SaysWhatIsServedAndWhatIsMissing) {
    Options options;
    EXPECT_EQ(banner(options, 80, true, "").back(), "frontend: the built-in web client");
    const std::string missing = banner(options, 80, true, "npm was not there when it was built").back();
    EXPECT_THAT(missing, HasSubstr("npm was not there when it was built. `make build` installs"));
    EXPECT_THAT(missing, HasSubstr("--static-dir"));
    options.server.static_dir = "mine/dist";
    EXPECT_EQ(banner(options, 80, true, "anything").back(), "frontend: mine/dist");
}

}  // namespace
}  // namespace parley::app

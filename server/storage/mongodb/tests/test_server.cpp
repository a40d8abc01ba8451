#include "storage/mongodb/tests/test_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mongoc/mongoc.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace parley::storage::mongodb {
namespace {

namespace fs = std::filesystem;
using Kind = TestServer::Kind;
using std::chrono::steady_clock;

constexpr auto kStartLimit = std::chrono::seconds(60);
constexpr auto kStopLimit = std::chrono::seconds(20);
constexpr auto kPollEvery = std::chrono::milliseconds(10);
constexpr int kPortTries = 5;

struct Program {
    const char* name;
    const char* variable;
    const char* place;  // under test-databases/
};

const Program& program_of(Kind kind) {
    static constexpr std::array<Program, 3> kPrograms = {{
        {"SecantusDB", "PARLEY_TEST_SECANTUS", "secantusdb/bin/secantusd-py"},
        {"FerretDB", "PARLEY_TEST_FERRETDB", "ferretdb/ferretdb"},
        {"a server of one's own", "PARLEY_TEST_MONGO_URI", ""},
    }};
    return kPrograms[static_cast<std::size_t>(kind)];
}

const char* variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : nullptr;
}

// From build/<preset>/…/x_test up to build/test-databases.
std::optional<fs::path> find_program(Kind kind) {
    const Program& program = program_of(kind);
    if (const char* path = variable(program.variable)) return fs::exists(path) ? std::optional<fs::path>(path) : std::nullopt;
    for (fs::path up = fs::read_symlink("/proc/self/exe"); up.has_relative_path(); up = up.parent_path()) {
        const fs::path path = up.parent_path() / "test-databases" / program.place;
        if (fs::exists(path)) return path;
    }
    return std::nullopt;
}

bool is_here(Kind kind) {
    return kind == Kind::Given ? variable(program_of(kind).variable) != nullptr : find_program(kind).has_value();
}

void skip(const std::string& why) {
    GTEST_SKIP() << why;
}

std::uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                       ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    ::close(probe);
    if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
    return ntohs(address.sin_port);
}

// mongodb://hosts[/database][?options] with another database.
std::string with_database(std::string uri, const std::string& database) {
    const std::size_t hosts = uri.find("://") + 3;
    const std::size_t question = uri.find('?', hosts);
    const std::string options = question == std::string::npos ? "" : uri.substr(question);
    return uri.substr(0, std::min(uri.find('/', hosts), question)) + "/" + database + options;
}

struct ClientDeleter {
    void operator()(mongoc_client_t* client) const { mongoc_client_destroy(client); }
};
using OwnedClient = std::unique_ptr<mongoc_client_t, ClientDeleter>;

OwnedClient connect(const std::string& uri, int milliseconds) {
    mongoc_init();
    bson_error_t error;
    mongoc_uri_t* parsed = mongoc_uri_new_with_error(uri.c_str(), &error);
    if (parsed == nullptr) throw std::runtime_error(error.message);
    mongoc_uri_set_option_as_int32(parsed, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, milliseconds);
    mongoc_uri_set_option_as_int32(parsed, MONGOC_URI_CONNECTTIMEOUTMS, milliseconds);
    mongoc_uri_set_option_as_int32(parsed, MONGOC_URI_SOCKETTIMEOUTMS, milliseconds);
    OwnedClient client(mongoc_client_new_from_uri(parsed));
    mongoc_uri_destroy(parsed);
    return client;
}

// The servers that all tests of a program share. As an environment of GoogleTest they go before statics and libraries do.
class SharedServers : public ::testing::Environment {
public:
    TestServer& of(Kind kind) {
        auto& server = servers_[static_cast<std::size_t>(kind)];
        if (!server) server = std::make_unique<TestServer>(kind);
        return *server;
    }

    std::string fresh_uri(Kind kind) {
        const std::string uri = of(kind).uri(fmt::format("parley_test_{}_{}", ::getpid(), ++made_));
        if (kind == Kind::Given) to_drop_.push_back(uri);
        return uri;
    }

    void TearDown() override {
        for (const std::string& uri : to_drop_) drop(uri);
        to_drop_.clear();
        for (auto& server : servers_) server.reset();
    }

private:
    static void drop(const std::string& uri) {
        const OwnedClient client = connect(uri, 5000);
        mongoc_database_t* database = mongoc_client_get_default_database(client.get());
        mongoc_database_drop(database, nullptr);
        mongoc_database_destroy(database);
    }

    std::array<std::unique_ptr<TestServer>, 3> servers_;
    std::vector<std::string> to_drop_;
    int made_ = 0;
};

// GoogleTest owns and deletes it.
SharedServers& shared_servers = *static_cast<SharedServers*>(::testing::AddGlobalTestEnvironment(new SharedServers));

// Between fork and exec: nothing here may allocate.
[[noreturn]] void become(const std::vector<char*>& arguments, const char* folder, int log, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    if (::chdir(folder) == 0) ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

}  // namespace

bool TestServer::available(Kind kind) {
    return is_here(kind);
}

bool TestServer::require(Kind kind) {
    if (is_here(kind)) return true;
    const Program& program = program_of(kind);
    const std::string why = kind == Kind::Given
                                ? fmt::format("{} is not set", program.variable)
                                : fmt::format("{} is not here: run tools/test-databases, or set {}", program.name, program.variable);
    if (kind != Kind::Given && variable("CI") != nullptr) {
        ADD_FAILURE() << why;
    } else {
        skip(why);
    }
    return false;
}

TestServer& TestServer::shared(Kind kind) {
    return shared_servers.of(kind);
}

std::string TestServer::fresh_uri(Kind kind) {
    return shared_servers.fresh_uri(kind);
}

TestServer::TestServer(Kind kind, Options options) : kind_(kind), options_(std::move(options)) {
    if (kind_ == Kind::Given) return;
    std::string name = (fs::temp_directory_path() / "parley-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder for a database");
    folder_ = name;
    fs::create_directory(folder_ / "data");
    std::ofstream(folder_ / "config");  // SecantusDB would look for one in the person's home
    if (options_.port != 0) {
        start();
    } else {
        start_on_free_port();
    }
}

TestServer::~TestServer() {
    kill();
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

std::string TestServer::uri(const std::string& database) const {
    if (kind_ == Kind::Given) return with_database(variable(program_of(kind_).variable), database);
    const std::string options = options_.uri_options.empty() ? "" : "?" + options_.uri_options;
    return fmt::format("mongodb://127.0.0.1:{}/{}{}", options_.port, database, options);
}

// Somebody else may take the port between the look and the start.
void TestServer::start_on_free_port() {
    for (int left = kPortTries; left > 0; --left) {
        options_.port = free_port();
        try {
            return start();
        } catch (const std::runtime_error&) {
            if (left == 1) throw;
        }
    }
}

void TestServer::start() {
    if (kind_ == Kind::Given || pid_ > 0) return;
    launch();
    const auto end = steady_clock::now() + kStartLimit;
    while (!answers()) {
        if (ended() || steady_clock::now() > end) {
            kill();
            throw std::runtime_error(fmt::format("{} did not start on port {}:\n{}", program_of(kind_).name, options_.port, log()));
        }
        std::this_thread::sleep_for(kPollEvery);
    }
    // What answered must be ours, and not somebody who took the port first.
    if (ended()) throw std::runtime_error(fmt::format("{} ended at once:\n{}", program_of(kind_).name, log()));
}

void TestServer::launch() {
    const auto program = find_program(kind_);
    if (!program) throw std::runtime_error(fmt::format("{} is not here", program_of(kind_).name));
    const std::string data = folder_ / "data";
    const std::string port = std::to_string(options_.port);
    std::vector<std::string> command = {fs::absolute(*program).string(), kind_ == Kind::FerretDb ? "-port" : "--port", port};
    if (kind_ == Kind::FerretDb) {
        command.insert(command.end(), {"-folder", data});
    } else {
        command.insert(command.end(),
                       {"--config", folder_ / "config", "--host", "127.0.0.1", "--storage-path", data, "--enable-test-commands"});
    }
    command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);

    const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) become(arguments, folder_.c_str(), log, parent);
    ::close(log);
    if (pid_ < 0) throw std::runtime_error("no process for a database");
}

// Any answer will do, also a refusal: with --auth only those who log in may ping.
bool TestServer::answers() const {
    const OwnedClient client = connect(uri("admin"), 1000);
    bson_t ping = BSON_INITIALIZER;
    BSON_APPEND_INT32(&ping, "ping", 1);
    bson_error_t error;
    return mongoc_client_command_simple(client.get(), "admin", &ping, nullptr, nullptr, &error) || error.domain == MONGOC_ERROR_SERVER;
}

bool TestServer::ended() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ < 0;
}

void TestServer::stop() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGCONT);
    ::kill(pid_, SIGTERM);
    const auto end = steady_clock::now() + kStopLimit;
    while (!ended() && steady_clock::now() < end) std::this_thread::sleep_for(kPollEvery);
    kill();
}

void TestServer::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void TestServer::restart() {
    stop();
    start();
}

void TestServer::freeze() {
    if (pid_ > 0) ::kill(pid_, SIGSTOP);
}

void TestServer::thaw() {
    if (pid_ > 0) ::kill(pid_, SIGCONT);
}

std::string TestServer::log() const {
    std::ifstream file(folder_ / "log");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace parley::storage::mongodb

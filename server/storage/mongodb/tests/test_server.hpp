// TestServer: a database server of MongoDB's protocol for tests, a real process on 127.0.0.1 with a folder of its own.
// The programs come from tools/test-databases: PARLEY_TEST_SECANTUS and PARLEY_TEST_FERRETDB name them, else they are looked for in
// test-databases/ beside the build folder. Kind::Given is whatever server PARLEY_TEST_MONGO_URI names; nothing starts or stops that one.
//
//   if (!TestServer::require(Kind::Secantus)) return;                      // in SetUp or a test's first line
//   auto link = Link::open(TestServer::fresh_uri(Kind::Secantus));         // the program's shared server, a database nobody else uses
//   TestServer own(Kind::Secantus, {.arguments = {"--sync-on-commit"}});   // one to kill
//
// A server that does not start is an exception with its log. Each dies with its test, however that ends: of an own server this means the
// *thread* that started it.
// Threading: the test's main thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace parley::storage::mongodb {

class TestServer {
public:
    enum class Kind { Secantus, FerretDb, Given };

    struct Options {
        std::uint16_t port = 0;              // 0: any free one, the same over all restarts
        std::vector<std::string> arguments;  // appended to the program's own
        std::string uri_options;             // such as "tls=true&tlsCAFile=…": after the ? of every uri()
    };

    // False if there is no such server here. The running test is then marked as skipped; as failed where CI is set, but for Given, which is optional.
    static bool require(Kind kind);
    static bool available(Kind kind);

    // The program's one server of that kind, started when first asked for, gone after the last test.
    static TestServer& shared(Kind kind);
    static std::string uri(Kind kind, const std::string& database) { return shared(kind).uri(database); }
    // Of a database that no other test and no other run uses; dropped after the last test where the server stays.
    static std::string fresh_uri(Kind kind);

    // An own server, running when this returns.
    explicit TestServer(Kind kind) : TestServer(kind, Options()) {}
    TestServer(Kind kind, Options options);
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    std::string uri(const std::string& database) const;
    std::uint16_t port() const { return options_.port; }
    pid_t pid() const { return pid_; }

    // Returns when it answers. Its documents are those that it had.
    void start();
    // As an administrator would: SIGTERM, and SIGKILL only if that does not help in 20 s.
    void stop();
    // kill -9.
    void kill();
    void restart();
    // Stops its process without closing a connection: it is there and answers nothing.
    void freeze();
    void thaw();

private:
    void start_on_free_port();
    void launch();
    bool answers() const;
    // Whether its process has ended (and been waited for).
    bool ended();
    std::string log() const;

    const Kind kind_;
    Options options_;
    std::filesystem::path folder_;
    pid_t pid_ = -1;
};

}  // namespace parley::storage::mongodb

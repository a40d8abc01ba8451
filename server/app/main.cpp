// parley: the command. Reads the configuration, serves until SIGTERM or SIGINT, ends with 0; 1 when it could not start, 2 for a wrong setting.
// Or imports or exports.
#include <fmt/core.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "app/banner.hpp"
#include "app/chat_server.hpp"
#include "app/config.hpp"
#include "app/logging.hpp"
#include "app/transfer_command.hpp"
#include "app/version.hpp"
#include "site/embedded_client.hpp"

namespace parley::app {
namespace {

// SIGTERM and SIGINT are waited for, in every thread of the process; a peer that has gone is an error of write(), not a signal.
sigset_t take_signals() {
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t stopping;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTERM);
    sigaddset(&stopping, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stopping, nullptr);
    return stopping;
}

int wait_for(const sigset_t& signals) {
    int signal = 0;
    while (::sigwait(&signals, &signal) != 0) continue;
    return signal;
}

// Storage that cannot be opened now may be later; nobody is served before.
Result<std::unique_ptr<ChatServer>> start_with_patience(const Options& options) {
    constexpr int kTries = 5;
    auto pause = std::chrono::milliseconds(250);
    for (int attempt = 1;; ++attempt, pause *= 2) {
        auto server = ChatServer::start(options);
        if (server || server.error().code != ErrorCode::Unavailable || attempt == kTries) return server;
        log::warn("{}; trying again in {} ms", server.error().message, pause.count());
        std::this_thread::sleep_for(pause);
    }
}

// Large blocks (lists, answers) are mapped and unmapped one by one rather than left as holes in the heap: glibc would raise the threshold with the
// first of them that is freed. An arena for each loop, and two for the threads of storage and passwords.
void tune_allocator(std::size_t loops) {
    ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    ::mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    ::mallopt(M_ARENA_MAX, static_cast<int>((loops > 0 ? loops : std::thread::hardware_concurrency()) + 2));
}

std::string missing_client() {
    const auto client = site::embedded_client();
    return client ? std::string() : client.error().message;
}

int serve(const Command& command) {
    tune_allocator(command.options.server.loops);
    const sigset_t stopping = take_signals();
    const Logging logging(command.options.logging.level);
    for (const auto& setting : command.settings) log::info("setting {}", setting);
    for (const auto& warning : command.warnings) log::warn("{}", warning);

    auto server = start_with_patience(command.options);
    if (!server) {
        log::error("not started: {}", server.error().message);
        return 1;
    }
    const bool ready = (*server)->ready();
    for (const auto& line : banner(command.options, (*server)->port(), ready, missing_client())) log::info("{}", line);
    fmt::print("Parley {} {} {}\n", version(), readiness(ready), local_address(command.options, (*server)->port()));
    std::fflush(stdout);

    log::info("signal {}: stopping; a second one ends at once", ::strsignal(wait_for(stopping)));
    std::thread([stopping] {
        wait_for(stopping);
        ::_exit(1);
    }).detach();
    const bool in_time = (*server)->stop();
    log::info("stopped");
    if (!in_time) {
        // Something of the cut requests may still be suspended somewhere in the middle: there is nothing left to save, so nothing is taken apart.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        ::_exit(0);
    }
    return 0;
}

}  // namespace
}  // namespace parley::app

int main(int argc, char** argv) {
    using namespace parley::app;
    const Command command = read_command(Surroundings::of_process(argc, argv));
    switch (command.kind) {
        case Command::Kind::Print: std::fputs(command.text.c_str(), stdout); return 0;
        case Command::Kind::Fail: std::fputs(command.text.c_str(), stderr); return 2;
        case Command::Kind::Serve: return serve(command);
        case Command::Kind::Transfer: return run_transfer(command.transfer);
    }
}

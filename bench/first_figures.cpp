// First figures of a running server: start time, memory at rest, memory per authenticated Socket.IO connection, durable sends per second beside
// what this disk can sync. Prints one Markdown table row per figure.
//
//     first_figures PARLEY_BINARY DATA_FOLDER [SOCKETS [SECONDS]]
//
// DATA_FOLDER must be on the disk to be measured; a folder of its own is made and removed below it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

#include "http_client.hpp"
#include "process.hpp"

namespace {

using namespace bench;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

double seconds_since(Clock::time_point began) {
    return Seconds(Clock::now() - began).count();
}

std::vector<std::string> serve(const std::string& binary, const std::filesystem::path& data) {
    return {binary,          "serve", "--port",        "0",   "--host",      "127.0.0.1", "--data-dir", data.string(),
            "--bcrypt-cost", "4",     "--rate-limits", "off", "--log-level", "warn"};
}

void row(const std::string& what, const std::string& figure, const std::string& goal) {
    fmt::print("| {} | {} | {} |\n", what, figure, goal);
    std::fflush(stdout);
}

// How often this disk makes a 4 KiB append durable: the ceiling of a server that syncs once per commit.
double syncs_per_second(const std::filesystem::path& folder, double seconds) {
    const auto file = folder / "sync-probe";
    const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) throw std::runtime_error("cannot write to " + folder.string());
    const std::string page(4096, 'x');
    const auto began = Clock::now();
    std::size_t count = 0;
    for (; seconds_since(began) < seconds; ++count) {
        if (::write(fd, page.data(), page.size()) < 0 || ::fdatasync(fd) != 0) throw std::runtime_error("the disk refuses to write");
    }
    const double elapsed = seconds_since(began);
    ::close(fd);
    std::filesystem::remove(file);
    return static_cast<double>(count) / elapsed;
}

std::vector<Login> sign_up_many(int port, std::size_t count) {
    std::vector<Login> logins(count);
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            HttpClient client(port);
            for (std::size_t k; (k = next++) < count;) logins[k] = sign_up(client, fmt::format("user{}", k));
        });
    }
    for (auto& thread : threads) thread.join();
    return logins;
}

// One frame of a client: text, masked with zeros.
std::string client_frame(std::string_view text) {
    std::string frame{static_cast<char>(0x81), static_cast<char>(0x80 | text.size())};
    frame.append(4, '\0');
    frame += text;
    return frame;
}

// Reads until `wanted` has come by; what follows is thrown away.
void read_until(int fd, std::string_view wanted) {
    std::string seen;
    char chunk[65536];
    while (seen.find(wanted) == std::string::npos) {
        const ssize_t count = ::recv(fd, chunk, sizeof chunk, 0);
        if (count <= 0) throw std::runtime_error(fmt::format("a socket was closed before '{}' came: {}", wanted, seen.substr(0, 200)));
        seen.append(chunk, static_cast<std::size_t>(count));
    }
}

int open_socket(int port, unsigned number, const Login& login) {
    const int fd = connect_to(port, number);
    const std::string request = fmt::format(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nCookie: {}\r\n\r\n",
        login.cookie);
    ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    read_until(fd, "\"sid\"");
    const std::string connect = client_frame("40");
    ::send(fd, connect.data(), connect.size(), MSG_NOSIGNAL);
    read_until(fd, "40{");
    return fd;
}

// Takes what the server sends (online lists) off the sockets until it has been quiet for a second.
void drain(const std::vector<int>& sockets) {
    std::vector<char> chunk(1 << 20);
    for (int quiet = 0; quiet < 10;) {
        bool heard = false;
        for (int fd : sockets) {
            while (::recv(fd, chunk.data(), chunk.size(), MSG_DONTWAIT) > 0) heard = true;
        }
        quiet = heard ? 0 : quiet + 1;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

void measure_sockets(const std::string& binary, const std::filesystem::path& data, std::size_t count) {
    Process server(serve(binary, data));
    row("start, fork to listening", fmt::format("{} ms", server.start_time().count()), "under 100 ms");
    row("memory at rest", fmt::format("{:.1f} MB", static_cast<double>(server.rss_kib()) / 1024), "under 15 MB");

    const auto logins = sign_up_many(server.port(), count);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const long before = server.rss_kib();
    std::vector<int> sockets;
    for (std::size_t i = 0; i < count; ++i) {
        sockets.push_back(open_socket(server.port(), static_cast<unsigned>(i), logins[i]));
        if (i % 500 == 499) drain({sockets.end() - 500, sockets.end()});
    }
    drain(sockets);
    const long after = server.rss_kib();
    row(fmt::format("memory per authenticated socket, {} users with one each", count),
        fmt::format("{:.2f} KiB ({} to {} KiB)", static_cast<double>(after - before) / static_cast<double>(count), before, after),
        "under 2.5 KiB");
    for (int fd : sockets) ::close(fd);
}

void measure_sends(const std::string& binary, const std::filesystem::path& data, double seconds) {
    constexpr std::size_t kClients = 64;
    const double ceiling = syncs_per_second(data.parent_path(), std::min(seconds, 3.0));
    row("this disk: fdatasync of a 4 KiB append", fmt::format("{:.0f} per second", ceiling), "");

    Process server(serve(binary, data));
    const auto logins = sign_up_many(server.port(), kClients);
    std::atomic<std::size_t> sent{0};
    std::atomic<std::size_t> failed{0};
    const double cpu_before = server.cpu_seconds();
    const auto began = Clock::now();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kClients; ++i) {
        threads.emplace_back([&, i] {
            HttpClient client(server.port());
            const std::string path = "/api/messages/send/" + logins[i ^ 1].id;
            while (seconds_since(began) < seconds) {
                const Answer answer = client.request(
                    "POST", path, R"({"message":"a chat message of ordinary length, about one hundred bytes in all"})", logins[i].cookie);
                ++(answer.status == 201 ? sent : failed);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    const double elapsed = seconds_since(began);
    const double cpu = server.cpu_seconds() - cpu_before;
    const auto count = static_cast<double>(sent.load());
    row(fmt::format("durable sends by REST, {} clients", kClients),
        fmt::format("{:.0f} per second ({} refused)", count / elapsed, failed.load()), "");
    row("messages made durable per sync that the disk could do", fmt::format("{:.1f}", count / elapsed / ceiling), "");
    row("server CPU per durable send", fmt::format("{:.0f} us", cpu * 1e6 / count), "");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "usage: first_figures PARLEY_BINARY DATA_FOLDER [SOCKETS [SECONDS]]\n");
        return 2;
    }
    const std::filesystem::path folder = std::filesystem::path(argv[2]) / "parley-bench";
    const std::size_t sockets = argc > 3 ? static_cast<std::size_t>(std::atol(argv[3])) : 10000;
    const double seconds = argc > 4 ? std::atof(argv[4]) : 5;
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    try {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        fmt::print("| what | figure | goal |\n|---|---|---|\n");
        measure_sockets(argv[1], folder / "sockets", sockets);
        measure_sends(argv[1], folder / "sends", seconds);
        std::filesystem::remove_all(folder);
    } catch (const std::exception& error) {
        fmt::print(stderr, "first_figures: {}\n", error.what());
        return 1;
    }
}

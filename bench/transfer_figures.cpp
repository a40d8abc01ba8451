// How long `parley import` and `parley export` take, and how much memory. Prints one Markdown table row per figure.
//
//     transfer_figures PARLEY_BINARY DATA_FOLDER [MESSAGES]
//
// DATA_FOLDER must be on the disk to be measured; a folder of its own is made and removed below it. The dump that is imported is made first.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/mongodb/documents.hpp"
#include "transfer/dump_folder.hpp"
#include "transfer/report.hpp"

namespace {

using namespace parley;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kUsers = 1'000;
constexpr std::size_t kPartners = 20;  // of each user: 20,000 conversations

template <class T>
T checked(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
}

std::string text_of(std::size_t number) {
    static const std::string words =
        "the quick brown fox jumps over the lazy dog and writes a message about it to everybody who wants to know ";
    return fmt::format("{} {}", number, words.substr(0, 20 + number * 7 % (words.size() - 20)));
}

// Conversations' documents are left out: an import does not need them.
void make_dump(const std::filesystem::path& folder, std::size_t messages) {
    const auto target = checked(transfer::DumpTarget::create(folder.string(), false));
    transfer::Report report;
    checked(target->begin("", report));
    const auto start = chat::system_now() - std::chrono::days(100);
    std::vector<chat::UserId> users;
    for (std::size_t i = 0; i < kUsers; ++i) {
        users.push_back(chat::UserId::generate());
        checked(target->take(chat::User{.id = users.back(),
                                        .full_name = fmt::format("Person {}", i),
                                        .username = fmt::format("person{}", i),
                                        .password_hash = "$2b$10$" + std::string(53, 'x'),
                                        .profile_picture = fmt::format("https://avatar.example/{}", i),
                                        .created_at = start,
                                        .updated_at = start}));
    }
    std::mt19937 random(1);
    const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::days(100)) / (messages + 1);
    for (std::size_t i = 0; i < messages; ++i) {
        const std::size_t sender = random() % kUsers;
        const std::size_t receiver = (sender + 1 + random() % kPartners) % kUsers;
        const auto at = start + step * i;
        checked(target->take(chat::Message{chat::MessageId::generate(), users[sender], users[receiver], text_of(i), at, at}));
    }
    checked(target->finish());
}

struct Run {
    double seconds = 0;
    double megabytes = 0;  // resident, at most
};

Run run(std::vector<std::string> command) {
    const auto began = Clock::now();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot fork");
    if (child == 0) {
        std::vector<char*> arguments;
        for (std::string& word : command) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        if (!std::freopen("/dev/null", "w", stderr)) ::_exit(126);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    int status = 0;
    struct rusage usage{};
    if (::wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error(fmt::format("{} {} failed", command[0], command[1]));
    return {std::chrono::duration<double>(Clock::now() - began).count(), static_cast<double>(usage.ru_maxrss) / 1024};
}

void row(const std::string& what, std::size_t messages, const Run& run, const std::string& goal) {
    fmt::print("| {} | {:.1f} s, {:.0f} messages/s, {:.0f} MiB | {} |\n", what, run.seconds, static_cast<double>(messages) / run.seconds,
               run.megabytes, goal);
    std::fflush(stdout);
}

void measure(const std::string& binary, const std::filesystem::path& folder, std::size_t messages) {
    const auto in = [&](const char* name) { return (folder / name).string(); };
    make_dump(in("dump"), messages);
    row(fmt::format("import a dump of {} messages", messages), messages, run({binary, "import", in("dump"), "--data-dir", in("data")}),
        "a million under 60 s");
    row(fmt::format("export {} messages to JSON lines", messages), messages,
        run({binary, "export", in("all.jsonl"), "--data-dir", in("data")}), "");
    row(fmt::format("import {} messages from JSON lines", messages), messages,
        run({binary, "import", in("all.jsonl"), "--data-dir", in("data2")}), "");
    row(fmt::format("export {} messages to a dump", messages), messages, run({binary, "export", in("dump2"), "--data-dir", in("data2")}),
        "");
    row(fmt::format("import that dump of {} messages, with conversations", messages), messages,
        run({binary, "import", in("dump2"), "--data-dir", in("data3")}), "");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "usage: transfer_figures PARLEY_BINARY DATA_FOLDER [MESSAGES]\n");
        return 2;
    }
    const auto folder = std::filesystem::path(argv[2]) / fmt::format("transfer-figures-{}", ::getpid());
    int code = 0;
    try {
        std::filesystem::create_directories(folder);
        measure(argv[1], folder, argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 1'000'000);
    } catch (const std::exception& error) {
        fmt::print(stderr, "transfer_figures: {}\n", error.what());
        code = 1;
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return code;
}

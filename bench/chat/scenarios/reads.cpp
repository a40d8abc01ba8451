// Reads: a conversation, the list of users, and the smallest answer. The first answer is looked at; the others have to be as long as it is.
#include <fmt/format.h>

#include <stdexcept>

#include "chat/closed_loop.hpp"
#include "chat/people.hpp"
#include "chat/scenarios.hpp"
#include "chat/sending.hpp"

namespace bench::chat {
namespace {

class Reading final : public Work {
public:
    Reading(std::string target, std::string fields, int status, std::size_t length)
        : target_(std::move(target)), fields_(std::move(fields)), status_(status), length_(length) {}

    Request next(std::size_t) override { return {"GET", target_, fields_, ""}; }
    bool is_right(std::size_t, const HttpAnswer& answer) override { return answer.status == status_ && answer.body.size() == length_; }

private:
    const std::string target_;
    const std::string fields_;
    const int status_;
    const std::size_t length_;
};

std::size_t count_of(std::string_view what, std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++count;
    return count;
}

void expect_count(std::string_view things, std::size_t found, std::size_t wanted) {
    if (found != wanted) throw std::runtime_error(fmt::format("the server has {} {}, not {}", found, things, wanted));
}

void measure(Poller& poller, const Options& options, Report& report, Reading work, std::size_t clients, std::size_t length) {
    ClosedLoop(poller, work, options, report, options.clients.value_or(clients)).measure();
    report.figures.emplace_back("bytes_per_answer", length);
}

}  // namespace

void history(const Options& options, Report& report) {
    Poller poller;
    const std::size_t wanted = options.messages.value_or(20);
    const std::string target = "/api/messages/" + user_id(1);
    const std::string cookie = cookie_line(0, options.jwt_secret);
    const auto read = [&] { return ask(poller, options, 200, "GET", target, cookie); };

    const std::size_t there = count_of("\"_id\"", read().body);
    const auto senders = sender_fields(0, 2, options.jwt_secret);
    for (std::size_t i = there; i < wanted; ++i) ask(poller, options, 201, "POST", send_target(1 - i % 2), senders[i % 2], send_body(i));
    const Answer answer = read();
    expect_count("messages between the users 0 and 1", count_of("\"_id\"", answer.body), wanted);
    measure(poller, options, report, Reading(target, cookie, 200, answer.body.size()), 16, answer.body.size());
    report.figures.emplace_back("messages", wanted);
}

void users(const Options& options, Report& report) {
    Poller poller;
    const std::string target = "/api/users";
    std::string fields = cookie_line(0, options.jwt_secret);
    const Answer answer = ask(poller, options, 200, "GET", target, fields);
    const std::size_t others = count_of("\"_id\"", answer.body);
    if (options.users) expect_count("users", others + 1, *options.users);
    const std::string_view tag = header_field(answer.head, "etag");
    if (options.unchanged && tag.empty()) throw std::runtime_error("the list of users has no ETag");
    if (options.unchanged) fields += fmt::format("If-None-Match: {}\r\n", tag);
    const std::size_t length = options.unchanged ? 0 : answer.body.size();
    measure(poller, options, report, Reading(target, fields, options.unchanged ? 304 : 200, length), 16, length);
    report.figures.emplace_back("users", others + 1);
}

void smallest(const Options& options, Report& report) {
    Poller poller;
    const std::string cookie = options.path.starts_with("/api/") ? cookie_line(0, options.jwt_secret) : "";
    const Answer answer = ask(poller, options, 200, "GET", options.path, cookie);
    measure(poller, options, report, Reading(options.path, cookie, 200, answer.body.size()), 64, answer.body.size());
}

}  // namespace bench::chat

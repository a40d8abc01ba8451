// What a REST send is made of, and one that is waited for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/options.hpp"
#include "clients/poller.hpp"

namespace bench::chat {

// The users 0 and 1 are left to the history scenario.
inline constexpr std::size_t kFirstSender = 2;

// Cookie and content type of the users first … first + count - 1.
std::vector<std::string> sender_fields(std::size_t first, std::size_t count, std::string_view jwt_secret);
std::string send_target(std::size_t receiver);
std::string send_body(std::uint64_t number);

struct Answer {
    int status = 0;
    std::string head;
    std::string body;
};
// Asks and waits. Throws std::runtime_error if there is no answer, or none with that status.
Answer ask(Poller& poller, const Options& options, int status, std::string_view method, std::string_view target, std::string_view fields,
           std::string_view body = "");

}  // namespace bench::chat

// Options: what chat_load was told. Absent counts and rates have defaults that depend on the scenario.
#pragma once

#include <optional>
#include <string>

#include "report/report.hpp"

namespace bench::chat {

struct Options {
    int port = 0;
    std::string jwt_secret;
    Watched watched;
    std::optional<std::size_t> users;     // seeded ones that take part
    std::optional<std::size_t> clients;   // connections that ask at once
    std::optional<std::size_t> messages;  // history: how long the conversation is
    std::optional<std::size_t> leaving;   // presence: how many sockets leave, and come back, at a time
    std::optional<double> rate;           // per second
    double seconds = 5;                   // of measuring, after a short warm-up
    double churn = 0;                     // idle: seconds of coming and going
    std::string path;                     // smallest
    bool sends = false;                   // login: others send meanwhile
    bool unchanged = false;               // users: If-None-Match
    bool warm = false;                    // idle: first connect and drop everybody once
};

}  // namespace bench::chat

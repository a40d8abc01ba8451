// Options: what sockets_load was told.
#pragma once

#include <chrono>
#include <string>

#include "report/report.hpp"

namespace bench::sockets {

struct Options {
    std::string scenario;
    int port = 0;
    Watched watched;
    std::size_t connections = 1000;
    double seconds = 5;         // of measuring, after a warm-up
    std::size_t payload = 100;  // bytes of text in each message
    std::size_t pipeline = 1;   // messages of each client in flight
    std::size_t room_size = 100;
    double rate = 0;            // messages sent per second by all together; 0: each as soon as the one before is done
    bool warm = false;          // idle, connect, upgrade: all connect and leave once before
    std::size_t opening = 200;  // connections that are being opened at a time
};

// Throws std::invalid_argument with what is wrong.
Options read_options(int count, char** arguments);

// Text of ordinary letters, with nothing that JSON has to escape.
std::string text_of(std::size_t bytes);

}  // namespace bench::sockets

// Configuration: from what the program was started with (arguments, environment, `.env`) to what it shall do. Starts nothing and prints nothing.
// Precedence: flag, environment, `.env` in the working folder, default. An empty variable is as good as none, and hides one of the same name in
// `.env` (as npm's dotenv keeps it).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/options.hpp"
#include "app/transfer_arguments.hpp"

namespace parley::app {

// Where configuration is read from. A test brings its own.
struct Surroundings {
    std::vector<std::string> arguments;                        // without the program's name
    std::function<const char*(const char* name)> environment;  // like getenv
    std::string folder = ".";                                  // the working folder

    static Surroundings of_process(int argc, char** argv);
};

struct Command {
    enum class Kind : unsigned char {
        Serve,     // run the server with `options`
        Transfer,  // import or export, as `transfer` says
        Print,     // write `text` to standard output and end with 0
        Fail,      // write `text` to standard error and end with 2
    };
    Kind kind = Kind::Fail;
    std::string text;  // ends in a line feed; every wrong setting has a line of its own
    Options options;
    TransferArguments transfer;
    std::vector<std::string> settings;  // "port=5001 (--port)": what differs from the defaults and why; secrets are masked
    std::vector<std::string> warnings;  // to be logged at the start
};

Command read_command(const Surroundings& surroundings);

}  // namespace parley::app

// What `parley import` and `parley export` were asked to do. Starts nothing and looks at no place.
#pragma once

#include <string>
#include <vector>

namespace parley::app {

struct TransferArguments {
    std::string from;
    std::string to;
    bool exporting = false;
    std::string report_file;  // "": none
    bool skip_damaged = false;
    bool gzip = false;
};

struct TransferParse {
    TransferArguments arguments;
    std::string help;     // to be printed instead, if asked for
    std::string problem;  // a line for each thing that is wrong
};

// What holds unless the arguments say otherwise.
struct TransferDefaults {
    std::string data_dir;     // of the embedded database
    std::string mongodb_uri;  // where an import comes from; "": it has to be named
};

// `arguments` begin with "import" or "export".
TransferParse parse_transfer(std::vector<std::string> arguments, const TransferDefaults& defaults);

}  // namespace parley::app

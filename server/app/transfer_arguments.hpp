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

// `arguments` begin with "import" or "export". data_dir: the folder of the embedded database unless they name another.
TransferParse parse_transfer(std::vector<std::string> arguments, const std::string& data_dir);

}  // namespace parley::app

// The whole of a transfer: from one place to another, with a report.
// Everything goes through an embedded database: into it from anywhere (embedded_import.hpp), and from it to anywhere. Between two places that are
// none, a temporary one stands in the middle: it needs room under TMPDIR (/tmp), and is removed at the end.
#pragma once

#include "parley/base/result.hpp"
#include "transfer/place.hpp"
#include "transfer/progress.hpp"
#include "transfer/report.hpp"

namespace parley::transfer {

struct Request {
    Place from;
    Place to;
    bool skip_damaged = false;  // take what can be read of damaged files
    bool gzip = false;          // of a dump that is written
};

// Errors are sentences for the operator; the target has nothing then, or can be given the same again.
Result<bool> transfer(const Request& request, Report& report, Progress& progress);

}  // namespace parley::transfer

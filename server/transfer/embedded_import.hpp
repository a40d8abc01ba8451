// From any source into the embedded database of a data folder: into a stage first, then from there in one transaction, so that the database is
// empty or complete, whatever happens in between.
#pragma once

#include <string>

#include "parley/base/result.hpp"
#include "transfer/progress.hpp"
#include "transfer/report.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

// Takes the folder's lock. Started again after an interruption it goes on from the stage, or finds that everything was done; the report says which.
// Conflict: the database has users or messages of something else. AlreadyExists: a server runs on it. Errors leave the database as it was, and
// are sentences for the operator.
Result<bool> import_into_embedded(Source& source, const std::string& folder, Report& report, Progress& progress);

// Whether an import into this data folder was begun and not finished. For a server too: it may start then, and its operator may want to know.
bool import_left_behind(const std::string& folder);

}  // namespace parley::transfer

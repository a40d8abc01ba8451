// The tables, and how an older database becomes one of today. The version is `PRAGMA user_version`: the number of migrations applied.
#pragma once

#include <string>

#include "parley/base/result.hpp"
#include "storage/sqlite/connection.hpp"

namespace parley::storage::sqlite {

// What migrations number: a database of a higher version was written by a newer server.
int newest_schema_version();

// Puts the database into WAL mode and applies what is missing, each migration in a transaction of its own. `path` is for the sentences.
// Conflict: the schema is newer than this program. InvalidArgument: not a database, or not one of ours. Unavailable: storage.
Result<bool> prepare_schema(Connection& connection, const std::string& path);

}  // namespace parley::storage::sqlite

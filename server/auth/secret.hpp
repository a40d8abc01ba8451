// The secret that tokens are signed with, when none is configured: made once and kept beside the data.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"

namespace parley::auth {

inline constexpr std::string_view kSecretFile = "jwt_secret";
inline constexpr std::size_t kWeakSecretBytes = 16;

// The secret in `folder`/jwt_secret. If there is none, a random one is written first: mode 0600, a temporary file that is synced and renamed, the folder
// synced. Precondition: `folder` exists and is locked by this process. Unavailable, InvalidArgument: it cannot be read or
// written, for now or at all. Unavailable: it is empty.
Result<std::string> load_or_create_secret(const std::filesystem::path& folder);

// Shorter than kWeakSecretBytes: short enough to be guessed from one token.
bool is_weak_secret(std::string_view secret);

}  // namespace parley::auth

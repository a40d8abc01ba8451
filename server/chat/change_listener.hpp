// ChangeListener: hears of what others changed in a storage that is shared with them: another server of ours, the original, an administrator.
// (Foreign messages come to the CommitListener.) Best effort: a change may be heard late, twice or, while the storage is away, not at all; caches
// have to end by themselves too.
// Threading: called on a thread of the storage, one call at a time; must not block.
#pragma once

#include <string>

#include "chat/values.hpp"

namespace parley::chat {

class ChangeListener {
public:
    virtual ~ChangeListener() = default;
    virtual void user_changed(UserId user) = 0;
    virtual void user_removed(UserId user) = 0;
    // session: as SessionStore::revoke was given it.
    virtual void session_revoked(const std::string& session) = 0;
};

}  // namespace parley::chat

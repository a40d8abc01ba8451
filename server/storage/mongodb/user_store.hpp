// UserStore on MongoDB; see chat/user_store.hpp for what it promises. The users are the documents that the original writes and reads too
// (documents.hpp); what only we need lies beside them: the username keys (usernames.hpp) and a counter for the directory's version.
//
// Signing up is three writes without a transaction: the key is claimed, the user inserted, the claim looked at again. Whatever interrupts it, no
// name has two users of ours, and one without a user is free again after Usernames::kClaimGrace. If the database does not answer, the same user is
// tried again for five seconds; after that nobody can say whether the account exists, and a later sign-up with the name finds out.
//
// The directory is in the order of the ids, which is that of the signing up to the second, and within one process exactly. Documents that are no
// users are left out. A search by text reads everybody until the page is full: letter case in all languages is nothing that MongoDB's indexes know.
// Threading: as the port says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chat/user_store.hpp"
#include "storage/mongodb/usernames.hpp"
#include "storage/mongodb/workers.hpp"

namespace parley::storage::mongodb {

class UserStore : public chat::UserStore {
public:
    // on_removed: called, on any thread, when remove() has removed somebody.
    UserStore(
        Workers& workers, Usernames& usernames, chat::Clock clock, std::function<void()> on_removed = [] {})
        : workers_(workers), usernames_(usernames), clock_(std::move(clock)), on_removed_(std::move(on_removed)) {}

    // Of `users`: by username, unique, named as Mongoose names it; and by updatedAt, for the version.
    static std::vector<std::pair<const char*, Index>> indexes();

    Task<Result<chat::User>> create(chat::NewUser user) override;
    Task<Result<std::optional<chat::User>>> find(chat::UserId id) override;
    Task<Result<std::optional<chat::User>>> find_by_username(std::string username) override;
    Task<Result<std::optional<chat::User>>> find_by_username_key(std::string key) override;
    Task<Result<chat::UserPage>> list(chat::DirectoryQuery query) override;

    // Made of how many users there are, the largest id, the latest change and how many changes our servers have made. A change by other hands that
    // alters none of these (an edit without a new `updatedAt`) is not seen.
    Task<Result<std::string>> directory_version() override;
    Task<Result<bool>> remove(chat::UserId id) override;

private:
    struct SignUp;
    Result<chat::User> sign_up(Client& client, SignUp& wanted);
    Result<bool> insert(Client& client, SignUp& wanted);
    Result<bool> is_stored(Client& client, const SignUp& wanted);
    void withdraw(Client& client, const SignUp& wanted);
    Result<bool> remove_now(Client& client, chat::UserId id);

    Workers& workers_;
    Usernames& usernames_;
    const chat::Clock clock_;
    const std::function<void()> on_removed_;
};

}  // namespace parley::storage::mongodb

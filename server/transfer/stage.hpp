// Stage: everything of a source in a file of its own beside the database it is meant for, before anything is put there. It brings users and
// messages into their order, and is what a run that starts again goes on from.
// The file gets its name, parley-import.db, when it is complete and on the disk; whatever has that name can be relied on.
// It mends texts that are not UTF-8, and counts what conversations' documents say and messages do not bear out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "storage/sqlite/connection.hpp"
#include "transfer/report.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

// Bytes that are not UTF-8 become U+FFFD. False: there were none.
bool mend_utf8(std::string& text);

class Stage : public Receiver {
public:
    static std::string path_in(const std::string& folder);

    // An empty one; what an interrupted run left is removed. messages_mended and so on go into `report`.
    static Result<std::unique_ptr<Stage>> create(const std::string& folder, Order order, Report& report);
    // A complete one; nullptr: there is none.
    static Result<std::unique_ptr<Stage>> open(const std::string& folder);

    Result<bool> take(const chat::User& user) override;
    Result<bool> take(const chat::Message& message) override;
    Result<bool> take(const Revocation& revocation) override;
    Result<bool> take(const ReadMark& mark) override;
    Result<bool> take(const Conversation& conversation) override;

    // Ends the writing. `fingerprint` is the source's.
    Result<bool> complete(const std::string& fingerprint, const Report& report);

    // Of a complete one.
    Result<std::string> fingerprint() { return read_note("fingerprint"); }
    Result<std::string> token() { return read_note("token"); }  // random, made by create()
    Result<Report> report();
    Result<std::int64_t> size();  // users and messages

    // In order.
    Result<bool> each_user(const std::function<Result<bool>(const chat::User&)>& visit);
    Result<bool> each_message(const std::function<Result<bool>(const chat::Message&)>& visit);
    Result<bool> each_revocation(const std::function<Result<bool>(const Revocation&)>& visit);
    Result<bool> each_read_mark(const std::function<Result<bool>(const ReadMark&)>& visit);
    // Of messages, as conversations' documents name them; ascending.
    Result<bool> each_named(const std::function<Result<bool>(const chat::ObjectId&)>& visit);

    static bool left_behind(const std::string& folder);  // whether there is one, complete or not
    static void remove(const std::string& folder);
    bool failed() const;  // the last error was storage's
    // The last error as a sentence for the operator.
    Error explain() const;

private:
    using Connection = storage::sqlite::Connection;
    Stage(std::string folder, std::unique_ptr<Connection> connection, Order order, Report* report)
        : folder_(std::move(folder)), connection_(std::move(connection)), order_(order), report_(report) {}
    Result<bool> write_note(const std::string& key, const std::string& value);
    Result<std::string> read_note(const std::string& key);
    std::string mended(const std::string& text, const char* what);

    const std::string folder_;
    std::unique_ptr<Connection> connection_;
    const Order order_;
    Report* const report_;  // while it is written
};

}  // namespace parley::transfer

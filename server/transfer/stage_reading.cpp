// Stage's reading half: everything in its order.
#include "transfer/stage.hpp"

namespace parley::transfer {
namespace {

using storage::sqlite::Statement;

template <class Visit>
Result<bool> each_row(Statement& rows, const Visit& visit) {
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return true;
        TRY([[maybe_unused]] const bool visited, visit());
    }
}

}  // namespace

Result<bool> Stage::each_user(const std::function<Result<bool>(const chat::User&)>& visit) {
    constexpr std::string_view kOrderedById =
        "SELECT id, full_name, username, password_hash, gender, profile_picture, created_ms, updated_ms FROM users ORDER BY id, arrival";
    constexpr std::string_view kAsTheyCame =
        "SELECT id, full_name, username, password_hash, gender, profile_picture, created_ms, updated_ms FROM users ORDER BY arrival";
    Statement rows = connection_->prepare(order_ == Order::ById ? kOrderedById : kAsTheyCame);
    return each_row(rows, [&] {
        return visit({.id = chat::UserId(rows.id(0)),
                      .full_name = rows.text(1),
                      .username = rows.text(2),
                      .password_hash = rows.text(3),
                      .gender = rows.integer(4) == 0 ? chat::Gender::Male : chat::Gender::Female,
                      .profile_picture = rows.text(5),
                      .created_at = rows.time(6),
                      .updated_at = rows.time(7)});
    });
}

Result<bool> Stage::each_message(const std::function<Result<bool>(const chat::Message&)>& visit) {
    constexpr std::string_view kOrderedById =
        "SELECT id, sender, receiver, body, created_ms, updated_ms FROM messages ORDER BY created_ms, id, arrival";
    constexpr std::string_view kAsTheyCame =
        "SELECT id, sender, receiver, body, created_ms, updated_ms FROM messages ORDER BY created_ms, arrival";
    Statement rows = connection_->prepare(order_ == Order::ById ? kOrderedById : kAsTheyCame);
    return each_row(rows, [&] {
        return visit({.id = chat::MessageId(rows.id(0)),
                      .sender = chat::UserId(rows.id(1)),
                      .receiver = chat::UserId(rows.id(2)),
                      .text = rows.text(3),
                      .created_at = rows.time(4),
                      .updated_at = rows.time(5)});
    });
}

Result<bool> Stage::each_revocation(const std::function<Result<bool>(const Revocation&)>& visit) {
    Statement rows = connection_->prepare("SELECT session, expires_ms FROM revocations ORDER BY arrival");
    return each_row(rows, [&] { return visit({rows.text(0), rows.time(1)}); });
}

Result<bool> Stage::each_read_mark(const std::function<Result<bool>(const ReadMark&)>& visit) {
    // What a run of an older version left behind has none.
    TRY(const auto tables, connection_->query_integer("SELECT count(*) FROM sqlite_schema WHERE name = 'read_marks'"));
    if (tables == 0) return true;
    Statement rows = connection_->prepare("SELECT reader, peer, message FROM read_marks ORDER BY arrival");
    return each_row(rows, [&] { return visit({chat::UserId(rows.id(0)), chat::UserId(rows.id(1)), chat::MessageId(rows.id(2))}); });
}

Result<bool> Stage::each_named(const std::function<Result<bool>(const chat::ObjectId&)>& visit) {
    Statement rows = connection_->prepare("SELECT id FROM named ORDER BY id");
    return each_row(rows, [&] { return visit(rows.id(0)); });
}

}  // namespace parley::transfer

#include "transfer/json_line.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <optional>

namespace parley::transfer {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::string_view kHead = "parley-export";
constexpr std::string_view kUser = "user";
constexpr std::string_view kMessage = "message";
constexpr std::string_view kRevocation = "revocation";
constexpr std::string_view kReadMark = "read";
constexpr std::string_view kEnd = "end";

json::value to_json(chat::Timestamp time) {
    if (is_usable(time)) return json::value(time_text(time));
    return json::value(time.time_since_epoch().count());
}

std::string line_of(const json::object& object) {
    return json::serialize(object) + '\n';
}

std::optional<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) {
    unsigned value = 0;
    if (at + count > text.size()) return std::nullopt;
    const char* const end = text.data() + at + count;
    const auto [stopped, error] = std::from_chars(text.data() + at, end, value);
    return error == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

// RFC 3339 section 5.6, in UTC, with or without milliseconds.
std::optional<chat::Timestamp> parse_time(std::string_view text) {
    constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
    constexpr std::string_view kShapeWithMs = "0000-00-00T00:00:00.000Z";
    if (text.size() != kShape.size() && text.size() != kShapeWithMs.size()) return std::nullopt;
    const std::string_view shape = text.size() == kShape.size() ? kShape : kShapeWithMs;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] != '0' && shape[i] != text[i]) return std::nullopt;
    }
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    const auto ms = shape == kShape ? std::optional(0U) : digits(text, 20, 3);
    if (!year || !month || !day || !hour || !minute || !second || !ms) return std::nullopt;
    const auto date = std::chrono::year(static_cast<int>(*year)) / static_cast<int>(*month) / static_cast<int>(*day);
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    return chat::Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second) + milliseconds(*ms);
}

// Reads fields; the first that is wrong is remembered as the reason.
class Fields {
public:
    explicit Fields(const json::object& object) : object_(object) {}

    std::string text(std::string_view key, bool needed) {
        const json::value* const value = object_.if_contains(key);
        if (value && value->is_string()) return std::string(value->get_string());
        if (needed || value) complain(key, "is no text");
        return {};
    }
    template <class Id>
    Id id(std::string_view key) {
        const auto parsed = Id::parse(text(key, true));
        if (!parsed) complain(key, "is no id (24 hex digits)");
        return parsed.value_or(Id());
    }
    chat::Timestamp time(std::string_view key, std::optional<chat::Timestamp> fallback) {
        const json::value* const value = object_.if_contains(key);
        if (!value && fallback) return *fallback;
        std::optional<chat::Timestamp> parsed;
        if (value && value->is_int64()) parsed = chat::Timestamp(milliseconds(value->get_int64()));
        if (value && value->is_string()) parsed = parse_time(value->get_string());
        if (!parsed || !is_usable(*parsed)) complain(key, "is no time");
        return parsed.value_or(chat::Timestamp());
    }
    std::int64_t number(std::string_view key, std::int64_t fallback) {
        const json::value* const value = object_.if_contains(key);
        if (value && !value->is_int64()) complain(key, "is no number");
        return value && value->is_int64() ? value->get_int64() : fallback;
    }

    template <class T>
    Result<Line> done(T value) const {
        if (!problem_.empty()) return fail(ErrorCode::InvalidArgument, problem_);
        return Line(std::move(value));
    }

private:
    void complain(std::string_view key, std::string_view what) {
        if (problem_.empty()) problem_ = fmt::format("its {} {}", key, what);
    }
    const json::object& object_;
    std::string problem_;
};

Result<Line> read_user(Fields fields) {
    chat::User user;
    user.id = fields.id<chat::UserId>("_id");
    user.full_name = fields.text("fullName", false);
    user.username = fields.text("username", true);
    user.password_hash = fields.text("password", false);
    user.gender = fields.text("gender", false) == "female" ? chat::Gender::Female : chat::Gender::Male;
    user.profile_picture = fields.text("profilePic", false);
    user.created_at = fields.time("createdAt", storage::mongodb::time_of(user.id));
    user.updated_at = fields.time("updatedAt", user.created_at);
    return fields.done(std::move(user));
}

Result<Line> read_message(Fields fields) {
    chat::Message message;
    message.id = fields.id<chat::MessageId>("_id");
    message.sender = fields.id<chat::UserId>("senderId");
    message.receiver = fields.id<chat::UserId>("receiverId");
    message.text = fields.text("message", true);
    message.created_at = fields.time("createdAt", storage::mongodb::time_of(message.id));
    message.updated_at = fields.time("updatedAt", message.created_at);
    return fields.done(std::move(message));
}

Result<Line> read_revocation(Fields fields) {
    Revocation revocation;
    revocation.session = fields.text("session", true);
    revocation.expires_at = fields.time("expiresAt", std::nullopt);
    return fields.done(std::move(revocation));
}

Result<Line> read_mark(Fields fields) {
    ReadMark mark;
    mark.reader = fields.id<chat::UserId>("userId");
    mark.peer = fields.id<chat::UserId>("peerId");
    mark.message = fields.id<chat::MessageId>("messageId");
    return fields.done(mark);
}

Result<Line> read_head(Fields fields) {
    ExportHead head;
    head.version = fields.number("version", 0);
    head.exported_at = fields.time("exportedAt", chat::Timestamp());
    return fields.done(head);
}

Result<Line> read_end(Fields fields) {
    return fields.done(ExportEnd{static_cast<std::uint64_t>(fields.number("records", 0))});
}

}  // namespace

std::string time_text(chat::Timestamp time) {
    if (!is_usable(time)) return std::to_string(time.time_since_epoch().count());
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::string to_line(const ExportHead& head) {
    return line_of({{"type", kHead}, {"version", head.version}, {"exportedAt", to_json(head.exported_at)}});
}

std::string to_line(const chat::User& user) {
    return line_of({{"type", kUser},
                    {"_id", user.id.to_hex()},
                    {"fullName", user.full_name},
                    {"username", user.username},
                    {"password", user.password_hash},
                    {"gender", user.gender == chat::Gender::Male ? "male" : "female"},
                    {"profilePic", user.profile_picture},
                    {"createdAt", to_json(user.created_at)},
                    {"updatedAt", to_json(user.updated_at)}});
}

std::string to_line(const chat::Message& message) {
    return line_of({{"type", kMessage},
                    {"_id", message.id.to_hex()},
                    {"senderId", message.sender.to_hex()},
                    {"receiverId", message.receiver.to_hex()},
                    {"message", message.text},
                    {"createdAt", to_json(message.created_at)},
                    {"updatedAt", to_json(message.updated_at)}});
}

std::string to_line(const Revocation& revocation) {
    return line_of({{"type", kRevocation}, {"session", revocation.session}, {"expiresAt", to_json(revocation.expires_at)}});
}

std::string to_line(const ReadMark& mark) {
    return line_of(
        {{"type", kReadMark}, {"userId", mark.reader.to_hex()}, {"peerId", mark.peer.to_hex()}, {"messageId", mark.message.to_hex()}});
}

std::string to_line(const ExportEnd& end) {
    return line_of({{"type", kEnd}, {"records", end.records}});
}

Result<Line> parse_line(std::string_view line) {
    json::error_code error;
    const json::value value = json::parse(line, error);
    if (error) return fail(ErrorCode::InvalidArgument, "it is no JSON");
    const json::object* const object = value.if_object();
    const json::value* const type = object ? object->if_contains("type") : nullptr;
    if (!type || !type->is_string()) return fail(ErrorCode::InvalidArgument, "it is no object with a type");
    const std::string_view name = type->get_string();
    if (name == kMessage) return read_message(Fields(*object));
    if (name == kUser) return read_user(Fields(*object));
    if (name == kRevocation) return read_revocation(Fields(*object));
    if (name == kReadMark) return read_mark(Fields(*object));
    if (name == kHead) return read_head(Fields(*object));
    if (name == kEnd) return read_end(Fields(*object));
    return fail(ErrorCode::InvalidArgument, "its type is unknown");
}

}  // namespace parley::transfer

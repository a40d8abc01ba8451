#include <array>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "parley/net/http.hpp"

namespace parley::net {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes a date apart from the left; once something does not fit, nothing after it does.
class DateReader {
public:
    explicit DateReader(std::string_view text) : text_(text) {}

    void literal(std::string_view wanted) {
        if (!text_.starts_with(wanted)) return fail();
        text_.remove_prefix(wanted.size());
    }

    int number(std::size_t digits) {
        int value = 0;
        if (text_.size() < digits) return fail(), 0;
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + digits, value);
        if (error != std::errc() || end != text_.data() + digits || text_.front() == '-') return fail(), 0;
        text_.remove_prefix(digits);
        return value;
    }

    unsigned month() {
        for (unsigned i = 0; i < kMonths.size(); ++i) {
            if (!text_.starts_with(kMonths[i])) continue;
            text_.remove_prefix(3);
            return i + 1;
        }
        fail();
        return 0;
    }

    std::chrono::seconds time_of_day() {
        const int hour = number(2);
        literal(":");
        const int minute = number(2);
        literal(":");
        const int second = number(2);
        if (hour > 23 || minute > 59 || second > 60) fail();
        return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    }

    bool at_end() const { return ok_ && text_.empty(); }

private:
    void fail() {
        ok_ = false;
        text_ = {};
    }

    std::string_view text_;
    bool ok_ = true;
};

std::optional<std::int64_t> to_unix(const DateReader& reader, int year, unsigned month, unsigned day, std::chrono::seconds time) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!reader.at_end() || !date.ok()) return std::nullopt;
    return (std::chrono::sys_days(date).time_since_epoch() + time).count();
}

// "06 Nov 1994 08:49:37 GMT", the part of an IMF-fixdate behind the day's name.
std::optional<std::int64_t> parse_fixdate(std::string_view text) {
    DateReader reader(text);
    const auto day = static_cast<unsigned>(reader.number(2));
    reader.literal(" ");
    const unsigned month = reader.month();
    reader.literal(" ");
    const int year = reader.number(4);
    reader.literal(" ");
    const auto time = reader.time_of_day();
    reader.literal(" GMT");
    return to_unix(reader, year, month, day, time);
}

// "06-Nov-94 08:49:37 GMT". RFC 9110 section 5.6.7: a year that would be more than 50 years ahead is of the last century.
std::optional<std::int64_t> parse_rfc850(std::string_view text) {
    DateReader reader(text);
    const auto day = static_cast<unsigned>(reader.number(2));
    reader.literal("-");
    const unsigned month = reader.month();
    reader.literal("-");
    const int year = reader.number(2);
    reader.literal(" ");
    const auto time = reader.time_of_day();
    reader.literal(" GMT");
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const int this_year = static_cast<int>(std::chrono::year_month_day(today).year());
    const int full = this_year / 100 * 100 + year;
    return to_unix(reader, full > this_year + 50 ? full - 100 : full, month, day, time);
}

// "Nov  6 08:49:37 1994", asctime's format behind the day's name.
std::optional<std::int64_t> parse_asctime(std::string_view text) {
    DateReader reader(text);
    const unsigned month = reader.month();
    reader.literal(" ");
    const bool one_digit = text.size() > 4 && text[4] == ' ';
    if (one_digit) reader.literal(" ");
    const auto day = static_cast<unsigned>(reader.number(one_digit ? 1 : 2));
    reader.literal(" ");
    const auto time = reader.time_of_day();
    reader.literal(" ");
    const int year = reader.number(4);
    return to_unix(reader, year, month, day, time);
}

}  // namespace

std::string http_date(std::int64_t unix_seconds) {
    const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss clock(time - days);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(days).c_encoding()],
                       static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// All three formats that RFC 9110 section 5.6.7 has recipients accept. The day's name is not compared with the date.
std::optional<std::int64_t> parse_http_date(std::string_view text) {
    const std::size_t comma = text.find(", ");
    if (comma == 3) return parse_fixdate(text.substr(5));
    if (comma != std::string_view::npos) return parse_rfc850(text.substr(comma + 2));
    if (text.size() > 4 && text[3] == ' ') return parse_asctime(text.substr(4));
    return std::nullopt;
}

}  // namespace parley::net

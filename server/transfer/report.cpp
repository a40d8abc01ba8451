#include "transfer/report.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace parley::transfer {
namespace {

namespace json = boost::json;

// "1,234,567"
std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::uint64_t number_at(const json::object& object, std::string_view key) {
    return json::value_to<std::uint64_t>(object.at(key));
}

}  // namespace

void Report::skip(std::string_view what, std::string_view reason, std::string which) {
    Skipped& skipped = skipped_[{std::string(what), std::string(reason)}];
    ++skipped.count;
    if (skipped.first.size() < kNamed) skipped.first.push_back(std::move(which));
}

void Report::note(std::string_view what, std::uint64_t count) {
    if (count > 0) notes_[std::string(what)] += count;
}

std::uint64_t Report::skipped() const {
    std::uint64_t sum = 0;
    for (const auto& [key, skipped] : skipped_) sum += skipped.count;
    return sum;
}

std::uint64_t Report::skipped(std::string_view what, std::string_view reason) const {
    const auto found = skipped_.find({std::string(what), std::string(reason)});
    return found == skipped_.end() ? 0 : found->second.count;
}

std::uint64_t Report::noted(std::string_view what) const {
    const auto found = notes_.find(std::string(what));
    return found == notes_.end() ? 0 : found->second;
}

std::string Report::text() const {
    std::string text = fmt::format("from {}\nto   {}\n", from, to);
    if (!resumed.empty()) text += resumed + "\n";
    const double seconds = std::chrono::duration<double>(took).count();
    const std::string in = conversations > 0 ? " in " + counted(conversations, "conversation") : "";
    text += fmt::format("carried {}, {}{}, {}, in {:.1f} s\n", counted(users, "user"), counted(messages, "message"), in,
                        counted(revocations, "ended login"), seconds);
    for (const auto& [what, count] : notes_) text += fmt::format("  {}: {}\n", what, grouped(count));
    text += skipped() == 0 ? "nothing was left out\n" : "left out:\n";
    for (const auto& [key, skipped] : skipped_) {
        const bool all = skipped.count == skipped.first.size();
        text += fmt::format("  {}: {} ({}{})\n", counted(skipped.count, key.first), key.second, fmt::join(skipped.first, ", "),
                            all ? "" : ", ...");
    }
    return text;
}

std::string Report::json() const {
    json::array skipped;
    for (const auto& [key, each] : skipped_) {
        skipped.push_back({{"what", key.first}, {"reason", key.second}, {"count", each.count}, {"first", json::value_from(each.first)}});
    }
    const json::object object = {{"from", from},
                                 {"to", to},
                                 {"failed", failed},
                                 {"resumed", resumed},
                                 {"milliseconds", took.count()},
                                 {"users", users},
                                 {"messages", messages},
                                 {"conversations", conversations},
                                 {"revocations", revocations},
                                 {"notes", json::value_from(notes_)},
                                 {"skipped", std::move(skipped)}};
    return json::serialize(object);
}

std::optional<Report> Report::parse(std::string_view text) {
    try {
        const json::value value = json::parse(text);
        const json::object& object = value.as_object();
        Report report;
        report.from = json::value_to<std::string>(object.at("from"));
        report.to = json::value_to<std::string>(object.at("to"));
        report.failed = json::value_to<std::string>(object.at("failed"));
        report.resumed = json::value_to<std::string>(object.at("resumed"));
        report.took = std::chrono::milliseconds(json::value_to<std::int64_t>(object.at("milliseconds")));
        report.users = number_at(object, "users");
        report.messages = number_at(object, "messages");
        report.conversations = number_at(object, "conversations");
        report.revocations = number_at(object, "revocations");
        report.notes_ = json::value_to<std::map<std::string, std::uint64_t>>(object.at("notes"));
        for (const json::value& each : object.at("skipped").as_array()) {
            const json::object& skipped = each.as_object();
            auto& entry =
                report.skipped_[{json::value_to<std::string>(skipped.at("what")), json::value_to<std::string>(skipped.at("reason"))}];
            entry.count = number_at(skipped, "count");
            entry.first = json::value_to<std::vector<std::string>>(skipped.at("first"));
        }
        return report;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace parley::transfer

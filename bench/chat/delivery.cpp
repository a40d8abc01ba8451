#include "chat/delivery.hpp"

#include <fmt/format.h>

#include "chat/people.hpp"

namespace bench::chat {

Delivery::Delivery(Report& report, std::function<std::size_t(std::uint64_t)> receiver_of, std::function<void(std::uint64_t)> delivered)
    : report_(report), receiver_of_(std::move(receiver_of)), delivered_(std::move(delivered)) {}

void Delivery::heard_message(std::size_t number, std::string_view message) {
    constexpr std::string_view kText = R"("message":")";
    const auto at = message.find(kText);
    const std::uint64_t which = at == std::string_view::npos ? kNoNumber : message_number(message.substr(at + kText.size()));
    if (which == kNoNumber) return report_.fail("a newMessage that nobody sent");
    if (receiver_of_(which) != number) return report_.fail(fmt::format("user {} got a message for another", number));
    if (which >= has_come_.size()) has_come_.resize(2 * which + 1024);
    if (has_come_[which]) return report_.fail(fmt::format("user {} got a message twice", number));
    has_come_[which] = true;
    ++delivered_count_;
    delivered_(which);
}

}  // namespace bench::chat

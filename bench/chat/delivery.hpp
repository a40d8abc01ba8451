// Delivery: which of the numbered messages have reached the socket that each was for. What comes to another, or twice, is an error of the report.
#pragma once

#include <functional>
#include <vector>

#include "chat/crowd.hpp"

namespace bench::chat {

class Delivery final : public Crowd::Listener {
public:
    // `receiver_of`: whose message a number is. `delivered` is called when it has come.
    Delivery(Report& report, std::function<std::size_t(std::uint64_t)> receiver_of, std::function<void(std::uint64_t)> delivered);

    std::uint64_t delivered_count() const { return delivered_count_; }

    void heard_message(std::size_t number, std::string_view message) override;

private:
    Report& report_;
    const std::function<std::size_t(std::uint64_t)> receiver_of_;
    const std::function<void(std::uint64_t)> delivered_;
    std::vector<bool> has_come_;
    std::uint64_t delivered_count_ = 0;
};

}  // namespace bench::chat

// Report: what a transfer carried, what it left out and why, and what is worth knowing about the rest.
// It goes through JSON without loss, so that a transfer that goes on after an interruption can go on with its report.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::transfer {

class Report {
public:
    static constexpr std::size_t kNamed = 5;  // of each reason the first so many are named

    struct Skipped {
        std::uint64_t count = 0;
        std::vector<std::string> first;
        friend bool operator==(const Skipped&, const Skipped&) = default;
    };

    // Left out: `what` is "user", "message" and so on, `reason` reads on from it ("its _id is no ObjectId"), `which` names it.
    void skip(std::string_view what, std::string_view reason, std::string which);
    // Something worth knowing and how often it was met: what stands before a number.
    void note(std::string_view what, std::uint64_t count = 1);

    std::uint64_t skipped() const;
    std::uint64_t skipped(std::string_view what, std::string_view reason) const;
    std::uint64_t noted(std::string_view what) const;

    // Of those that are in the target now.
    std::uint64_t users = 0;
    std::uint64_t messages = 0;
    std::uint64_t conversations = 0;
    std::uint64_t revocations = 0;

    // Set by whoever runs the transfer.
    std::string failed;  // why it ended early; "": it did not. The counts are then of what was handed on before.
    std::string from;
    std::string to;
    std::string resumed;  // what an earlier, interrupted run has to do with it; "" if there was none
    std::chrono::milliseconds took{0};

    std::string text() const;  // for people, lines
    std::string json() const;
    static std::optional<Report> parse(std::string_view json);

    friend bool operator==(const Report&, const Report&) = default;

private:
    std::map<std::pair<std::string, std::string>, Skipped> skipped_;  // by what and reason
    std::map<std::string, std::uint64_t> notes_;
};

}  // namespace parley::transfer

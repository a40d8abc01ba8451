#include "chat/arguments.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace bench::chat {

Arguments::Arguments(int count, char** words, std::set<std::string_view> with_value, std::set<std::string_view> switches) {
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (!word.starts_with("--")) {
            words_.emplace_back(word);
            continue;
        }
        const std::string_view name = word.substr(2);
        const bool has_value = with_value.contains(name) && i + 1 < count;
        if (!has_value && !switches.contains(name)) throw std::runtime_error(fmt::format("{} is unknown, or lacks its value", word));
        values_[std::string(name)] = has_value ? words[++i] : "";
    }
}

std::string Arguments::text(std::string_view name, std::string_view otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string(otherwise) : found->second;
}

std::optional<double> Arguments::number(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(found->second.c_str(), &end);
    if (found->second.empty() || *end != '\0' || !std::isfinite(value) || value < 0)
        throw std::runtime_error(fmt::format("--{} needs a number, not '{}'", name, found->second));
    return value;
}

std::optional<std::size_t> Arguments::count(std::string_view name) const {
    const auto value = number(name);
    return value ? std::optional(static_cast<std::size_t>(*value)) : std::nullopt;
}

}  // namespace bench::chat

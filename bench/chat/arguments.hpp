// Arguments: a command line of words, `--name value` and `--switch`.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bench::chat {

class Arguments {
public:
    // Throws std::runtime_error for a name that is neither a switch nor has a value.
    Arguments(int count, char** words, std::set<std::string_view> with_value, std::set<std::string_view> switches);

    const std::vector<std::string>& words() const { return words_; }
    bool has(std::string_view name) const { return values_.contains(name); }
    std::string text(std::string_view name, std::string_view otherwise = "") const;
    // Throws std::runtime_error if there is something else than a number.
    std::optional<double> number(std::string_view name) const;
    std::optional<std::size_t> count(std::string_view name) const;

private:
    std::vector<std::string> words_;
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace bench::chat

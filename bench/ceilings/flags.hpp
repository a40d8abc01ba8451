// Flags: a command line of words and `--name value` pairs, of which only the given names are known.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class Flags {
public:
    // Throws std::runtime_error for a name that is not known or has no value.
    Flags(int count, char** words, const std::set<std::string_view>& known) {
        for (int i = 1; i < count; ++i) {
            const std::string word = words[i];
            if (!word.starts_with("--")) {
                words_.push_back(word);
                continue;
            }
            if (!known.contains(word) || i + 1 == count) throw std::runtime_error(word + " is not known, or has no value");
            values_[word] = words[++i];
        }
    }

    const std::vector<std::string>& words() const { return words_; }

    std::string text(const std::string& name, const std::string& otherwise) const {
        const auto found = values_.find(name);
        return found == values_.end() ? otherwise : found->second;
    }

    // Throws std::invalid_argument for what is no number.
    double number(const std::string& name, double otherwise) const {
        const std::string value = text(name, "");
        return value.empty() ? otherwise : std::stod(value);
    }

private:
    std::vector<std::string> words_;
    std::map<std::string, std::string> values_;
};

}  // namespace bench

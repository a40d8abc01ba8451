#include "app/env_file.hpp"

#include <algorithm>
#include <optional>

namespace parley::app {
namespace {

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

std::string with_line_feeds(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            result += text[i];
        } else if (i + 1 == text.size() || text[i + 1] != '\n') {
            result += '\n';
        }
    }
    return result;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

void replace_all(std::string& text, std::string_view from, char to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) text.replace(at, from.size(), 1, to);
}

// What a raw value means: surrounding quotes go, double ones with their escapes.
std::string unquote(std::string_view raw) {
    raw = trim(raw);
    const bool quoted = raw.size() >= 2 && raw.front() == raw.back() && std::string_view("'\"`").contains(raw.front());
    const bool expand = raw.starts_with('"');
    std::string value(quoted ? raw.substr(1, raw.size() - 2) : raw);
    if (expand) {
        replace_all(value, "\\n", '\n');
        replace_all(value, "\\r", '\r');
    }
    return value;
}

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    Variables read() {
        Variables variables;
        while (skip_space(" \t\n")) {
            if (const auto key = read_key()) variables[std::string(*key)] = unquote(read_value());
            skip_line();
        }
        return variables;
    }

private:
    // False at the end of the text.
    bool skip_space(std::string_view characters) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
        return !rest_.empty();
    }

    void skip_line() { rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size())); }

    // A name and its separator; nullopt when the line does not start with one.
    std::optional<std::string_view> read_key() {
        if (rest_.starts_with("export ") || rest_.starts_with("export\t")) {
            rest_.remove_prefix(6);
            skip_space(" \t");
        }
        const auto end = static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_key_character) - rest_.begin());
        const std::string_view key = rest_.substr(0, end);
        rest_.remove_prefix(end);
        const bool colon = rest_.starts_with(": ") || rest_.starts_with(":\t") || rest_.starts_with(":\n");
        if (!colon) skip_space(" \t");
        if (key.empty() || !(colon || rest_.starts_with('='))) return std::nullopt;
        rest_.remove_prefix(1);
        return key;
    }

    std::string_view read_value() {
        skip_space(" \t");
        if (const auto length = quoted_length()) return take(*length);
        return take(std::min(rest_.find_first_of("#\n"), rest_.size()));
    }

    // The length of a quoted value, if one starts here and nothing but a comment follows it on its line.
    std::optional<std::size_t> quoted_length() const {
        if (rest_.empty() || !std::string_view("'\"`").contains(rest_.front())) return std::nullopt;
        std::size_t at = 1;
        while (at < rest_.size() && rest_[at] != rest_.front())
            at += rest_[at] == '\\' && at + 1 < rest_.size() && rest_[at + 1] == rest_.front() ? 2 : 1;
        if (at >= rest_.size()) return std::nullopt;
        const auto next = rest_.find_first_not_of(" \t", at + 1);
        if (next != std::string_view::npos && rest_[next] != '\n' && rest_[next] != '#') return std::nullopt;
        return at + 1;
    }

    std::string_view take(std::size_t length) {
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }

    std::string_view rest_;
};

}  // namespace

Variables parse_env_file(std::string_view text) {
    const std::string normal = with_line_feeds(text);
    return Reader(normal).read();
}

}  // namespace parley::app

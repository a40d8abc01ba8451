// What people read about the settings: the help text and the Markdown table.
#include <fmt/format.h>

#include <string>

#include "app/settings.hpp"
#include "app/version.hpp"

namespace parley::app {
namespace {

constexpr std::string_view kHelpHead = R"(A chat server: REST, Socket.IO and a database in one program.

Usage:
  parley serve [--setting value ...]   run the server until SIGTERM or SIGINT
  parley import SOURCE ...             copy users and messages into the embedded database (parley import --help)
  parley export TARGET ...             copy them out of it (parley export --help)
  parley --version                     print the version
  parley --help                        print this text

Every setting is a flag and an environment variable (in brackets). A flag beats the environment, the environment beats the
file .env in the working folder. Durations take ms, s, m, h or d ("30s"); a plain number counts the unit named. Sizes are
bytes, or take k, M or G (powers of 1024).
)";

constexpr std::string_view kMarkdownHead = R"(# Settings

Each setting is a flag of `parley serve` and an environment variable. A flag beats the environment, the environment beats the file `.env` in the
working folder (read as npm's dotenv does). An empty variable counts as not set, and hides one of the same name in `.env`. A wrong value stops the
start with exit code 2 and a sentence that names the setting.

Durations take `ms`, `s`, `m`, `h` or `d` (`30s`); a plain number counts the unit in the Value column. Sizes are bytes, or take `k`, `M` or `G`
(powers of 1024). Flags are written `--port 5000` or `--port=5000`.

This page is written by the program: `parley settings-table > docs/settings.md`.
)";

// Words of `text` in lines of at most `width` characters, each behind `indent`.
std::string wrapped(std::string_view text, std::string_view indent, std::size_t width) {
    std::string result;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        const bool breaks = column == 0 || column + 1 + word.size() > width;
        if (breaks && column != 0) result += '\n';
        result += breaks ? indent : " ";
        column = breaks ? indent.size() + word.size() : column + 1 + word.size();
        result += word;
    }
    return result + '\n';
}

std::string markdown_cell(std::string_view text) {
    std::string cell;
    for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
    return cell;
}

}  // namespace

std::string help_text() {
    std::string text = fmt::format("{}: {}", version_text(), kHelpHead);
    std::string group;
    for (const Setting& setting : all_settings()) {
        if (setting.group != group) text += fmt::format("\n{}\n", group = setting.group);
        text += fmt::format("  --{} {}  [{}]\n", setting.name, setting.value, setting.variable);
        text += wrapped(fmt::format("{} Default: {}.", setting.help, setting.default_text), "      ", 100);
    }
    return text;
}

std::string settings_markdown() {
    std::string text(kMarkdownHead);
    std::string group;
    for (const Setting& setting : all_settings()) {
        if (setting.group != group) {
            text +=
                fmt::format("\n## {}\n\n| Flag | Variable | Value | Default | Meaning |\n|---|---|---|---|---|\n", group = setting.group);
        }
        text += fmt::format("| `--{}` | `{}` | {} | {} | {} |\n", setting.name, setting.variable, markdown_cell(setting.value),
                            markdown_cell(setting.default_text), markdown_cell(setting.help));
    }
    return text;
}

}  // namespace parley::app

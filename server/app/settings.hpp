// Settings: the one table of everything that can be set. Flags, environment variables, `parley --help` and docs/settings.md are all made from it; a new
// setting is one line in settings.cpp and one field of Options.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/options.hpp"

namespace parley::app {

struct Setting {
    std::string group;         // "Server"
    std::string name;          // "port": the flag is --port
    std::string variable;      // "PORT"
    std::string value;         // what to write, in capitals or as choices: "PORT", "SECONDS", "on|off"
    std::string help;          // a sentence or two, units included
    std::string default_text;  // as a person would write it, or in words
    bool secret = false;       // never shown, in no message

    // Takes the text into the options. nullopt when done; otherwise what is wrong with it and what would be right, to be read after the
    // quoted value: `is not a port; give a number from 0 to 65535`. Options are unchanged then.
    std::function<std::optional<std::string>(Options&, std::string_view text)> apply;
    // The present value as apply() would take it.
    std::function<std::string(const Options&)> show;
};

std::span<const Setting> all_settings();

// The whole of `parley serve --help`.
std::string help_text();
// docs/settings.md.
std::string settings_markdown();

}  // namespace parley::app

// SettingTable: how the rows of the table of settings are made, one function per kind of value. Used by settings.cpp only.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/setting_values.hpp"
#include "app/settings.hpp"

namespace parley::app {

// What is wrong with a text and what would be right; nullopt if nothing is.
using Complaint = std::optional<std::string>;

// "auth-burst" is PARLEY_AUTH_BURST in the environment.
inline std::string variable_of(std::string_view name) {
    std::string variable = "PARLEY_";
    for (const char c : name) variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return variable;
}

inline std::string on_off(bool value) {
    return value ? "on" : "off";
}

// Collects the table. `field` is always a lambda from Options& to the field; it serves const options too. Every function returns the new row, for
// what is particular to it.
class SettingTable {
public:
    void group(std::string name) { group_ = std::move(name); }

    template <class Field>
    Setting& number(std::string name, Field field, std::uint64_t lowest, std::uint64_t highest, std::string help,
                    std::string noun = "number") {
        const std::string wanted = fmt::format("is not a {}; give a number from {} to {}", noun, lowest, highest);
        const auto apply = [=](Options& options, std::string_view text) -> Complaint {
            const auto number = parse_number(text);
            if (!number || *number < lowest || *number > highest) return wanted;
            auto& target = field(options);
            target = static_cast<std::remove_reference_t<decltype(target)>>(*number);
            return std::nullopt;
        };
        return add(std::move(name), "NUMBER", std::move(help), apply, [=](Options& options) { return fmt::format("{}", field(options)); });
    }

    template <class Field>
    Setting& bytes(std::string name, Field field, std::uint64_t lowest, std::uint64_t highest, std::string help) {
        const std::string wanted =
            fmt::format("is not a size; give bytes from {} to {}, as a number or with k, M or G (powers of 1024)", lowest, highest);
        const auto apply = [=](Options& options, std::string_view text) -> Complaint {
            const auto size = parse_bytes(text);
            if (!size || *size < lowest || *size > highest) return wanted;
            field(options) = *size;
            return std::nullopt;
        };
        return add(std::move(name), "BYTES", std::move(help), apply, [=](Options& options) { return fmt::format("{}", field(options)); });
    }

    template <class Field>
    Setting& duration(std::string name, Field field, milliseconds unit, milliseconds lowest, milliseconds highest, std::string help) {
        const std::string plural = unit == std::chrono::days(1) ? "days" : unit == std::chrono::seconds(1) ? "seconds" : "milliseconds";
        const std::string wanted = fmt::format("is not a duration; give {} to {}, with ms, s, m, h or d (a plain number counts {})",
                                               duration_text(lowest), duration_text(highest), plural);
        const auto apply = [=](Options& options, std::string_view text) -> Complaint {
            const auto duration = parse_duration(text, unit);
            if (!duration || *duration < lowest || *duration > highest) return wanted;
            field(options) = *duration;
            return std::nullopt;
        };
        const std::string value = unit == std::chrono::days(1) ? "DAYS" : unit == std::chrono::seconds(1) ? "SECONDS" : "MILLISECONDS";
        return add(std::move(name), value, std::move(help), apply, [=](Options& options) { return duration_text(field(options)); });
    }

    template <class Field>
    Setting& on_or_off(std::string name, Field field, std::string help) {
        const auto apply = [=](Options& options, std::string_view text) -> Complaint {
            const auto value = parse_switch(text);
            if (!value) return "is neither on nor off; give on or off";
            field(options) = *value;
            return std::nullopt;
        };
        return add(std::move(name), "on|off", std::move(help), apply, [=](Options& options) { return on_off(field(options)); });
    }

    template <class Field>
    Setting& text(std::string name, Field field, std::string value, std::string help) {
        const auto apply = [=](Options& options, std::string_view given) -> Complaint {
            if (given.empty() || given.contains('\0')) return "is not a text that can be used here; give at least one character";
            field(options) = given;
            return std::nullopt;
        };
        return add(std::move(name), std::move(value), std::move(help), apply,
                   [=](Options& options) { return std::string(field(options)); });
    }

    template <class Field, class Value>
    Setting& choice(std::string name, Field field, std::vector<std::pair<std::string, Value>> choices, std::string help) {
        std::vector<std::string> names;
        for (const auto& each : choices) names.push_back(each.first);
        const std::string wanted = fmt::format("is not known here; give one of {}", fmt::join(names, ", "));
        const auto apply = [=](Options& options, std::string_view text) -> Complaint {
            for (const auto& [word, value] : choices) {
                if (word == text) return field(options) = value, std::nullopt;
            }
            return wanted;
        };
        const auto show = [=](Options& options) {
            const auto found = std::ranges::find(choices, field(options), &std::pair<std::string, Value>::second);
            return found->first;
        };
        return add(std::move(name), fmt::format("{}", fmt::join(names, "|")), std::move(help), apply, show);
    }

    template <class Apply, class Show>
    Setting& add(std::string name, std::string value, std::string help, Apply apply, Show show) {
        Setting setting;
        setting.group = group_;
        setting.variable = variable_of(name);
        setting.name = std::move(name);
        setting.value = std::move(value);
        setting.help = std::move(help);
        setting.apply = std::move(apply);
        setting.show = [show = std::move(show)](const Options& options) {
            Options copy = options;
            return show(copy);
        };
        setting.default_text = setting.show(Options{});
        return rows_.emplace_back(std::move(setting));
    }

    std::vector<Setting> take() { return std::move(rows_); }

private:
    std::string group_;
    std::vector<Setting> rows_;
};

}  // namespace parley::app

// How the text of a setting becomes a value, and a value its text again. Pure functions; nullopt: the text is none.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/net/origin.hpp"

namespace parley::app {

// Decimal digits only.
std::optional<std::uint64_t> parse_number(std::string_view text);

// "on" or "off"; also true/false, yes/no, 1/0, in any letter case.
std::optional<bool> parse_switch(std::string_view text);

// "250ms", "30s", "15m", "2h", "15d"; a plain number counts `unit`s. nullopt also for what does not fit into 100 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text, std::chrono::milliseconds unit);
// In the largest unit that divides it: "25s", "15d", "100ms".
std::string duration_text(std::chrono::milliseconds duration);

// "102400", "100k", "1M", "2G": k, M and G are powers of 1024, in either letter case.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

// Items between commas, trimmed; empty ones are left out.
std::vector<std::string> split_list(std::string_view text);
std::string join_list(const std::vector<std::string>& items);

// "https://chat.example:8443" in lower case, without a trailing slash; "*" stays. nullopt for anything that no browser sends as Origin.
std::optional<std::string> parse_origin(std::string_view text);

// "10.0.0.0/8" and "192.168.1.7".
std::string network_text(const net::Network& network);

// How many single-character changes make one text the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace parley::app

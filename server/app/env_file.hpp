// The `.env` file as npm's dotenv reads it: KEY=value or KEY: value, `export` in front allowed, '#' starts a comment (inside quotes it is text), values in
// single, double or back quotes may span lines, \n and \r are expanded inside double quotes. The last of two equal keys wins. A line that
// is none of this is skipped, as dotenv does.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace parley::app {

using Variables = std::map<std::string, std::string, std::less<>>;

Variables parse_env_file(std::string_view text);

}  // namespace parley::app

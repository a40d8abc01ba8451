#include "sockets/options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace bench::sockets {
namespace {

template <typename Number>
void read_number(std::string_view flag, std::string_view text, Number least, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least) {
        throw std::invalid_argument(fmt::format("{} wants a number that is at least {}, not {}", flag, least, text));
    }
}

void read_flag(std::string_view flag, std::string_view value, Options& options) {
    if (flag == "--port") return read_number(flag, value, 1, options.port);
    if (flag == "--server-pid") return read_number(flag, value, 1, options.watched.server);
    if (flag == "--connections") return read_number<std::size_t>(flag, value, 1, options.connections);
    if (flag == "--seconds") return read_number(flag, value, 0.0, options.seconds);
    if (flag == "--payload") return read_number<std::size_t>(flag, value, 0, options.payload);
    if (flag == "--pipeline") return read_number<std::size_t>(flag, value, 1, options.pipeline);
    if (flag == "--room-size") return read_number<std::size_t>(flag, value, 1, options.room_size);
    if (flag == "--rate") return read_number(flag, value, 0.0, options.rate);
    if (flag == "--opening") return read_number<std::size_t>(flag, value, 1, options.opening);
    throw std::invalid_argument(fmt::format("unknown flag {}", flag));
}

}  // namespace

Options read_options(int count, char** arguments) {
    if (count < 2) throw std::invalid_argument("a scenario is missing");
    Options options;
    options.scenario = arguments[1];
    for (int i = 2; i < count; ++i) {
        const std::string_view flag = arguments[i];
        if (flag == "--warm") {
            options.warm = true;
        } else if (++i == count) {
            throw std::invalid_argument(fmt::format("{} wants a value", flag));
        } else {
            read_flag(flag, arguments[i], options);
        }
    }
    if (options.port == 0) throw std::invalid_argument("--port is missing");
    return options;
}

std::string text_of(std::size_t bytes) {
    constexpr std::string_view kWords = "a chat message of ordinary length, about one hundred bytes in all; ";
    std::string text;
    while (text.size() < bytes) text += kWords.substr(0, bytes - text.size());
    return text;
}

}  // namespace bench::sockets

#include "drops_client.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace bench {
namespace {

constexpr unsigned kClientsPerAddress = 1000;  // with their reconnections far below what one address has ports for
constexpr auto kNever = std::numeric_limits<std::int64_t>::max();

// The value of a string field of flat JSON; "" if it is not there.
std::string json_field(std::string_view json, std::string_view name) {
    const std::string key = fmt::format("\"{}\":\"", name);
    const auto start = json.find(key);
    if (start == std::string_view::npos) return "";
    const auto value = json.substr(start + key.size());
    return std::string(value.substr(0, value.find('"')));
}

// The next element of a JSON array of numbers.
std::int64_t next_number(std::string_view& rest) {
    std::int64_t number = 0;
    const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), number).ptr;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.starts_with(',')) rest.remove_prefix(1);
    return number;
}

}  // namespace

std::int64_t microseconds(Clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

DropsClient::DropsClient(Poller& poller, Tally& tally, int port, unsigned number, unsigned room)
    : poller_(poller), tally_(tally), port_(port), number_(number), room_(room), socket_(poller, *this) {}

DropsClient::~DropsClient() {
    if (hung_ >= 0) ::close(hung_);
}

void DropsClient::connect() {
    connecting_since_ = Clock::now();
    socket_.open(port_, number_ / kClientsPerAddress, "/socket.io/?EIO=4&transport=websocket");
}

void DropsClient::lose(Cut cut) {
    connected_ = false;
    connected_since_ = kNever;
    if (hung_ >= 0) ::close(std::exchange(hung_, -1));
    if (cut == Cut::Silent) hung_ = socket_.abandon();
    socket_.cut();
}

void DropsClient::closed(std::string_view) {
    connected_ = false;
    connected_since_ = kNever;
    ++tally_.unexpected_ends;
    poller_.at(Clock::now() + std::chrono::seconds(1), [this] { connect(); });
}

// socket.io-client: `_pid` and `_lastOffset` go into the CONNECT packet beside the program's own auth.
std::string DropsClient::connect_packet() const {
    if (pid_.empty()) return fmt::format(R"(40{{"recover":true,"room":"r{}"}})", room_);
    const std::string offset = offset_.empty() ? "" : fmt::format(R"("offset":"{}",)", offset_);
    return fmt::format(R"(40{{"pid":"{}",{}"recover":true,"room":"r{}"}})", pid_, offset, room_);
}

void DropsClient::received(unsigned char, std::string_view payload) {
    if (payload.starts_with(R"(42["m",)")) return take(payload.substr(7));
    if (payload == "2") return socket_.send_text("3");
    if (payload.starts_with("0{")) return socket_.send_text(connect_packet());
    if (payload.starts_with("40{")) return answered(payload.substr(2));
}

void DropsClient::answered(std::string_view json) {
    const auto now = Clock::now();
    connected_ = true;
    connected_since_ = microseconds(now);
    const std::string pid = json_field(json, "pid");
    if (!pid_.empty()) {
        ++tally_.returns;
        tally_.not_recovered += pid != pid_;
        tally_.return_times.push_back(static_cast<std::uint32_t>(microseconds(now) - microseconds(connecting_since_)));
    }
    pid_ = pid;
}

void DropsClient::take(std::string_view rest) {
    const auto stream = static_cast<std::size_t>(next_number(rest));
    const auto number = static_cast<std::uint64_t>(next_number(rest));
    const std::int64_t planned = next_number(rest);
    // The last argument, if it is a text.
    if (rest.size() > 3 && rest.front() == '"') offset_ = rest.substr(1, rest.size() - 3);

    std::uint64_t& next = next_.at(stream);
    if (number < next) {
        ++tally_.repeated;
        return;
    }
    tally_.missing += number - next;
    tally_.out_of_order += planned < last_planned_;
    ++tally_.delivered;
    next = number + 1;
    last_planned_ = planned;
    const auto delay = static_cast<std::uint32_t>(std::max<std::int64_t>(0, microseconds(Clock::now()) - planned));
    tally_.delays.push_back(delay);
    if (planned >= connected_since_) tally_.connected_delays.push_back(delay);
}

void DropsClient::count_missing(std::array<std::uint64_t, 2> last) {
    for (const Stream stream : {kEverybody, kRoom}) tally_.missing += last[stream] + 1 - next_[stream];
}

}  // namespace bench

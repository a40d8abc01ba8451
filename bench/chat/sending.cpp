#include "chat/sending.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

#include "chat/people.hpp"
#include "clients/http.hpp"

namespace bench::chat {
namespace {

constexpr std::chrono::seconds kPatience{30};

class Waiting final : public HttpConnection::Listener {
public:
    std::optional<Answer> answer;
    std::string failure;

    void answered(HttpConnection&, const HttpAnswer& it) override {
        answer = Answer{it.status, std::string(it.head), std::string(it.body)};
    }
    void failed(HttpConnection&, std::string_view why) override { failure = why; }
    bool over() const { return answer || !failure.empty(); }
};

}  // namespace

std::vector<std::string> sender_fields(std::size_t first, std::size_t count, std::string_view jwt_secret) {
    auto fields = cookie_lines(first, count, jwt_secret);
    for (std::string& lines : fields) lines += "Content-Type: application/json\r\n";
    return fields;
}

std::string send_target(std::size_t receiver) {
    return "/api/messages/send/" + user_id(receiver);
}

std::string send_body(std::uint64_t number) {
    return fmt::format(R"({{"message":"{}"}})", message_text(number));
}

Answer ask(Poller& poller, const Options& options, int status, std::string_view method, std::string_view target, std::string_view fields,
           std::string_view body) {
    Waiting waiting;
    HttpConnection connection(poller, waiting, options.port);
    connection.request(method, target, fields, body);
    poller.run_until([&] { return waiting.over(); }, Clock::now() + kPatience);
    const std::string what =
        waiting.answer ? fmt::format("{} {}", waiting.answer->status, waiting.answer->body.substr(0, 200)) : waiting.failure;
    if (!waiting.answer || waiting.answer->status != status) throw std::runtime_error(fmt::format("{} {}: {}", method, target, what));
    return *std::move(waiting.answer);
}

}  // namespace bench::chat

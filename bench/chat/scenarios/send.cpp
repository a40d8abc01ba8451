// Durable sends: clients in pairs, each one message after the other to its partner.
#include "chat/closed_loop.hpp"
#include "chat/people.hpp"
#include "chat/scenarios.hpp"
#include "chat/sending.hpp"

namespace bench::chat {
namespace {

class SendingInPairs final : public Work {
public:
    SendingInPairs(std::size_t clients, const Options& options) : fields_(sender_fields(kFirstSender, clients, options.jwt_secret)) {
        for (std::size_t i = 0; i < clients; ++i) targets_.push_back(send_target(kFirstSender + (i ^ 1)));
    }

    Request next(std::size_t client) override {
        body_ = send_body(sent_++);
        return {"POST", targets_[client], fields_[client], body_};
    }
    bool is_right(std::size_t, const HttpAnswer& answer) override { return answer.status == 201; }

private:
    const std::vector<std::string> fields_;
    std::vector<std::string> targets_;
    std::uint64_t sent_ = 0;
    std::string body_;
};

}  // namespace

void send(const Options& options, Report& report) {
    Poller poller;
    const std::size_t clients = options.clients.value_or(64);
    SendingInPairs work(clients + clients % 2, options);
    ClosedLoop(poller, work, options, report, clients).measure();
}

}  // namespace bench::chat

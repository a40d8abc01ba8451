// Sign-ups: new people, each with a hash to be made and a user to be stored durably.
#include <fmt/format.h>

#include "chat/closed_loop.hpp"
#include "chat/people.hpp"
#include "chat/scenarios.hpp"

namespace bench::chat {
namespace {

class SigningUp final : public Work {
public:
    Request next(std::size_t) override {
        body_ =
            fmt::format(R"({{"fullName":"New Person","username":"new{:x}x{}","password":"{}","confirmPassword":"{}","gender":"female"}})",
                        run_, made_++, kPassword, kPassword);
        return {"POST", "/api/auth/signup", "Content-Type: application/json\r\n", body_};
    }
    bool is_right(std::size_t, const HttpAnswer& answer) override { return answer.status == 201; }

private:
    const long run_ = static_cast<long>(std::chrono::system_clock::now().time_since_epoch().count());  // names are new in every run
    std::size_t made_ = 0;
    std::string body_;
};

}  // namespace

void sign_up(const Options& options, Report& report) {
    Poller poller;
    SigningUp work;
    ClosedLoop(poller, work, options, report, options.clients.value_or(8)).measure();
}

}  // namespace bench::chat

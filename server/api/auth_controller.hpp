// AuthController: signing up, in and out, and who am I.
// Threading: any loop.
#pragma once

#include <expected>

#include "api/context.hpp"

namespace parley::api {

class AuthController {
public:
    explicit AuthController(Context& context) : context_(context) {}

    Task<net::HttpResponse> sign_up(Call call);
    Task<net::HttpResponse> log_in(Call call);
    // Never guarded: whoever asks ends up logged out. A valid login is ended durably first.
    Task<net::HttpResponse> log_out(Call call);
    Task<net::HttpResponse> me(Call call);

private:
    using Checked = std::expected<chat::User, net::HttpResponse>;

    Task<Checked> check_password(dialect::LogIn form, std::string address, dialect::Area area);
    Task<net::HttpResponse> welcome(unsigned status, chat::User user, std::string address, Call call);
    Task<std::optional<net::HttpResponse>> end_session(const Call& call, std::string token);

    Context& context_;
};

}  // namespace parley::api

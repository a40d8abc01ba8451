// FrontDesk: the HTTP server's one handler. Looks at a request's path and hands it to whose it is: sockets, API, avatars, the frontend.
// Threading: any loop; holds references and no state.
#pragma once

#include "api/api.hpp"
#include "parley/net/http_server.hpp"
#include "parley/socketio/server.hpp"
#include "site/avatars.hpp"
#include "site/frontend.hpp"

namespace parley::app {

class FrontDesk : public net::HttpHandler {
public:
    FrontDesk(socketio::Server& io, api::Api& api, site::Frontend& frontend) : io_(io), api_(api), frontend_(frontend) {}

    std::size_t max_body_bytes(const net::RequestHead& head) override;
    void handle(net::HttpRequest request, net::Exchange exchange) override;
    net::HttpResponse error(unsigned status, std::string_view reason, const net::RequestHead* head) override;

private:
    socketio::Server& io_;
    api::Api& api_;
    site::Frontend& frontend_;
};

}  // namespace parley::app

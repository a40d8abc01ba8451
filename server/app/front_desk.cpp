#include "app/front_desk.hpp"

namespace parley::app {
namespace {

bool reads(const net::RequestHead& head) {
    return head.method == net::Method::Get || head.method == net::Method::Head;
}

}  // namespace

std::size_t FrontDesk::max_body_bytes(const net::RequestHead& head) {
    return io_.serves(head) ? io_.max_body_bytes(head) : api_.max_body_bytes(head);
}

void FrontDesk::handle(net::HttpRequest request, net::Exchange exchange) {
    if (io_.serves(request)) return io_.handle(std::move(request), std::move(exchange));
    if (reads(request) && site::avatar_user(request.path())) return exchange.respond(site::respond_avatar(request));
    if (api_.serves(request)) return api_.handle(std::move(request), std::move(exchange));
    exchange.respond(frontend_.respond(request));
}

net::HttpResponse FrontDesk::error(unsigned status, std::string_view reason, const net::RequestHead* head) {
    if (head && io_.serves(*head)) return io_.error(status, *head);
    return api_.error(status, reason);
}

}  // namespace parley::app

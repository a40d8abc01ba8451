// How requests are refused: the answer, and word to the program (ServerOptions::on_connection_error).
#include <exception>

#include "parley/base/log.hpp"
#include "server_impl.hpp"

namespace parley::engineio {

void Server::Implementation::tell(const Incoming& incoming, Refusal refusal, std::string_view message, ErrorContext context) const {
    if (!options.on_connection_error) return;
    try {
        options.on_connection_error({incoming.request, static_cast<unsigned>(refusal), message, std::move(context)});
    } catch (const std::exception& error) {
        log::error("defect: exception in a connection error hook: {}", error.what());
    }
}

void Server::Implementation::refuse(Incoming incoming, Refusal refusal, ErrorContext context) {
    tell(incoming, refusal, message_of(refusal), std::move(context));
    incoming.reply.refuse(refusal);
}

void Server::Implementation::refuse(Incoming incoming, const Admission& admission) {
    tell(incoming, Refusal::Forbidden, message_of(Refusal::Forbidden), {{"message", admission.message}});
    incoming.reply.refuse(admission.status, Refusal::Forbidden, admission.message);
}

// What is no WebSocket handshake (RFC 6455 section 4.2.1).
void Server::Implementation::refuse(Incoming incoming, net::HttpResponse response) {
    tell(incoming, Refusal::BadRequest, message_of(Refusal::BadRequest), {{"name", "TRANSPORT_HANDSHAKE_ERROR"}});
    incoming.reply.refuse(std::move(response));
}

// Answers as scripts for browsers without CORS: none has been made for ten years.
void Server::Implementation::refuse_jsonp(Incoming incoming) {
    constexpr std::string_view kMessage = "JSONP polling is not supported";
    tell(incoming, Refusal::BadRequest, kMessage, {{"name", "JSONP_UNSUPPORTED"}});
    incoming.reply.refuse(400, Refusal::BadRequest, kMessage);
}

// From a session's loop.
void Server::Implementation::refuse_from_afar(Incoming incoming, Refusal refusal, ErrorContext context) {
    if (!options.on_connection_error) return incoming.reply.refuse(refusal);
    const std::size_t loop = incoming.loop;
    run_on(loop, [this, incoming = std::move(incoming), refusal, context = std::move(context)]() mutable {
        refuse(std::move(incoming), refusal, std::move(context));
    });
}

// Origins

// Answers and logs a request that brings cookies from a page that may not use them.
bool Server::Implementation::refuse_origin(Incoming& incoming, const char* what) {
    if (options.origins.judge(incoming.request, options.proxies) != net::OriginVerdict::Foreign) return false;
    const net::Headers& headers = incoming.request.headers;
    log::warn("refused a {} from origin \"{}\": it is neither the host asked for, \"{}\", nor allowed by {}", what, headers.get("Origin"),
              headers.get("Host"), options.origins_setting);
    shards[Loop::current()->index()]->tallies().origins_refused.add();
    refuse(std::move(incoming), Refusal::Forbidden, {{"message", "origin not allowed"}});
    return true;
}

bool Server::Implementation::crosses_sites(const net::RequestHead& head) const {
    return head.headers.get("Sec-Fetch-Site") == "cross-site" &&
           options.origins.judge(head, options.proxies) != net::OriginVerdict::Allowed;
}

}  // namespace parley::engineio

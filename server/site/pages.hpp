// The few pages that the server writes itself where there is no frontend to serve.
#pragma once

#include "parley/net/http.hpp"

namespace parley::site {

// 404 "Cannot POST /nope", as the original answers what nobody serves outside /api.
net::HttpResponse cannot_page(const net::RequestHead& head);

// 400, 406, 416, 503: a page with that reason phrase.
net::HttpResponse error_page(unsigned status);

// 200: the server runs, but has no frontend; how to give it one. `missing_client` says why none is built in ("Node.js was …"); "" says nothing of that.
net::HttpResponse welcome_page(std::string_view missing_client = {});

}  // namespace parley::site

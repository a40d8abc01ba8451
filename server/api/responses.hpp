// Answers as the API gives them: JSON with the headers that every answer carries, errors by code, lists that can be asked for again.
// Pure functions.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "dialect/dialect.hpp"
#include "parley/base/error.hpp"
#include "parley/net/http.hpp"

namespace parley::api {

// Not to be stored by anybody.
net::HttpResponse json_response(unsigned status, net::Body body);

net::HttpResponse error_response(const dialect::Dialect& dialect, dialect::Area area, unsigned status, std::string_view text);

// By the table of codes. Texts of the server's own troubles are logged and not shown.
net::HttpResponse error_response(const dialect::Dialect& dialect, dialect::Area area, const Error& error);
unsigned status_of(ErrorCode code);

// 429 with Retry-After.
net::HttpResponse too_many_requests(const dialect::Dialect& dialect, dialect::Area area, std::chrono::seconds retry_after);

// A weak ETag (RFC 9110 section 8.8.3) of the state an answer is made from, the caller included: two people never share one.
std::string weak_etag(std::initializer_list<std::string_view> state);

// True if the client has the answer with this ETag and does not insist on it anew (If-None-Match, RFC 9110 section 13.1.2; Cache-Control: no-cache, as
// the original understands it).
bool is_fresh(const net::RequestHead& head, std::string_view etag);

net::HttpResponse not_modified(std::string_view etag);
// 200 with its ETag; to be asked for again each time.
net::HttpResponse list_response(net::Body body, std::string_view etag);

}  // namespace parley::api

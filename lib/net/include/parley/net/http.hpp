// HTTP/1.1 as values (RFC 9110, RFC 9112): what a handler gets and what it answers. No sockets, no parser types.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "parley/async/task.hpp"
#include "parley/base/bytes.hpp"
#include "parley/base/result.hpp"
#include "parley/net/address.hpp"

namespace parley::net {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Trace, Connect, Other };

// Header fields in the order received or added. Names compare without letter case (RFC 9110 section 5.1).
// All texts live in one buffer: a request with twenty fields costs two allocations.
class Headers {
public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    // The first field of that name; nullopt if there is none.
    std::optional<std::string_view> find(std::string_view name) const;
    // The first field's value, or "".
    std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
    // How many fields have that name.
    std::size_t count(std::string_view name) const;
    // True if a field of that name lists `token` among its comma-separated values, without letter case ("Connection: keep-alive, Upgrade").
    bool lists(std::string_view name, std::string_view token) const;

    // Appends. Precondition: a valid name, and a value without CR, LF and NUL (is_valid_field_value tells).
    void add(std::string_view name, std::string_view value);
    // Replaces every field of that name by one.
    void set(std::string_view name, std::string_view value);
    // Room for `fields` more of `bytes` in all.
    void reserve(std::size_t bytes, std::size_t fields);

    std::size_t size() const { return fields_.size(); }
    Field operator[](std::size_t index) const;

private:
    struct Slice {
        std::uint32_t offset;
        std::uint16_t name_length;
        std::uint32_t value_length;
    };
    std::string buffer_;
    std::vector<Slice> fields_;
};

bool is_valid_field_value(std::string_view value);
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII

// What is known when the head of a request has been read and its body has not.
struct RequestHead {
    Method method = Method::Get;
    std::string method_name;     // as sent
    std::string target;          // as sent, in origin form: "/path?query"
    unsigned version_minor = 1;  // HTTP/1.0 or HTTP/1.1
    Headers headers;
    Address peer;            // of the socket, not of a forwarding header
    bool keep_alive = true;  // what the client asks for

    std::string_view path() const;   // target before the first '?', still percent-encoded
    std::string_view query() const;  // target after it, or ""
};

struct HttpRequest : RequestHead {
    std::string body;  // complete; transfer coding removed, content coding (gzip) not
};

// A body that is produced piece by piece, at the pace of the client.
class BodySource {
public:
    virtual ~BodySource() = default;
    // The next piece; "" at the end. Awaited on the connection's loop, only after the previous piece has gone to the kernel. An error cuts the
    // connection, since the status has gone out already.
    virtual Task<Result<std::string>> next() = 0;
    // Bytes in all, if known: becomes Content-Length. Otherwise the body is chunked (closed at the end for HTTP/1.0).
    virtual std::optional<std::uint64_t> length() const { return std::nullopt; }
};

// A part of bytes that many answers share: `text` is a view of `bytes`.
struct SharedPart {
    SharedBytes bytes;
    std::string_view text;
};

using Body = std::variant<std::string, SharedBytes, std::vector<SharedPart>, std::unique_ptr<BodySource>>;

struct HttpResponse {
    unsigned status = 200;
    Headers headers;  // Content-Length, Transfer-Encoding, Connection and Date are the connection's to add
    Body body;
    bool close = false;  // close the connection after this answer

    static HttpResponse text(unsigned status, std::string_view content_type, std::string body);
};

// The reason phrase of RFC 9110 section 15 ("Not Found"); "Unknown" for others.
std::string_view reason_phrase(unsigned status);

// Query strings and forms (application/x-www-form-urlencoded): "+" is a space; a broken %-escape is kept as it is, like Node's querystring does.
// First value wins.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

// Percent-decoding of a path. nullopt: a broken escape, or what it becomes is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text);
std::string percent_encode(std::string_view text);  // everything but unreserved characters (RFC 3986 section 2.3)

// The value of one cookie of a Cookie header (RFC 6265 section 4.2), percent-decoded where that is possible; surrounding quotes removed.
std::optional<std::string> cookie(std::string_view cookie_header, std::string_view name);
// The same in any of a request's Cookie fields (proxies may split them; RFC 9113 section 8.2.3).
std::optional<std::string> cookie(const Headers& headers, std::string_view name);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t unix_seconds);
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace parley::net

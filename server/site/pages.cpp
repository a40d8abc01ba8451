#include "site/pages.hpp"

#include <fmt/format.h>

namespace parley::site {
namespace {

std::string escape_html(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default: result += c;
        }
    }
    return result;
}

// Escapes what may not stand in a URL (RFC 3986 section 2) and leaves escapes as they are.
std::string encode_url(std::string_view path) {
    constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/%";
    std::string result;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.contains(c);
        result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

net::HttpResponse page(unsigned status, std::string body) {
    auto response = net::HttpResponse::text(status, "text/html; charset=utf-8", std::move(body));
    response.headers.set("Content-Security-Policy", "default-src 'none'");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

net::HttpResponse message_page(unsigned status, std::string_view message) {
    return page(status, fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n"
                                    "<body>\n<pre>{}</pre>\n</body>\n</html>\n",
                                    escape_html(message)));
}

constexpr std::string_view kWelcome = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Parley</title>
</head>
<body>
<h1>Parley is running</h1>
<p>This server answers /api and /socket.io, but has no page to show yet.</p>
{}<p>To serve a frontend of your own from here, build it and start the server with its folder:</p>
<pre>parley serve --static-dir frontend/dist</pre>
</body>
</html>
)";
constexpr std::string_view kMissingClient = R"(<p>It was built without its own web client: {}.</p>
<p>On Debian this installs what that needs and builds again, on other systems get Node.js 18 or newer with npm first:</p>
<pre>make build</pre>
)";

}  // namespace

net::HttpResponse cannot_page(const net::RequestHead& head) {
    return message_page(404, fmt::format("Cannot {} {}", head.method_name, encode_url(head.path())));
}

net::HttpResponse error_page(unsigned status) {
    return message_page(status, net::reason_phrase(status));
}

net::HttpResponse welcome_page(std::string_view missing_client) {
    const std::string client = missing_client.empty() ? std::string() : fmt::format(kMissingClient, escape_html(missing_client));
    auto response = page(200, fmt::format(kWelcome, client));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

}  // namespace parley::site

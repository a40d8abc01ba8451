// HttpClient: one keep-alive connection that sends a request and waits for its whole answer. Just enough HTTP for measuring our own server.
#pragma once

#include <string>
#include <string_view>

namespace bench {

struct Answer {
    int status = 0;
    std::string head;
    std::string body;
};

class HttpClient {
public:
    explicit HttpClient(int port);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Throws std::runtime_error when the connection breaks.
    Answer request(std::string_view method, std::string_view path, std::string_view json, std::string_view cookie);

private:
    int fd_ = -1;
    std::string buffer_;
};

// A loopback TCP connection, blocking. `source` spreads connections over 127.0.0.x, since one address pair has some 28,000 ports.
int connect_to(int port, unsigned source);

// The value of a string field of flat JSON; "" if it is not there.
std::string json_field(std::string_view json, std::string_view name);

// Signs up a person and returns {id, "jwt=<token>"}.
struct Login {
    std::string id;
    std::string cookie;
};
Login sign_up(HttpClient& client, const std::string& name);

}  // namespace bench

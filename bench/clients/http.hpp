// HttpConnection: one keep-alive HTTP/1.1 connection of a measuring program, to a server on this machine: one request at a time. It opens itself for the
// first request, and again after the server has closed it between two.
#pragma once

#include <string>
#include <string_view>

#include "clients/tcp_stream.hpp"

namespace bench {

struct HttpAnswer {
    int status = 0;
    std::string_view head;  // status line and fields, without the empty line; valid during the call
    std::string_view body;  // chunks put together; valid during the call
};

// The value of a field (any case), "" if it is not there.
std::string_view header_field(std::string_view head, std::string_view name);

class HttpConnection final : private TcpStream::Listener {
public:
    class Listener {
    public:
        // May send the next request, or cut.
        virtual void answered(HttpConnection& connection, const HttpAnswer& answer) = 0;
        // The request got no answer: refused, closed, or not HTTP. May send the next request: it goes over a new connection.
        virtual void failed(HttpConnection& connection, std::string_view why) = 0;

    protected:
        ~Listener() = default;
    };

    // `source`: as WebSocket::open has it. Must not be destroyed within a call of its listener.
    HttpConnection(Poller& poller, Listener& listener, int port, unsigned source = 0)
        : listener_(listener), stream_(poller, *this), port_(port), source_(source) {}

    // `fields`: further lines of the head, each ending in \r\n. Content-Length is added where there is a body or the method is POST or PUT.
    // Throws std::logic_error while another request waits for its answer.
    void request(std::string_view method, std::string_view target, std::string_view fields = "", std::string_view body = "");
    bool busy() const { return busy_; }
    // Ends with a reset; a request under way is forgotten without a call.
    void cut();

private:
    void connected() override {}
    void received(std::string_view bytes) override;
    void closed(std::string_view why) override;

    // What is known of the answer under way.
    struct Progress {
        std::size_t head = 0;    // its length with the empty line; 0: not all there
        std::size_t length = 0;  // of the body
        bool chunked = false;
        bool until_close = false;
        std::size_t scanned = 0;  // chunked: all before this is in body_
    };
    bool take_head();
    bool take_body();
    bool take_chunks();
    void answer();
    void fail(std::string_view why);

    Listener& listener_;
    TcpStream stream_;
    const int port_;
    const unsigned source_;
    bool busy_ = false;
    std::string buffer_;  // the answer so far
    std::string body_;    // of chunks
    Progress progress_;
};

}  // namespace bench

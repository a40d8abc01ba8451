#include "clients/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::size_t number(std::string_view text, int base) {
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

}  // namespace

std::string_view header_field(std::string_view head, std::string_view name) {
    for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
        std::string_view field = head.substr(line + 2);
        if (field.size() <= name.size() || field[name.size()] != ':' || !same_name(field.substr(0, name.size()), name)) continue;
        field =
            field.substr(name.size() + 1, field.find("\r\n") == std::string_view::npos ? field.npos : field.find("\r\n") - name.size() - 1);
        while (field.starts_with(' ')) field.remove_prefix(1);
        return field;
    }
    return {};
}

void HttpConnection::request(std::string_view method, std::string_view target, std::string_view fields, std::string_view body) {
    if (busy_) throw std::logic_error("one request at a time");
    busy_ = true;
    static std::string text;
    text.clear();
    fmt::format_to(std::back_inserter(text), "{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}", method, target, port_, fields);
    if (!body.empty() || method == "POST" || method == "PUT")
        fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n", body.size());
    text += "\r\n";
    text += body;
    if (!stream_.is_open()) stream_.open(port_, source_);
    stream_.send(text);
}

void HttpConnection::cut() {
    busy_ = false;
    buffer_.clear();
    body_.clear();
    progress_ = {};
    stream_.cut();
}

void HttpConnection::received(std::string_view bytes) {
    if (!busy_) return fail("an answer that nobody asked for");
    buffer_ += bytes;
    if (progress_.head == 0 && !take_head()) return;
    if (take_body()) answer();
}

void HttpConnection::closed(std::string_view why) {
    if (busy_ && progress_.until_close) return answer();
    fail(why);
}

// RFC 9112 section 6.3: how long the body is.
bool HttpConnection::take_head() {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto head = std::string_view(buffer_).substr(0, end);
    if (!head.starts_with("HTTP/1.")) return fail("an answer that is not HTTP/1"), false;
    const std::string_view length = header_field(head, "content-length");
    const std::size_t status = number(head.substr(9, 3), 10);
    progress_.head = progress_.scanned = end + 4;
    progress_.length = number(length, 10);
    progress_.chunked = same_name(header_field(head, "transfer-encoding"), "chunked");
    progress_.until_close = length.empty() && !progress_.chunked && status != 304 && status != 204;
    return true;
}

bool HttpConnection::take_body() {
    if (progress_.chunked) return take_chunks();
    return !progress_.until_close && buffer_.size() >= progress_.head + progress_.length;
}

// RFC 9112 section 7.1; trailers are not expected.
bool HttpConnection::take_chunks() {
    while (true) {
        const auto line = buffer_.find("\r\n", progress_.scanned);
        if (line == std::string::npos) return false;
        const std::size_t size = number(std::string_view(buffer_).substr(progress_.scanned, line - progress_.scanned), 16);
        if (buffer_.size() < line + 2 + size + 2) return false;
        body_.append(buffer_, line + 2, size);
        progress_.scanned = line + 2 + size + 2;
        if (size == 0) return true;
    }
}

void HttpConnection::answer() {
    const std::string buffer = std::exchange(buffer_, {});  // the listener may send the next request
    const std::string chunks = std::exchange(body_, {});
    const Progress progress = std::exchange(progress_, {});
    const std::string_view all(buffer);
    HttpAnswer answer;
    answer.head = all.substr(0, progress.head - 4);
    answer.status = static_cast<int>(number(answer.head.substr(9, 3), 10));
    answer.body = progress.chunked ? std::string_view(chunks) : all.substr(progress.head);
    if (same_name(header_field(answer.head, "connection"), "close")) stream_.cut();
    busy_ = false;
    listener_.answered(*this, answer);
}

void HttpConnection::fail(std::string_view why) {
    const bool waited = busy_;
    cut();
    if (waited) listener_.failed(*this, why);
}

}  // namespace bench

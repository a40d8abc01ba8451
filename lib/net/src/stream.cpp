#include "stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace parley::net {
namespace {

constexpr int kSendFlags = MSG_DONTWAIT | MSG_NOSIGNAL;

IoResult from_errno() {
    return {errno == EAGAIN || errno == EWOULDBLOCK ? IoStatus::WouldBlock : IoStatus::Broken};
}

// The usual write is one piece, and send() costs the kernel a little less than sendmsg().
ssize_t send_one(int fd, const iovec& piece) {
    return ::send(fd, piece.iov_base, piece.iov_len, kSendFlags);
}

ssize_t send_all(int fd, std::span<const iovec> pieces) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    return ::sendmsg(fd, &message, kSendFlags);
}

}  // namespace

Stream::Stream(Loop& loop, int fd) : entry_(Reactor::of(loop).add(fd)) {}

Stream::Stream(Stream&& other) noexcept = default;

Stream& Stream::operator=(Stream&& other) noexcept {
    if (this != &other) {
        close();
        entry_ = std::move(other.entry_);
    }
    return *this;
}

IoResult Stream::read(std::span<char> into) {
    if (!entry_) return {};
    while (true) {
        const ssize_t count = ::recv(entry_->fd, into.data(), into.size(), MSG_DONTWAIT);
        if (count > 0) return {IoStatus::Done, static_cast<std::size_t>(count)};
        if (count == 0) return {IoStatus::End};
        if (errno != EINTR) return from_errno();
    }
}

IoResult Stream::write(std::span<const iovec> pieces) {
    if (!entry_) return {};
    while (true) {
        const ssize_t count = pieces.size() == 1 ? send_one(entry_->fd, pieces.front()) : send_all(entry_->fd, pieces);
        if (count >= 0) return {IoStatus::Done, static_cast<std::size_t>(count)};
        if (errno != EINTR) return from_errno();
    }
}

bool Stream::wait_readable(Callback callback, void* context) {
    return entry_ && entry_->reactor.wait(*entry_, Reactor::Readable, callback, context);
}

bool Stream::wait_writable(Callback callback, void* context) {
    return entry_ && entry_->reactor.wait(*entry_, Reactor::Writable, callback, context);
}

bool Stream::wait_broken(Callback callback, void* context) {
    return entry_ && entry_->reactor.wait(*entry_, Reactor::BrokenDown, callback, context);
}

void Stream::shutdown_write() {
    if (entry_) ::shutdown(entry_->fd, SHUT_WR);
}

void Stream::close() {
    if (entry_) ::close(release());
}

int Stream::release() {
    if (!entry_) return -1;
    const int fd = entry_->fd;
    entry_->reactor.remove(std::move(entry_));
    return fd;
}

}  // namespace parley::net

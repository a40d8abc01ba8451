#include "stream.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace parley::net {
namespace {

IoResult from_errno() {
    return {errno == EAGAIN || errno == EWOULDBLOCK ? IoStatus::WouldBlock : IoStatus::Broken};
}

}  // namespace

Stream::Stream(Loop& loop, int fd) : entry_(Reactor::of(loop).add(fd)) {
    int on = 1;
    if (!entry_ || ::ioctl(fd, FIONBIO, &on) != 0) ::close(entry_ ? release() : fd);
}

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
        const ssize_t count = ::recv(entry_->fd, into.data(), into.size(), 0);
        if (count > 0) return {IoStatus::Done, static_cast<std::size_t>(count)};
        if (count == 0) return {IoStatus::End};
        if (errno != EINTR) return from_errno();
    }
}

IoResult Stream::write(std::span<const iovec> pieces) {
    if (!entry_) return {};
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    while (true) {
        const ssize_t count = ::sendmsg(entry_->fd, &message, MSG_NOSIGNAL);
        if (count >= 0) return {IoStatus::Done, static_cast<std::size_t>(count)};
        if (errno != EINTR) return from_errno();
    }
}

void Stream::wait_readable(Callback callback, void* context) {
    if (entry_) entry_->reactor.wait(*entry_, Reactor::Readable, callback, context);
}

void Stream::wait_writable(Callback callback, void* context) {
    if (entry_) entry_->reactor.wait(*entry_, Reactor::Writable, callback, context);
}

void Stream::wait_broken(Callback callback, void* context) {
    if (entry_) entry_->reactor.wait(*entry_, Reactor::BrokenDown, callback, context);
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

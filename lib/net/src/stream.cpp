#include "stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>
#include <utility>

namespace parley::net {
namespace {

using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

enum Direction : std::size_t { Readable, Writable, BrokenDown, kDirections };

IoResult from_errno() {
    return {errno == EAGAIN || errno == EWOULDBLOCK ? IoStatus::WouldBlock : IoStatus::Broken};
}

}  // namespace

// What waits refer to: the stream, and each wait that the reactor still holds, own a share of it. Closing wakes nobody: callbacks are cleared.
struct Stream::Core {
    explicit Core(Loop& loop) : descriptor(loop.context().get_executor()) {}
    void release() {
        if (--shares == 0) delete this;
    }
    void wait(Direction direction, Callback callback, void* callers_context);

    Descriptor descriptor;
    std::array<Callback, kDirections> callbacks{};
    void* context = nullptr;                // of all callbacks
    std::array<bool, kDirections> armed{};  // the reactor holds a wait
    bool closed = false;
    unsigned shares = 1;
};

namespace {

// A share held by a wait.
template <class Core>
class Share {
public:
    explicit Share(Core& core) : core_(&core) { ++core.shares; }
    Share(Share&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    Share(const Share& other) = delete;
    ~Share() {
        if (core_) core_->release();
    }
    Core* operator->() const { return core_; }

private:
    Core* core_;
};

constexpr std::array kWaitTypes{boost::asio::posix::descriptor_base::wait_read, boost::asio::posix::descriptor_base::wait_write,
                                boost::asio::posix::descriptor_base::wait_error};

}  // namespace

void Stream::Core::wait(Direction direction, Callback callback, void* callers_context) {
    callbacks[direction] = callback;
    context = callers_context;
    if (std::exchange(armed[direction], true)) return;
    descriptor.async_wait(kWaitTypes[direction], [share = Share<Core>(*this), direction](boost::system::error_code) {
        share->armed[direction] = false;
        const Callback wake = std::exchange(share->callbacks[direction], nullptr);
        if (wake && !share->closed) wake(share->context);
    });
}

Stream::Stream(Loop& loop, int fd) : core_(new Core(loop)) {
    boost::system::error_code error;
    core_->descriptor.assign(fd, error);
    if (!error) {
        core_->descriptor.native_non_blocking(true, error);
        return;
    }
    ::close(fd);  // the reactor has no room for it
    std::exchange(core_, nullptr)->release();
}

Stream::Stream(Stream&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
    if (this != &other) {
        close();
        core_ = std::exchange(other.core_, nullptr);
    }
    return *this;
}

IoResult Stream::read(std::span<char> into) {
    if (!core_) return {};
    while (true) {
        const ssize_t count = ::recv(core_->descriptor.native_handle(), into.data(), into.size(), 0);
        if (count > 0) return {IoStatus::Done, static_cast<std::size_t>(count)};
        if (count == 0) return {IoStatus::End};
        if (errno != EINTR) return from_errno();
    }
}

IoResult Stream::write(std::span<const iovec> pieces) {
    if (!core_) return {};
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    while (true) {
        const ssize_t count = ::sendmsg(core_->descriptor.native_handle(), &message, MSG_NOSIGNAL);
        if (count >= 0) return {IoStatus::Done, static_cast<std::size_t>(count)};
        if (errno != EINTR) return from_errno();
    }
}

void Stream::wait_readable(Callback callback, void* context) {
    if (core_) core_->wait(Readable, callback, context);
}

void Stream::wait_writable(Callback callback, void* context) {
    if (core_) core_->wait(Writable, callback, context);
}

void Stream::wait_broken(Callback callback, void* context) {
    if (core_) core_->wait(BrokenDown, callback, context);
}

void Stream::shutdown_write() {
    if (core_) ::shutdown(core_->descriptor.native_handle(), SHUT_WR);
}

void Stream::close() {
    if (!core_) return;
    Core* core = std::exchange(core_, nullptr);
    core->closed = true;
    boost::system::error_code ignored;
    core->descriptor.close(ignored);
    core->release();
}

int Stream::release() {
    if (!core_) return -1;
    Core* core = std::exchange(core_, nullptr);
    core->closed = true;
    const int fd = core->descriptor.release();
    core->release();
    return fd;
}

}  // namespace parley::net

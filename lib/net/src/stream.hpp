// Stream: a connected descriptor and its place in a loop's reactor; never waited for inside a call, whatever the descriptor's own mode. Nothing else
// in the library calls recv or send, so that TLS can come here with the same readiness waits.
// Readiness is awaited with plain callbacks: a function and its context, kept without an allocation. A callback never runs inside the call that
// asks for it, and never after the stream has been closed, released or destroyed; it may do each of these.
// Threading: loop-confined.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "parley/async/loop.hpp"
#include "prefetch.hpp"
#include "reactor.hpp"

namespace parley::net {

enum class IoStatus : std::uint8_t {
    Done,        // `bytes` of them, at least one
    WouldBlock,  // nothing now; wait
    End,         // read only: the peer has sent its last byte
    Broken,      // the connection is gone
};

struct IoResult {
    IoStatus status = IoStatus::Broken;
    std::size_t bytes = 0;
};

class Stream {
public:
    using Callback = Reactor::Callback;

    // A callback for `object->method()`: stream.wait_readable(Stream::call<Session, &Session::on_readable>, this)
    template <class Object, void (Object::*Method)()>
    static void call(void* context) {
        (static_cast<Object*>(context)->*Method)();
    }

    Stream() = default;
    Stream(Loop& loop, int fd);  // takes the descriptor
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream() { close(); }

    bool is_open() const { return entry_ != nullptr; }

    IoResult read(std::span<char> into);
    // Writes from the beginning of the pieces, as much as the kernel takes now.
    IoResult write(std::span<const iovec> pieces);

    // All waits of one stream are for the same context. Each calls back once. Asked again while it waits: the earlier wait serves.
    // False: nothing will call, because the stream is not open or the kernel has no room to watch it.
    [[nodiscard]] bool wait_readable(Callback callback, void* context);
    [[nodiscard]] bool wait_writable(Callback callback, void* context);
    // The connection was reset or both directions are shut: for whoever does not want to read now. Urgent data, of no use to anybody, counts too.
    [[nodiscard]] bool wait_broken(Callback callback, void* context);

    // Asks for what reads and writes will look at.
    void prefetch_entry() const { prefetch(entry_.get(), sizeof(Reactor::Entry)); }

    // No more from us; the peer sees the end after what was written.
    void shutdown_write();
    void close();
    int release();  // the descriptor becomes the caller's; -1 if not open

private:
    std::unique_ptr<Reactor::Entry> entry_;
};

}  // namespace parley::net

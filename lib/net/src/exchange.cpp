#include <unistd.h>

#include <utility>

#include "http_connection.hpp"

namespace parley::net {

DetachedConnection::DetachedConnection(DetachedConnection&& other) noexcept
    : fd(other.release()), unread(std::move(other.unread)), peer(other.peer), slot(std::move(other.slot)) {}

DetachedConnection& DetachedConnection::operator=(DetachedConnection&& other) noexcept {
    std::swap(fd, other.fd);
    std::swap(unread, other.unread);
    std::swap(peer, other.peer);
    std::swap(slot, other.slot);
    return *this;
}

DetachedConnection::~DetachedConnection() {
    if (fd >= 0) ::close(fd);
}

int DetachedConnection::release() {
    return std::exchange(fd, -1);
}

Exchange::Exchange(std::uint16_t loop, std::uint32_t slot, std::uint32_t generation, ConnectionTable* table)
    : loop_(loop), slot_(slot), generation_(generation), table_(table) {
    if (table_) table_->retain();
}

Exchange::Exchange(Exchange&& other) noexcept
    : loop_(other.loop_), slot_(other.slot_), generation_(other.generation_), table_(std::exchange(other.table_, nullptr)) {}

Exchange& Exchange::operator=(Exchange&& other) noexcept {
    std::swap(loop_, other.loop_);
    std::swap(slot_, other.slot_);
    std::swap(generation_, other.generation_);
    std::swap(table_, other.table_);
    return *this;
}

namespace {

// Does something with the connection on its loop: at once there, posted from elsewhere; nothing if the connection has gone.
template <class Action>
void on_connection(ConnectionTable& table, std::uint32_t slot, std::uint32_t generation, Action action) {
    if (table.closed()) return;
    auto run = [&table, slot, generation, action = std::move(action)]() mutable {
        if (HttpConnection* connection = table.find(slot, generation)) action(*connection);
    };
    table.loop().is_current() ? run() : table.loop().post(std::move(run));
}

}  // namespace

Exchange::~Exchange() {
    if (!table_) return;
    const auto answer = [](HttpConnection& connection) { connection.fail_unanswered(); };
    on_connection(*table_, slot_, generation_, answer);
    table_->release();
}

void Exchange::respond(HttpResponse response) {
    if (!table_) return;
    ConnectionTable* table = std::exchange(table_, nullptr);
    auto answer = [response = std::move(response)](HttpConnection& connection) mutable { connection.respond(std::move(response)); };
    on_connection(*table, slot_, generation_, std::move(answer));
    table->release();
}

void Exchange::on_abort(std::function<void()> function) {
    if (!table_ || table_->closed()) return;
    if (HttpConnection* connection = table_->find(slot_, generation_)) {
        connection->on_abort(std::move(function));
    } else {
        table_->loop().post(std::move(function));  // gone before anybody could ask
    }
}

DetachedConnection Exchange::detach() {
    if (!table_) return {};
    ConnectionTable* table = std::exchange(table_, nullptr);
    HttpConnection* connection = table->closed() ? nullptr : table->find(slot_, generation_);
    DetachedConnection detached = connection ? connection->detach() : DetachedConnection{};
    table->release();
    return detached;
}

}  // namespace parley::net

#include "storage/sqlite/readers.hpp"

#include "parley/base/log.hpp"

namespace parley::storage::sqlite {

Readers::Readers(ConnectionOptions options, std::size_t threads, std::size_t max_waiting)
    : options_(std::move(options)), pool_("db-read", threads, max_waiting) {}

Result<std::unique_ptr<Connection>> Readers::borrow() {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(ErrorCode::Unavailable, "the server is stopping, try again later");
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
    }
    auto opened = Connection::open(options_);
    if (opened) return opened;
    log::error("storage could not be read: {}", opened.error().message);
    return fail(ErrorCode::Unavailable, "storage is not available, try again later");
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
    if (connection->trouble() == Trouble::Connection) {
        log::error("storage could not be read: {}", connection->last_trouble());
        return;
    }
    connection->clear_trouble();
    const std::lock_guard lock(mutex_);
    if (!stopping_) idle_.push_back(std::move(connection));
}

void Readers::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    idle_.clear();
}

}  // namespace parley::storage::sqlite

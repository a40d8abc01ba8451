// SocketList: the sockets of one client, in the order connected. Almost all clients have one, in the default namespace: it costs no allocation of its own.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "parley/socketio/socket.hpp"

namespace parley::socketio {

class SocketList {
public:
    std::size_t size() const { return first_ ? 1 + (others_ ? others_->size() : 0) : 0; }
    bool empty() const { return !first_; }
    Socket& operator[](std::size_t index) const { return index == 0 ? *first_ : *(*others_)[index - 1]; }
    Socket& back() const { return (*this)[size() - 1]; }

    // nullptr: none is like that.
    template <class Matches>
    Socket* find(Matches matches) const {
        for (std::size_t i = 0, count = size(); i < count; ++i) {
            if (matches((*this)[i])) return &(*this)[i];
        }
        return nullptr;
    }

    Socket& add(std::unique_ptr<Socket> socket) {
        if (!first_) return *(first_ = std::move(socket));
        if (!others_) others_ = std::make_unique<std::vector<std::unique_ptr<Socket>>>();
        return *others_->emplace_back(std::move(socket));
    }
    // nullptr: it is not in the list.
    std::unique_ptr<Socket> take(const Socket& socket) {
        if (first_.get() == &socket) return take_first();
        if (!others_) return nullptr;
        const auto found = std::ranges::find(*others_, &socket, &std::unique_ptr<Socket>::get);
        return found == others_->end() ? nullptr : take_other(static_cast<std::size_t>(found - others_->begin()));
    }

private:
    std::unique_ptr<Socket> take_first() {
        std::unique_ptr<Socket> taken = std::move(first_);
        if (others_) first_ = take_other(0);
        return taken;
    }
    std::unique_ptr<Socket> take_other(std::size_t index) {
        std::unique_ptr<Socket> taken = std::move((*others_)[index]);
        others_->erase(others_->begin() + static_cast<std::ptrdiff_t>(index));
        if (others_->empty()) others_.reset();
        return taken;
    }

    std::unique_ptr<Socket> first_;
    std::unique_ptr<std::vector<std::unique_ptr<Socket>>> others_;  // nullptr: there are none
};

}  // namespace parley::socketio

// OnlineLists: which sockets of a crowd have heard, last, exactly the online list that is right now. The number of ids is looked at in every list, the ids
// themselves where the socket looks: some hundred of the crowd.
#pragma once

#include <string>
#include <vector>

#include "chat/crowd.hpp"

namespace bench::chat {

class OnlineLists final : public Crowd::Listener {
public:
    explicit OnlineLists(std::size_t users);

    // Makes the sockets look that are to.
    void choose_lookers(Crowd& crowd) const;

    // Who is online from now on. Nobody has the right list yet.
    void set_online(std::size_t user, bool online);
    void expect_news();

    std::size_t online() const { return online_; }
    std::size_t right() const { return right_; }  // sockets whose latest list is the right one
    std::uint64_t heard() const { return heard_; }

    void heard_list(std::size_t number, std::size_t count, std::string_view ids) override;

private:
    // Of a set of ids, whatever their order.
    static std::uint64_t hash(std::string_view ids);

    std::vector<std::uint64_t> hashes_;  // of each user's id
    std::vector<bool> is_right_;
    std::size_t online_ = 0;
    std::uint64_t expected_ = 0;  // the sum of the hashes of who is online
    std::size_t right_ = 0;
    std::uint64_t heard_ = 0;
};

}  // namespace bench::chat

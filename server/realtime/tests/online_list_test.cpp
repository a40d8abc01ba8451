#include "realtime/online_list.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace parley::realtime {
namespace {

using Users = std::vector<chat::UserId>;

std::string written_plainly(const Users& users) {
    std::string text = "[";
    for (const chat::UserId& user : users) text += (text.size() > 1 ? ",\"" : "\"") + user.to_hex() + '"';
    return text + "]";
}

TEST(OnlineList, IsWhatItWouldBeIfWrittenAnew) {
    Users all;
    for (int i = 0; i < 5; ++i) all.push_back(chat::UserId::generate());
    const std::vector<Users> states{{},
                                    {all[0]},
                                    {all[0], all[1], all[2]},
                                    {all[2], all[1]},
                                    {all[2], all[1]},
                                    {all[3]},
                                    {},
                                    {all[4], all[3], all[2], all[1], all[0]},
                                    {all[4], all[3], all[0], all[1]}};
    OnlineList list;
    for (const Users& users : states) {
        EXPECT_EQ(list.json(users), written_plainly(users));
        EXPECT_EQ(OnlineList::bytes(users.size()), written_plainly(users).size());
    }
}

}  // namespace
}  // namespace parley::realtime

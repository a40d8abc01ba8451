#include "realtime/online_list.hpp"

namespace parley::realtime {

std::string_view OnlineList::json(std::span<const chat::UserId> users) {
    const std::size_t known = std::min(written_.size(), users.size());
    text_.resize(bytes(users.size()));
    text_.front() = '[';
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (i >= known || users[i] != written_[i]) write(i, users[i]);
    }
    if (known > 0) text_[kItemBytes * known] = ',';
    text_.back() = ']';
    written_.assign(users.begin(), users.end());
    return text_;
}

void OnlineList::write(std::size_t place, const chat::UserId& user) {
    const std::string item = '"' + user.to_hex() + "\",";
    text_.replace(1 + kItemBytes * place, kItemBytes, item);
}

}  // namespace parley::realtime

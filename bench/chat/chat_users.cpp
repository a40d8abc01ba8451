// Writes the users of chat_load, and a conversation, as JSON lines that `parley import` takes (docs/migration.md).
//
//     chat_users COUNT [--messages M] [--cost C] > users.jsonl
//
// M messages between the users 0 and 1, in turn. Everybody has the same password (chat/people.hpp), hashed once with bcrypt at cost C (10). --jwt-secret
// is taken and not needed: chat_load signs.
#include <crypt.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "chat/arguments.hpp"
#include "chat/people.hpp"

namespace {

using namespace bench::chat;

constexpr std::int64_t kFirstTime = 1'694'000'000'000;  // milliseconds since 1970: September 2023
constexpr std::size_t kMost = 0xffffff;                 // as ids have room for

std::string hash_of(std::string_view password, unsigned long cost) {
    const std::string salt = "0123456789abcdef";
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const auto scratch = std::make_unique<crypt_data>();
    if (!crypt_gensalt_rn("$2b$", cost, salt.data(), static_cast<int>(salt.size()), setting, sizeof setting))
        throw std::runtime_error("a bcrypt cost is 4 to 31");
    const char* hash = crypt_rn(std::string(password).c_str(), setting, scratch.get(), sizeof(crypt_data));
    if (!hash) throw std::runtime_error("bcrypt refused to hash");
    return hash;
}

void write_user(std::size_t i, std::string_view hash) {
    const auto time = kFirstTime + static_cast<std::int64_t>(i);
    const std::string id = user_id(i);
    fmt::print(R"({{"type":"user","_id":"{0}","fullName":"Person Number {1}","username":"{2}","password":"{3}","gender":"{4}",)"
               R"("profilePic":"/api/avatars/{0}.svg","createdAt":{5},"updatedAt":{5}}})"
               "\n",
               id, i, username(i), hash, i % 2 == 0 ? "female" : "male", time);
}

void write_message(std::size_t i) {
    const auto time = kFirstTime + 100'000'000 + static_cast<std::int64_t>(i);
    fmt::print(R"({{"type":"message","_id":"{}","senderId":"{}","receiverId":"{}","message":"{}","createdAt":{},"updatedAt":{}}})"
               "\n",
               message_id(i), user_id(i % 2), user_id(1 - i % 2), message_text(i), time, time);
}

void write_all(const Arguments& arguments) {
    if (arguments.words().size() != 1) throw std::runtime_error("usage: chat_users COUNT [--messages M] [--cost C]");
    const std::size_t users = std::stoul(arguments.words()[0]);
    const std::size_t messages = arguments.count("messages").value_or(0);
    if (users > kMost || messages > kMost) throw std::runtime_error("that is more than there are ids for");
    const std::string hash = hash_of(kPassword, arguments.count("cost").value_or(10));
    fmt::print("{{\"type\":\"parley-export\",\"version\":1,\"exportedAt\":{}}}\n", kFirstTime);
    for (std::size_t i = 0; i < users; ++i) write_user(i, hash);
    for (std::size_t i = 0; i < messages; ++i) write_message(i);
    fmt::print("{{\"type\":\"end\",\"records\":{}}}\n", users + messages);
    if (std::fflush(stdout) != 0) throw std::runtime_error("cannot write");
}

}  // namespace

int main(int argc, char** argv) {
    try {
        write_all(Arguments(argc, argv, {"messages", "cost", "jwt-secret"}, {}));
    } catch (const std::exception& error) {
        fmt::print(stderr, "chat_users: {}\n", error.what());
        return 1;
    }
}

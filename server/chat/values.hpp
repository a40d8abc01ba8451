// The values of the chat: ids, users, messages. Plain data, no behaviour but comparison; the same whatever stores them and whatever shows them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace parley::chat {

// Milliseconds since 1970, UTC: the resolution of BSON dates and of the wire.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// Tells the time, on any thread. Stores take one, so that a test can bring its own.
using Clock = std::function<Timestamp()>;
Timestamp system_now();

// 12 bytes, as MongoDB's ObjectId: 4 of seconds (big endian), 5 random per process, 3 of a counter. Written as 24 lower-case hex digits.
struct ObjectId {
    std::array<std::uint8_t, 12> bytes{};
    std::string to_hex() const;
    std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    static std::optional<ObjectId> parse(std::string_view hex);  // 24 hex digits of either case
    static ObjectId generate();                                  // any thread; never twice the same in one process
    bool made_here() const;                                      // by generate() in this process
    friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

// Ids that cannot be mistaken for each other.
template <class Tag>
struct Id : ObjectId {
    Id() = default;
    explicit Id(const ObjectId& id) : ObjectId(id) {}
    static std::optional<Id> parse(std::string_view hex) {
        const auto id = ObjectId::parse(hex);
        return id ? std::optional(Id(*id)) : std::nullopt;
    }
    static Id generate() { return Id(ObjectId::generate()); }
};
using UserId = Id<struct UserTag>;
using MessageId = Id<struct MessageTag>;
using ConversationId = Id<struct ConversationTag>;

enum class Gender : std::uint8_t { Male, Female };

struct User {
    UserId id;
    std::string full_name;
    std::string username;
    std::string password_hash;  // bcrypt, "$2b$10$…"; never leaves the server
    Gender gender = Gender::Male;
    std::string profile_picture;  // a URL or a path on this server
    Timestamp created_at;
    Timestamp updated_at;
};

struct Message {
    MessageId id;
    UserId sender;
    UserId receiver;
    std::string text;  // valid UTF-8; may hold U+0000
    Timestamp created_at;
    Timestamp updated_at;

    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace parley::chat

template <class Tag>
struct std::hash<parley::chat::Id<Tag>> {
    std::size_t operator()(const parley::chat::Id<Tag>& id) const noexcept { return std::hash<std::string_view>{}(id.view()); }
};

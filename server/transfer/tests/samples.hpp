// Values for the tests of transfers, and a receiver that remembers what it was given.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/mongodb/documents.hpp"
#include "storage/sqlite/tests/temporary_folder.hpp"
#include "transfer/progress.hpp"
#include "transfer/report.hpp"
#include "transfer/source.hpp"

namespace parley::chat {

inline bool operator==(const User& a, const User& b) {
    return a.id == b.id && a.full_name == b.full_name && a.username == b.username && a.password_hash == b.password_hash &&
           a.gender == b.gender && a.profile_picture == b.profile_picture && a.created_at == b.created_at && a.updated_at == b.updated_at;
}

inline void PrintTo(const User& user, std::ostream* out) {
    *out << user.id.to_hex() << " " << user.username;
}
inline void PrintTo(const Message& message, std::ostream* out) {
    *out << message.id.to_hex() << " \"" << message.text << "\"";
}

}  // namespace parley::chat

namespace parley::transfer {

using storage::sqlite::TemporaryFolder;

inline const std::string kHash = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

// "…00042" as 24 digits.
template <class Id>
Id id_of(unsigned number) {
    return *Id::parse(fmt::format("{:024x}", number));
}

inline chat::Timestamp at(std::int64_t milliseconds) {
    return chat::Timestamp(std::chrono::milliseconds(1'700'000'000'000 + milliseconds));
}

inline chat::User user(unsigned number, std::string name) {
    return {.id = id_of<chat::UserId>(number),
            .full_name = "Full " + name,
            .username = std::move(name),
            .password_hash = kHash,
            .gender = number % 2 == 0 ? chat::Gender::Male : chat::Gender::Female,
            .profile_picture = "https://pictures.example/" + std::to_string(number),
            .created_at = at(number),
            .updated_at = at(number + 1)};
}

inline chat::Message message(unsigned number, unsigned from, unsigned to, std::int64_t ms, std::string text = "text") {
    return {id_of<chat::MessageId>(number), id_of<chat::UserId>(from), id_of<chat::UserId>(to), std::move(text), at(ms), at(ms)};
}

inline ReadMark read_mark(unsigned reader, unsigned peer, unsigned message) {
    return {id_of<chat::UserId>(reader), id_of<chat::UserId>(peer), id_of<chat::MessageId>(message)};
}

struct Everything {
    std::vector<chat::User> users;
    std::vector<chat::Message> messages;
    std::vector<Revocation> revocations;
    std::vector<ReadMark> marks{};
    friend bool operator==(const Everything&, const Everything&) = default;
};

// What is easily lost on the way.
inline Everything difficult() {
    using namespace std::string_literals;
    Everything all;
    all.users = {user(5, "zoe"), user(3, "ada"), user(9, "ADA "), user(7, "b\"ob\\\n"), user(8, "u\0nul"s)};
    all.users[1].profile_picture.clear();
    all.users[2].password_hash = "";
    all.messages = {message(900, 5, 3, 10, "first"),
                    message(100, 3, 5, 10, "the same millisecond, a smaller id"),
                    message(101, 5, 5, 20, "a note to self"),
                    message(102, 5, 3, 30, "a\0b \U0001F600 \u2028 \"quoted\" \\ \t"s),
                    message(103, 3, 5, 30, ""),
                    message(104, 3, 77, 31, "to somebody who is gone"),
                    message(105, 9, 3, 40, std::string(200'000, 'x'))};
    all.messages[3].updated_at = at(999);
    all.revocations = {{"0123abcd", at(100'000)}, {"sid-of-ours", at(-5)}};
    return all;
}

class Collecting : public Receiver {
public:
    Result<bool> take(const chat::User& user) override { return all.users.push_back(user), true; }
    Result<bool> take(const chat::Message& message) override { return all.messages.push_back(message), true; }
    Result<bool> take(const Revocation& revocation) override { return all.revocations.push_back(revocation), true; }
    Result<bool> take(const ReadMark& mark) override { return all.marks.push_back(mark), true; }
    Result<bool> take(const Conversation& conversation) override { return conversations.push_back(conversation), true; }

    Everything all;
    std::vector<Conversation> conversations;
};

// Gives what a test put into it.
class Given : public Source {
public:
    explicit Given(Everything given, Order order = Order::AsGiven, std::string fingerprint = "")
        : all(std::move(given)), order_(order), fingerprint_(std::move(fingerprint)) {}
    std::string name() const override { return called; }
    std::string fingerprint() const override { return fingerprint_; }
    Order order() const override { return order_; }
    Result<bool> read(Receiver& receiver, Report&, Progress&) override {
        ++times_read;
        const auto give = [&](const auto& values) -> Result<bool> {
            for (const auto& value : values) {
                TRY([[maybe_unused]] const bool taken, receiver.take(value));
            }
            return true;
        };
        TRY([[maybe_unused]] const bool users, give(all.users));
        TRY([[maybe_unused]] const bool messages, give(all.messages));
        TRY([[maybe_unused]] const bool conversations_given, give(conversations));
        TRY([[maybe_unused]] const bool revocations, give(all.revocations));
        TRY([[maybe_unused]] const bool marks, give(all.marks));
        if (fails) return fail(ErrorCode::InvalidArgument, "the source is damaged");
        return true;
    }

    Everything all;
    std::vector<Conversation> conversations;
    std::string called = "the test";
    bool fails = false;
    int times_read = 0;

private:
    const Order order_;
    const std::string fingerprint_;
};

inline Conversation conversation(unsigned number, unsigned one, unsigned other, const std::vector<unsigned>& messages) {
    Conversation document;
    document.id = id_of<chat::ConversationId>(number);
    document.participants = {id_of<chat::UserId>(one), id_of<chat::UserId>(other)};
    for (const unsigned each : messages) document.messages.push_back(id_of<chat::MessageId>(each));
    return document;
}

}  // namespace parley::transfer

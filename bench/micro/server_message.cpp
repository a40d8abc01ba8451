// What a message and a caller cost before anything is stored or sent: JSON of a message and of a user, and the verification of a token.
#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

#include "auth/jwt.hpp"
#include "chat/values.hpp"
#include "dialect/dialect.hpp"

namespace {

using namespace parley;

const dialect::Dialect& frontend() {
    static const auto made = dialect::make_dialect("mern-chat-app").value();
    return *made;
}

chat::Message message_of(std::size_t bytes) {
    const auto now = chat::system_now();
    return {chat::MessageId::generate(), chat::UserId::generate(), chat::UserId::generate(), std::string(bytes, 'x'), now, now};
}

// The argument: bytes of text.
void history_message(benchmark::State& state) {
    const chat::Message message = message_of(static_cast<std::size_t>(state.range(0)));
    std::string out;
    for (auto _ : state) {
        out.clear();
        frontend().append_history_message(out, message);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(history_message)->Arg(20)->Arg(100)->Arg(10'000);

void sent_message(benchmark::State& state) {
    const chat::Message message = message_of(100);
    for (auto _ : state) benchmark::DoNotOptimize(frontend().message_json(message));
}
BENCHMARK(sent_message);

void directory_user(benchmark::State& state) {
    chat::User user;
    user.id = chat::UserId::generate();
    user.full_name = "Ada Lovelace";
    user.username = "ada.lovelace";
    user.profile_picture = "/api/avatars/" + user.id.to_hex() + ".svg";
    user.created_at = user.updated_at = chat::system_now();
    std::string out;
    for (auto _ : state) {
        out.clear();
        frontend().append_user(out, user);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(directory_user);

void verify_token(benchmark::State& state) {
    const std::string secret(48, 's');
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auth::jwt::Claims claims{chat::UserId::generate().to_hex(), std::string(22, 'n'), now, now + std::chrono::days(15)};
    const std::string token = auth::jwt::sign(claims, secret);
    for (auto _ : state) benchmark::DoNotOptimize(auth::jwt::verify(token, secret, now));
}
BENCHMARK(verify_token);

}  // namespace

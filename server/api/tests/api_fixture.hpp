// ApiTest: an Api on memory stores, asked directly: no sockets. Clients keep their cookie.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "api/api.hpp"
#include "auth/bcrypt_hasher.hpp"
#include "storage/contract/run.hpp"
#include "storage/memory/conversation_store.hpp"
#include "storage/memory/message_store.hpp"
#include "storage/memory/session_store.hpp"
#include "storage/memory/user_store.hpp"

namespace parley::api {

// What a test looks at of an answer.
struct Answer {
    unsigned status = 0;
    std::string body;
    net::Headers headers;
    std::size_t pieces = 0;  // in which the body came, if it was streamed
};

class Listener final : public chat::CommitListener {
public:
    void committed(const chat::Committed& event) override { events.push_back(event); }
    void marked_read(const chat::MarkedRead& event) override { marks.push_back(event); }
    std::vector<chat::Committed> events;
    std::vector<chat::MarkedRead> marks;
};

// Gives no more than so many users in one page, however many are asked for.
class PagedUsers final : public storage::MemoryUserStore {
public:
    Task<Result<chat::UserPage>> list(chat::DirectoryQuery query) override {
        query.limit = std::min(query.limit, largest_page);
        return MemoryUserStore::list(std::move(query));
    }
    std::size_t largest_page = 500;
};

class ApiTest : public testing::Test {
protected:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    static ApiOptions default_options() {
        ApiOptions options;
        options.limits.enabled = false;
        options.proxies.networks = {*net::Network::parse("127.0.0.0/8"), *net::Network::parse("::1")};
        options.origins.allowed = {"http://localhost:3000"};
        return options;
    }

    explicit ApiTest(ApiOptions options = default_options()) {
        options.on_session_ended = [this](const auth::Identity& identity) { ended.push_back(identity.session); };
        api.emplace(ApiParts{accounts, users, messaging, messages, conversations, sessions, authenticator, *dialect}, std::move(options));
    }

    static net::HttpRequest request(net::Method method, std::string method_name, std::string target, std::string body,
                                    const Fields& fields) {
        net::HttpRequest made;
        made.method = method;
        made.method_name = std::move(method_name);
        made.target = std::move(target);
        made.body = std::move(body);
        made.peer = {*net::IpAddress::parse("127.0.0.1"), 1234};
        made.headers.add("Host", "localhost:5000");
        for (const auto& [name, value] : fields) made.headers.add(name, value);
        return made;
    }

    Answer ask(net::HttpRequest request) { return runner.run(collect(&*api, std::move(request))); }

    Answer get(std::string target, std::string token = "", Fields fields = {}) {
        if (!token.empty()) fields.emplace_back("Cookie", "jwt=" + token);
        return ask(request(net::Method::Get, "GET", std::move(target), "", fields));
    }

    Answer post(std::string target, std::string json, std::string token = "", Fields fields = {}) {
        if (!token.empty()) fields.emplace_back("Cookie", "jwt=" + token);
        fields.emplace_back("Content-Type", "application/json");
        return ask(request(net::Method::Post, "POST", std::move(target), std::move(json), fields));
    }

    Answer put(std::string target, std::string json, std::string token = "", Fields fields = {}) {
        if (!token.empty()) fields.emplace_back("Cookie", "jwt=" + token);
        if (!json.empty()) fields.emplace_back("Content-Type", "application/json");
        return ask(request(net::Method::Put, "PUT", std::move(target), std::move(json), fields));
    }

    static std::string sign_up_json(const std::string& name) {
        return R"({"fullName":"Full )" + name + R"(","username":")" + name +
               R"(","password":"secret1","confirmPassword":"secret1","gender":"female"})";
    }

    struct Person {
        std::string id;
        std::string token;
    };
    Person join(const std::string& name) {
        const Answer answer = post("/api/auth/signup", sign_up_json(name));
        EXPECT_EQ(answer.status, 201U) << answer.body;
        return {answer.body.substr(8, 24), token_of(answer)};
    }

    static std::string token_of(const Answer& answer) {
        const std::string_view cookie = answer.headers.get("Set-Cookie");
        return cookie.starts_with("jwt=") ? std::string(cookie.substr(4, cookie.find(';') - 4)) : "";
    }

    std::string send(const Person& from, const Person& to, const std::string& text) {
        const Answer answer = post("/api/messages/send/" + to.id, R"({"message":")" + text + R"("})", from.token);
        EXPECT_EQ(answer.status, 201U) << answer.body;
        return answer.body;
    }

    std::vector<std::string> ended;
    storage::contract::Runner runner{1};
    auth::BcryptHasher hasher{{.cost = 4, .threads = 1, .max_waiting = 100}};
    Listener listener;
    PagedUsers users;
    storage::MemoryMessageStore messages{users, listener};
    storage::MemoryConversationStore conversations{users, messages, listener};
    storage::MemorySessionStore sessions;
    chat::Accounts accounts{users, hasher,
                            [](chat::UserId id, const std::string&, chat::Gender) { return "/api/avatars/" + id.to_hex() + ".svg"; }};
    chat::Messaging messaging{accounts, messages};
    auth::Authenticator authenticator{"a-secret-for-tests", accounts, sessions, std::chrono::days(15)};
    std::unique_ptr<dialect::Dialect> dialect = dialect::make_dialect("mern-chat-app").value();
    std::optional<Api> api;

private:
    static Task<Answer> collect(Api* api, net::HttpRequest request) {
        auto response = co_await api->handle(std::move(request));
        Answer answer;
        answer.status = response.status;
        answer.headers = response.headers;
        if (auto* text = std::get_if<std::string>(&response.body)) answer.body = *text;
        if (auto* shared = std::get_if<SharedBytes>(&response.body)) answer.body = **shared;
        if (auto* parts = std::get_if<std::vector<net::SharedPart>>(&response.body)) {
            for (const auto& part : *parts) answer.body += part.text;
        }
        if (auto* source = std::get_if<std::unique_ptr<net::BodySource>>(&response.body)) {
            for (;;) {
                auto piece = co_await (*source)->next();
                if (!piece) throw std::runtime_error(piece.error().message);
                if (piece->empty()) break;
                ++answer.pieces;
                answer.body += *piece;
            }
        }
        co_return answer;
    }
};

// Every limit as it is by default.
class LimitedApiTest : public ApiTest {
protected:
    static ApiOptions limited_options() {
        ApiOptions options = default_options();
        options.limits = auth::RateLimits();
        return options;
    }
    LimitedApiTest() : ApiTest(limited_options()) {}
};

class CompatibleApiTest : public ApiTest {
protected:
    static ApiOptions compatible_options() {
        ApiOptions options = default_options();
        options.compat_status = true;
        return options;
    }
    CompatibleApiTest() : ApiTest(compatible_options()) {}
};

}  // namespace parley::api

// What is known of sockets elsewhere: fetch_sockets().
#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class FetchSocketsTest : public CoreTest {
protected:
    std::vector<RemoteSocket> fetch(const Broadcast& whom) {
        if (!started) run(0, [] {});
        std::promise<std::vector<RemoteSocket>> told;
        whom.fetch_sockets([&](std::vector<RemoteSocket> sockets) { told.set_value(std::move(sockets)); });
        return told.get_future().get();
    }
    static std::vector<std::string> ids(const std::vector<RemoteSocket>& sockets) {
        std::vector<std::string> all;
        for (const auto& socket : sockets) all.push_back(socket.id);
        return all;
    }
};

TEST_F(FetchSocketsTest, TellsAllThatIsKnown) {
    create();
    root().on_connection([](Socket& socket) {
        socket.join("garden");
        socket.data() = Object{{"name", "Ada"}};
    });
    FakeSession& client = open(1, "");
    on(client, [&] {
        client.request_head_ = std::make_unique<net::RequestHead>();
        client.request_head_->target = "/socket.io/?EIO=4&userId=7";
        client.receive(R"(0{"token":"t"})");
    });
    const auto sockets = fetch(root().everybody());
    ASSERT_EQ(sockets.size(), 1u);
    const RemoteSocket& remote = sockets[0];
    EXPECT_EQ(remote.id, id_of(sent(client)[0]));
    EXPECT_THAT(remote.rooms, ElementsAre("garden"));
    EXPECT_EQ(remote.data["name"], Value("Ada"));
    EXPECT_EQ(remote.handshake.auth["token"], Value("t"));
    EXPECT_EQ(remote.handshake.address, "192.0.2.7");
    EXPECT_TRUE(remote.handshake.secure);
    EXPECT_EQ(remote.handshake.url, "/socket.io/?EIO=4&userId=7");
    EXPECT_THAT(remote.handshake.query, ElementsAre(std::pair<std::string, std::string>("userId", "a b")));
    EXPECT_EQ(remote.handshake.issued, std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000)));
}

TEST_F(FetchSocketsTest, OnlyThoseWhoAreMeantOnEveryLoop) {
    create();
    root().on_connection([](Socket& socket) {
        if (!socket.auth()["room"].is_null()) socket.join(socket.auth()["room"].as_string());
    });
    const std::string a = id_of(sent(open(0, R"(0{"room":"a"})"))[0]);
    const std::string b = id_of(sent(open(1, R"(0{"room":"b"})"))[0]);
    const std::string none = id_of(sent(open(1))[0]);
    EXPECT_THAT(ids(fetch(root().everybody())), UnorderedElementsAre(a, b, none));
    EXPECT_THAT(ids(fetch(root().local())), UnorderedElementsAre(a, b, none));
    EXPECT_THAT(ids(fetch(root().to("a"))), ElementsAre(a));
    EXPECT_THAT(ids(fetch(root().to("a").to("b"))), UnorderedElementsAre(a, b));
    EXPECT_THAT(ids(fetch(root().except("a"))), UnorderedElementsAre(b, none));
    EXPECT_THAT(ids(fetch(root().to(b))), ElementsAre(b));
    EXPECT_THAT(ids(fetch(root().to("nobody's"))), IsEmpty());
}

TEST_F(FetchSocketsTest, TheDataIsACopy) {
    create();
    Socket* met = nullptr;
    root().on_connection([&](Socket& socket) { met = &socket; });
    FakeSession& client = open(0);
    on(client, [&] { met->data() = "before"; });
    const auto sockets = fetch(root().everybody());
    on(client, [&] { met->data() = "after"; });
    EXPECT_EQ(sockets[0].data, Value("before"));
    EXPECT_EQ(fetch(root().everybody())[0].data, Value("after"));
}

TEST_F(FetchSocketsTest, WhoHasLeftOrIsOnTheWayIsNotThere) {
    create();
    std::optional<Next> held;
    of("/slow").use([&](Socket&, Next next) { held = std::move(next); });
    lose(open(0));
    open(1, "0/slow,");
    EXPECT_THAT(fetch(root().everybody()), IsEmpty());
    EXPECT_THAT(fetch(of("/slow").everybody()), IsEmpty());
    (*held)();
    settle();
    EXPECT_EQ(fetch(of("/slow").everybody()).size(), 1u);
}

TEST_F(FetchSocketsTest, WhoWasFetchedIsAddressedByItsId) {
    create();
    FakeSession& client = enter(1);
    const RemoteSocket remote = fetch(root().everybody()).at(0);
    root().to(remote.id).sockets_join("garden");
    root().to("garden").emit("hi");
    EXPECT_THAT(sent(client), ElementsAre(R"(2["hi"])"));
    root().in(remote.id).disconnect_sockets();
    EXPECT_THAT(sent(client), ElementsAre("1"));
}

Task<void> fetch_and_note(Broadcast whom, std::promise<std::size_t>& told) {
    const auto sockets = co_await whom.fetch_sockets();
    told.set_value(sockets.size());
}

TEST_F(FetchSocketsTest, ACoroutineAwaitsThem) {
    create();
    open(0);
    open(1);
    std::promise<std::size_t> told;
    run(0, [&] { loops[0].spawn(fetch_and_note(root().everybody(), told)); });
    EXPECT_EQ(told.get_future().get(), 2u);
}

}  // namespace
}  // namespace parley::socketio

#include <thread>

#include "fixture.hpp"

namespace parley::engineio::test {
namespace {

using namespace std::chrono_literals;

using Polling = EngineTest;

const std::string kUnknownSession = R"({"code":1,"message":"Session ID unknown"})";
const std::string kBadRequest = R"({"code":3,"message":"Bad request"})";

TEST_F(Polling, PacketsGoBothWays) {
    start();
    const std::string sid = open_polling();
    const Answer posted = post(sid,
                               "4echo one\x1e"
                               "4echo two");
    EXPECT_EQ(posted.status, 200);
    EXPECT_EQ(posted.body, "ok");
    EXPECT_EQ(posted.headers.at("content-type"), "text/html");
    EXPECT_EQ(posted.headers.at("cache-control"), "no-store");
    EXPECT_EQ(posted.headers.at("vary"), "Origin");
    const Answer polled = poll(sid);
    EXPECT_EQ(polled.status, 200);
    EXPECT_EQ(polled.headers.at("content-type"), "text/plain; charset=UTF-8");
    EXPECT_EQ(polled.body,
              "4one\x1e"
              "4two");
}

TEST_F(Polling, BinaryIsBase64BothWays) {
    start();
    const std::string sid = open_polling();
    post(sid, "bZWNobyAA/w==");  // "echo \0\xff"
    EXPECT_EQ(record_.of(sid), Events{"binary echo " + std::string("\0\xff", 2)});
    EXPECT_EQ(poll(sid).body, "bAP8=");
}

TEST_F(Polling, APollWaitsForAPacket) {
    start();
    const std::string sid = open_polling();
    Connection connection(port_);
    connection.send_request("GET", polling(sid));
    EXPECT_TRUE(connection.silent());
    EXPECT_TRUE(with_session(sid, [](Session& session) {
        session.send_text("a");
        session.send_binary("b");
        session.send(PreparedPacket::text("c"));
        session.send(PreparedPacket::bytes("d"));
    }));
    EXPECT_EQ(connection.read_answer().body,
              "4a\x1e"
              "bYg==\x1e"
              "4c\x1e"
              "bZA==");
}

TEST_F(Polling, RequestsOnOtherLoopsReachTheSession) {
    start({}, 4);
    const std::string sid = open_polling();
    Connection poller = connection_on(loop_of(sid), false);
    Connection poster = connection_on(loop_of(sid), false);
    for (int i = 0; i < 100; ++i) {
        poller.send_request("GET", polling(sid));
        EXPECT_EQ(poster.request("POST", polling(sid), {}, "4echo " + std::to_string(i)).body, "ok");
        EXPECT_EQ(poller.read_answer().body, "4" + std::to_string(i));
    }
    EXPECT_EQ(record_.of(sid).size(), 100u);
}

TEST_F(Polling, SecondConcurrentPollClosesTheSession) {
    start();
    const std::string sid = open_polling();
    Connection first(port_);
    first.send_request("GET", polling(sid));
    EXPECT_TRUE(first.silent());
    const Answer second = poll(sid);
    EXPECT_EQ(second.status, 400);
    EXPECT_EQ(second.body, kBadRequest);
    EXPECT_EQ(first.read_answer().body, "1");
    EXPECT_TRUE(record_.wait_for(sid, "closed TransportError"));
    EXPECT_EQ(poll(sid).body, kUnknownSession);
}

TEST_F(Polling, AnAbortedPollClosesTheSession) {
    start({}, 4);
    for (const bool same : {true, false}) {
        const std::string sid = open_polling();
        Connection connection = connection_on(loop_of(sid), same);
        connection.send_request("GET", polling(sid));
        EXPECT_TRUE(connection.silent());
        connection.close();
        EXPECT_TRUE(record_.wait_for(sid, "closed TransportError"));
        EXPECT_EQ(poll(sid).body, kUnknownSession);
    }
}

TEST_F(Polling, AConnectionThatEndsBetweenPollsHurtsNobody) {
    start();
    Connection connection(port_);
    const std::string sid = open_polling(connection);
    with_session(sid, [](Session& session) { session.send_text("a"); });
    EXPECT_EQ(connection.request("GET", polling(sid)).body, "4a");
    connection.close();
    with_session(sid, [](Session& session) { session.send_text("b"); });
    EXPECT_EQ(poll(sid).body, "4b");
}

TEST_F(Polling, PacketCloseEndsTheSession) {
    start();
    const std::string sid = open_polling();
    Connection poller(port_);
    poller.send_request("GET", polling(sid));
    EXPECT_TRUE(poller.silent());
    EXPECT_EQ(post(sid,
                   "4hi\x1e"
                   "1\x1e"
                   "4late")
                  .body,
              "ok");
    EXPECT_EQ(poller.read_answer().body, "6");
    EXPECT_EQ(record_.wait_for(sid, 2), (Events{"message hi", "closed TransportClose"}));
    EXPECT_EQ(poll(sid).body, kUnknownSession);
}

TEST_F(Polling, NonsenseEndsTheSession) {
    start();
    for (const std::string body : {"hello", "", "b*", "4\xff"}) {
        const std::string sid = open_polling();
        const Answer answer = post(sid, body);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "ok");
        EXPECT_EQ(poll(sid).body, kUnknownSession);
        EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ParseError"});
    }
}

TEST_F(Polling, PingFromAClientEndsTheSession) {
    start();
    const std::string sid = open_polling();
    post(sid, "2");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed TransportError"});
}

TEST_F(Polling, PacketsWithoutMeaningAreIgnored) {
    start();
    const std::string sid = open_polling();
    post(sid,
         "0\x1e"
         "5\x1e"
         "6\x1e"
         "3\x1e"
         "4hi");
    EXPECT_EQ(record_.of(sid), Events{"message hi"});
}

TEST_F(Polling, OctetStreamsAreOfAnOlderProtocol) {
    start();
    const std::string sid = open_polling();
    const Answer answer = post(sid, "4hi", {{"Content-Type", "application/octet-stream"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed TransportError"});
}

TEST_F(Polling, ABodyOverTheLimitIsRefused) {
    start({.max_payload = 1000});
    const std::string sid = open_polling();
    const Answer answer = post(sid, "4" + std::string(1000, 'x'));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.headers.at("vary"), "Origin");
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(post(sid, "4" + std::string(999, 'x')).status, 200);
    EXPECT_EQ(record_.of(sid).size(), 1u);
}

TEST_F(Polling, PingIsAnsweredOrTheSessionEnds) {
    start({.ping_interval = 100ms, .ping_timeout = 300ms});
    const std::string sid = open_polling();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(poll(sid).body, "2");
        post(sid, "3");
    }
    EXPECT_EQ(record_.of(sid), Events{});
    EXPECT_EQ(poll(sid).body, "2");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed PingTimeout"});
    EXPECT_EQ(poll(sid).body, kUnknownSession);
    EXPECT_EQ(server_->counters().closed_ping_timeout, 1u);
}

TEST_F(Polling, TooMuchWaitingEndsTheSession) {
    start({.max_queued_bytes = 10'000});
    const std::string sid = open_polling();
    const std::string half(5'000, 'x');
    with_session(sid, [&](Session& session) {
        session.send_text(std::string(50'000, 'y'));  // the first one is free
        session.send_text(half);
    });
    EXPECT_TRUE(is_open(sid));
    with_session(sid, [&](Session& session) {
        session.send_text(half);
        session.send_text(half);
    });
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed TooSlow"});
    EXPECT_EQ(poll(sid).body, "1");
    EXPECT_EQ(poll(sid).body, kUnknownSession);
    EXPECT_EQ(server_->counters().closed_too_slow, 1u);
}

// Where the machine is busy the ping itself may be late, and the session still has time: that try says nothing.
TEST_F(Polling, APollRightAfterTheTimeOutFindsTheSessionClosed) {
    start({.ping_interval = 60ms, .ping_timeout = 40ms});
    int closed = 0;
    for (int i = 0; i < 50 && closed < 5; ++i) {
        const std::string sid = open_polling();
        std::this_thread::sleep_for(100ms);
        const std::string answer = poll(sid).body;
        if (answer == kUnknownSession)
            ++closed;
        else
            ASSERT_EQ(answer, "2");
    }
    EXPECT_EQ(closed, 5);
}

TEST_F(Polling, MuchInOneTurnIsNotTheFaultOfAClientThatPolls) {
    start({.max_queued_bytes = 10'000});
    const std::string sid = open_polling();
    Connection poller(port_);
    poller.send_request("GET", polling(sid));
    EXPECT_TRUE(poller.silent());
    const std::string part(6'000, 'x');
    with_session(sid, [&](Session& session) {
        for (int i = 0; i < 3; ++i) session.send_text(part);
    });
    const std::string body = poller.read_answer().body + "\x1e" + poll(sid).body;
    EXPECT_EQ(body, "4" + part + "\x1e" + "4" + part + "\x1e" + "4" + part);
}

TEST_F(Polling, OfTheLatestOnlyTheNewestIsSent) {
    start({.max_queued_bytes = 1'000});
    const std::string sid = open_polling();
    with_session(sid, [](Session& session) {
        for (int i = 0; i < 100; ++i) {
            session.send_latest(1, PreparedPacket::text("list " + std::to_string(i) + std::string(500, ' ')));
            session.send_latest(2, PreparedPacket::text("other " + std::to_string(i)));
        }
        session.send_text("message");
    });
    EXPECT_EQ(poll(sid).body, "4message\x1e" + ("4list 99" + std::string(500, ' ')) + "\x1e" + "4other 99");
    with_session(sid, [](Session& session) { session.send_latest(1, PreparedPacket::text("list 100")); });
    EXPECT_EQ(poll(sid).body, "4list 100");
}

TEST_F(Polling, AClosedSessionSaysFarewellToTheNextPoll) {
    start();
    const std::string sid = open_polling();
    with_session(sid, [](Session& session) {
        session.send_text("last words");
        session.close(CloseReason::ForcedClose, net::CloseCode::Normal, "");
        session.send_text("too late");
        session.close(CloseReason::TooSlow, net::CloseCode::Normal, "");
    });
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ForcedClose"});
    EXPECT_FALSE(is_open(sid));
    EXPECT_EQ(post(sid, "4ignored").body, "ok");
    EXPECT_EQ(poll(sid).body, "4last words");
    EXPECT_EQ(poll(sid).body, "1");
    EXPECT_EQ(poll(sid).body, kUnknownSession);
    EXPECT_EQ(record_.of(sid), Events{"closed ForcedClose"});
    EXPECT_EQ(server_->counters().sessions_open, 0u);
}

TEST_F(Polling, AHandlerMayCloseItsSession) {
    on_message = [](Session& session, std::string_view) {
        session.send_text("bye");
        session.close(CloseReason::ForcedClose, net::CloseCode::Normal, "");
    };
    start();
    const std::string sid = open_polling();
    EXPECT_EQ(post(sid,
                   "4a\x1e"
                   "4b")
                  .body,
              "ok");
    EXPECT_EQ(record_.wait_for(sid, 2), (Events{"message a", "closed ForcedClose"}));
}

TEST_F(Polling, AHandlerThatThrowsEndsItsOwnSession) {
    on_message = [](Session&, std::string_view) { throw std::runtime_error("a defect"); };
    start();
    const std::string sid = open_polling();
    const std::string other = open_polling();
    EXPECT_EQ(post(sid, "4a").body, "ok");
    EXPECT_TRUE(record_.wait_for(sid, "closed ForcedClose"));
    EXPECT_TRUE(is_open(other));
}

}  // namespace
}  // namespace parley::engineio::test

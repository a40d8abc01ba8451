// Acknowledgements: asked of a client or of many, given by a handler; late, twice, never, and when somebody leaves.
#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class AcknowledgementTest : public CoreTest {
protected:
    // What came of a question, in words.
    static std::string told(const Result<Arguments>& answer) {
        if (answer) return "[" + answer->json() + "]";
        return answer.error().code == ErrorCode::Timeout     ? "timeout"
               : answer.error().code == ErrorCode::Cancelled ? "cancelled"
                                                             : "another error";
    }
    Socket::AckHandler note() {
        return [this](const Result<Arguments>& answer) { notes.add(told(answer)); };
    }
    std::function<void(Responses)> note_all() {
        return [this](const Responses& responses) {
            std::string text = responses.complete ? "complete" : "incomplete";
            std::vector<std::string> answers;
            for (const Arguments& answer : responses.answers) answers.push_back(answer.json());
            std::ranges::sort(answers);
            for (const std::string& answer : answers) text += " " + answer;
            notes.add(text);
        };
    }
    // Keeps the sockets that connect.
    void create_keeping(HubOptions options = {}) {
        create(std::move(options));
        root().on_connection([this](Socket& socket) { kept.push_back(&socket); });
    }
    // Answers the question that came, 2<id>["…"].
    void answer(FakeSession& client, const std::string& arguments) {
        const Sent questions = sent(client);
        ASSERT_EQ(questions.size(), 1u);
        receive(client, "3" + id_of_question(questions[0]) + "[" + arguments + "]");
    }
    static std::string id_of_question(const std::string& question) { return question.substr(1, question.find('[') - 1); }

    std::vector<Socket*> kept;
    Notes<> notes;
};

// Of one client

TEST_F(AcknowledgementTest, TheClientsArgumentsComeBackOnce) {
    create_keeping();
    FakeSession& client = enter(0);
    on(client, [&] { kept[0]->emit_with_ack("q", {1, "two"}, 60s, note()); });
    const Sent question = sent(client);
    ASSERT_THAT(question, ElementsAre(testing::MatchesRegex(R"(2[0-9]+\["q",1,"two"\])")));
    EXPECT_THAT(notes.take(), IsEmpty());
    const std::string reply = "3" + id_of_question(question[0]) + R"(["yes",{"a":1}])";
    receive(client, reply);
    receive(client, reply);
    EXPECT_THAT(notes.take(), ElementsAre(R"(["yes",{"a":1}])"));
    EXPECT_TRUE(is_open(client)) << "an answer too many is no crime";
}

TEST_F(AcknowledgementTest, BytesComeBackAsTheyWere) {
    create_keeping();
    std::string bytes;
    FakeSession& client = enter(0);
    on(client, [&] { kept[0]->emit_with_ack("q", Bytes{"\x01\x02"}, 60s, [&](Result<Arguments> got) { bytes = (*got)[0].as_bytes(); }); });
    const Sent question = sent(client);
    ASSERT_EQ(question.size(), 2u);
    EXPECT_THAT(question[0], testing::MatchesRegex(R"(51-[0-9]+\["q",\{"_placeholder":true,"num":0\}\])"));
    EXPECT_EQ(question[1], "binary:\x01\x02");
    receive(client, "61-" + question[0].substr(3, question[0].find('[') - 3) + R"([{"_placeholder":true,"num":0}])");
    on(client, [&] { client.receive_binary("\x03"); });
    EXPECT_EQ(bytes, "\x03");
}

TEST_F(AcknowledgementTest, EachAnswerReachesItsOwnQuestion) {
    create_keeping();
    FakeSession& client = enter(0);
    on(client, [&] {
        for (const char* name : {"a", "b", "c"}) {
            kept[0]->emit_with_ack(name, {}, 60s, [this, name](const Result<Arguments>& got) { notes.add(name + told(got)); });
        }
    });
    const Sent questions = sent(client);
    for (const std::size_t i : {2u, 0u, 1u}) receive(client, "3" + id_of_question(questions[i]) + "[" + std::to_string(i) + "]");
    EXPECT_THAT(notes.take(), ElementsAre("c[2]", "a[0]", "b[1]"));
}

TEST_F(AcknowledgementTest, ATimeOutComesOnceAndTheLateAnswerIsIgnored) {
    create_keeping();
    FakeSession& client = enter(0);
    on(client, [&] { kept[0]->emit_with_ack("q", {}, 10ms, note()); });
    Sent told_so;
    ASSERT_TRUE(eventually([&] {
        for (auto& note : notes.take()) told_so.push_back(note);
        return !told_so.empty();
    }));
    answer(client, "1");
    settle();
    EXPECT_THAT(told_so, ElementsAre("timeout"));
    EXPECT_THAT(notes.take(), IsEmpty());
}

TEST_F(AcknowledgementTest, WithoutTimeOutItWaitsAsLongAsTheSocketLives) {
    create_keeping();
    FakeSession& client = enter(0);
    on(client, [&] { kept[0]->emit_with_ack("q", {}, Socket::kNoTimeout, note()); });
    std::this_thread::sleep_for(50ms);
    settle();
    EXPECT_THAT(notes.take(), IsEmpty());
    lose(client);
    EXPECT_THAT(notes.take(), ElementsAre("cancelled"));
}

TEST_F(AcknowledgementTest, EveryWayToLeaveCancelsOnce) {
    create_keeping();
    const auto ask_and = [&](const std::function<void(FakeSession&, Socket&)>& leave) {
        FakeSession& client = enter(0);
        on(client, [&] {
            kept.back()->emit_with_ack("q", {}, 60s, note());
            kept.back()->emit_with_ack("q", {}, Socket::kNoTimeout, note());
            leave(client, *kept.back());
        });
        settle();
        EXPECT_THAT(notes.take(), ElementsAre("cancelled", "cancelled"));
    };
    ask_and([](FakeSession& client, Socket&) { client.receive("1"); });
    ask_and([](FakeSession&, Socket& socket) { socket.disconnect(); });
    ask_and([](FakeSession&, Socket& socket) { socket.disconnect(true); });
    ask_and([](FakeSession&, Socket& socket) { socket.close_transport(net::CloseCode::Normal, "bye"); });
    ask_and([](FakeSession& client, Socket&) { client.end(engineio::CloseReason::PingTimeout); });
    ask_and([](FakeSession& client, Socket&) { client.receive("malformed"); });
}

TEST_F(AcknowledgementTest, ASocketThatHasGoneIsCancelledAtOnce) {
    create_keeping();
    root().on_disconnect([this](Socket& socket, DisconnectReason) {
        socket.emit_with_ack("q", {}, 60s, note());
        EXPECT_THAT(notes.take(), ElementsAre("cancelled"));
        notes.add("disconnect");
    });
    lose(enter(0));
    EXPECT_THAT(notes.take(), ElementsAre("disconnect"));
}

TEST_F(AcknowledgementTest, WhoIsToldMayAskAgain) {
    create_keeping();
    FakeSession& client = enter(0);
    std::function<void(int)> ask = [&](int left) {
        kept[0]->emit_with_ack("q", left, 60s, [&, left](const Result<Arguments>& got) {
            notes.add(told(got));
            if (left > 0) ask(left - 1);
        });
    };
    on(client, [&] { ask(2); });
    for (const char* word : {"1", "2", "3"}) answer(client, word);
    EXPECT_THAT(notes.take(), ElementsAre("[1]", "[2]", "[3]"));
}

TEST_F(AcknowledgementTest, WhoIsToldAtTheEndMayAskAgainAndIsCancelledAgain) {
    create_keeping();
    FakeSession& client = enter(0);
    on(client, [&] {
        kept[0]->emit_with_ack("q", {}, 60s, [&](const Result<Arguments>& got) {
            notes.add("first " + told(got));
            kept[0]->emit_with_ack("q", {}, 60s, note());
        });
    });
    lose(client);
    EXPECT_THAT(notes.take(), ElementsAre("first cancelled", "cancelled"));
}

TEST_F(AcknowledgementTest, WhatTheHandlerThrowsEndsOnlyThatHandler) {
    create_keeping();
    FakeSession& client = enter(0);
    on(client, [&] { kept[0]->emit_with_ack("q", {}, 60s, [](const Result<Arguments>&) { throw std::runtime_error("x"); }); });
    answer(client, "");
    EXPECT_TRUE(is_open(client));
}

Task<void> ask_and_note(Socket& socket, Notes<>& notes) {
    const Result<Arguments> first = co_await socket.emit_with_ack("first", Arguments(), 60s);
    notes.add(first ? first->json() : "error");
    const Result<Arguments> second = co_await socket.emit_with_ack("second", Arguments(), 60s);
    notes.add(second ? second->json() : second.error().message);
}

TEST_F(AcknowledgementTest, ACoroutineAwaitsTheAnswer) {
    create_keeping();
    FakeSession& client = enter(1);
    on(client, [&] { loops[1].spawn(ask_and_note(*kept[0], notes)); });
    answer(client, R"("yes")");
    EXPECT_THAT(sent(client), ElementsAre(testing::HasSubstr(R"(["second"])")));
    lose(client);
    settle();
    EXPECT_THAT(notes.take(), ElementsAre(R"("yes")", "socket has been disconnected"));
}

// To a client

TEST_F(AcknowledgementTest, AnAckThatIsKeptAndCopiedAnswersOnce) {
    create();
    std::optional<Ack> first;
    Ack copy;
    root().on("q", [&](Socket&, const Arguments&, const Ack& ack) {
        EXPECT_TRUE(ack);
        first = ack;
        copy = ack;
    });
    FakeSession& client = enter(1);
    receive(client, R"(27["q"])");
    EXPECT_THAT(sent(client), IsEmpty());
    copy({"later", 1});
    (*first)("again");
    EXPECT_THAT(sent(client), ElementsAre(R"(37["later",1])"));
}

TEST_F(AcknowledgementTest, AnEventThatAsksForNoneHasAnEmptyAck) {
    create();
    root().on("q", [&](Socket&, const Arguments&, const Ack& ack) {
        EXPECT_FALSE(ack);
        ack("ignored");
        notes.add("q");
    });
    FakeSession& client = enter(0);
    receive(client, R"(2["q"])");
    EXPECT_THAT(notes.take(), ElementsAre("q"));
    EXPECT_THAT(sent(client), IsEmpty());
}

TEST_F(AcknowledgementTest, AnAckForAClientThatHasGoneDoesNothing) {
    create();
    Ack kept_ack;
    root().on("q", [&](Socket&, const Arguments&, const Ack& ack) { kept_ack = ack; });
    FakeSession& client = enter(0);
    receive(client, R"(21["q"])");
    lose(client);
    FakeSession& successor = enter(0);
    kept_ack("late");
    EXPECT_THAT(sent(successor), IsEmpty());
}

TEST_F(AcknowledgementTest, AnAnswerOfBytesHasAttachments) {
    create();
    root().on("q", [](Socket&, const Arguments&, const Ack& ack) { ack({Bytes{"\x07"}, 1}); });
    FakeSession& client = enter(0);
    receive(client, R"(25["q"])");
    EXPECT_THAT(sent(client), ElementsAre(R"(61-5[{"_placeholder":true,"num":0},1])", "binary:\x07"));
}

TEST(Ack, AnEmptyOneAndOneForAFunction) {
    const Ack none;
    EXPECT_FALSE(none);
    none(1);
    std::vector<std::string> given;
    const Ack ack([&](const Arguments& arguments) { given.push_back(arguments.json()); });
    EXPECT_TRUE(ack);
    ack({1, "a"});
    ack(2);
    EXPECT_THAT(given, ElementsAre(R"(1,"a")"));
}

// Of many

TEST_F(AcknowledgementTest, ManyOnAllLoopsAnswer) {
    create_keeping();
    FakeSession& near = enter(0);
    FakeSession& far = enter(1);
    root().everybody().timeout(60s).emit_with_ack("q", 1, note_all());
    answer(far, "2");
    settle();
    EXPECT_THAT(notes.take(), IsEmpty()) << "one is still missing";
    answer(near, "1");
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("complete 1 2"));
}

TEST_F(AcknowledgementTest, NobodyIsAskedAndThatIsComplete) {
    create();
    root().to("empty").timeout(60s).emit_with_ack("q", {}, note_all());
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("complete"));
}

TEST_F(AcknowledgementTest, WhoDoesNotAnswerInTimeIsLeftOutAndTheRestIsTold) {
    create_keeping();
    FakeSession& answers = enter(0);
    FakeSession& silent = enter(1);
    root().everybody().timeout(300ms).emit_with_ack("q", {}, note_all());
    answer(answers, R"("here")");
    Sent got;
    ASSERT_TRUE(eventually([&] {
        for (auto& note : notes.take()) got.push_back(note);
        return !got.empty();
    }));
    EXPECT_THAT(got, ElementsAre(R"(incomplete "here")"));
    answer(silent, R"("late")");
    settle();
    EXPECT_THAT(notes.take(), IsEmpty());
}

TEST_F(AcknowledgementTest, WhoLeavesIsNotWaitedFor) {
    create_keeping();
    FakeSession& answers = enter(0);
    FakeSession& leaves = enter(1);
    root().everybody().timeout(60s).emit_with_ack("q", {}, note_all());
    answer(answers, "1");
    lose(leaves);
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("incomplete 1"));
}

TEST_F(AcknowledgementTest, AReceiverThatOverflowsWithTheQuestionIsNotWaitedFor) {
    create_keeping();
    FakeSession& full = enter(0);
    FakeSession& other = enter(0);
    on(full, [&] { full.overflow_next(); });
    root().everybody().timeout(60s).emit_with_ack("q", {}, note_all());
    answer(other, "1");
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("incomplete 1"));
}

TEST_F(AcknowledgementTest, WhoGoesWhileTheOthersAreAskedIsNotWaitedFor) {
    create_keeping();
    FakeSession& first = enter(0);
    FakeSession& second = enter(0);
    on(first, [&] { kept[0]->on_any_outgoing([&](std::string_view, const Arguments&) { kept[1]->disconnect(); }); });
    root().everybody().timeout(60s).emit_with_ack("q", {}, note_all());
    answer(first, "1");
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("incomplete 1"));
    EXPECT_THAT(sent(second), ElementsAre("1"));
}

TEST_F(AcknowledgementTest, OnlyThoseWhoAreMeantAreAsked) {
    create_keeping();
    root().on("join", [](Socket& socket, const Arguments& room) { socket.join(room[0].as_string()); });
    FakeSession& a = enter(0);
    FakeSession& b = enter(1);
    FakeSession& c = enter(0);
    receive(a, R"(2["join","garden"])");
    receive(b, R"(2["join","garden"])");
    receive(b, R"(2["join","quiet"])");
    root().to("garden").except("quiet").timeout(60s).emit_with_ack("q", {}, note_all());
    EXPECT_THAT(sent(b), IsEmpty());
    EXPECT_THAT(sent(c), IsEmpty());
    answer(a, "1");
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("complete 1"));
}

TEST_F(AcknowledgementTest, ASocketAsksTheOthers) {
    create_keeping();
    root().on("ask", [this](Socket& socket, const Arguments&) {
        socket.to("").except("").timeout(60s).emit_with_ack("nobody", {}, note_all());
        socket.broadcast().timeout(60s).emit_with_ack("q", {}, note_all());
    });
    FakeSession& asks = enter(0);
    FakeSession& other = enter(1);
    receive(asks, R"(2["ask"])");
    EXPECT_THAT(sent(asks), IsEmpty());
    answer(other, "1");
    settle();
    EXPECT_THAT(notes.take(), UnorderedElementsAre("complete", "complete 1"));
}

TEST_F(AcknowledgementTest, TheyAreToldOnTheLoopThatAsked) {
    create_keeping();
    FakeSession& client = enter(0);
    run(1, [&] {
        root().everybody().timeout(60s).emit_with_ack("q", {},
                                                      [&](const Responses&) { notes.add(loops[1].is_current() ? "asker" : "other"); });
    });
    answer(client, "");
    settle();
    std::thread([&] {
        root().everybody().timeout(60s).emit_with_ack("q", {},
                                                      [&](const Responses&) { notes.add(loops[0].is_current() ? "first loop" : "other"); });
    }).join();
    answer(client, "");
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("asker", "first loop"));
}

Task<void> ask_all_and_note(Broadcast whom, Notes<>& notes) {
    const Responses responses = co_await whom.emit_with_ack("q", Arguments());
    notes.add(std::to_string(responses.answers.size()) + (responses.complete ? " complete" : " incomplete"));
}

TEST_F(AcknowledgementTest, ACoroutineAwaitsMany) {
    create_keeping();
    FakeSession& a = enter(0);
    FakeSession& b = enter(1);
    run(1, [&] { loops[1].spawn(ask_all_and_note(root().everybody().timeout(60s), notes)); });
    answer(a, "");
    answer(b, "");
    settle();
    EXPECT_THAT(notes.take(), ElementsAre("2 complete"));
}

TEST_F(AcknowledgementTest, ManyQuestionsAtOnceFromManyThreadsAreAllAnswered) {
    create_keeping();
    constexpr int kEach = 200;
    FakeSession& a = enter(0);
    FakeSession& b = enter(1);
    std::atomic<int> complete = 0;
    const Namespace nsp = root();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) {
                nsp.everybody().timeout(60s).emit_with_ack("q", i, [&](const Responses& responses) {
                    if (responses.complete && responses.answers.size() == 2) ++complete;
                });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    ASSERT_TRUE(eventually([&] {
        return sessions[0]->open();  // turns the loops
    }));
    for (FakeSession* client : {&a, &b}) {
        const Sent questions = sent(*client);
        EXPECT_EQ(questions.size(), 3u * kEach);
        on(*client, [&] {
            for (const std::string& question : questions) client->receive("3" + id_of_question(question) + "[]");
        });
    }
    EXPECT_TRUE(eventually([&] { return complete == 3 * kEach; }));
}

}  // namespace
}  // namespace parley::socketio

// Clients that can recover: what they know, what they have seen, and how they come back.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core_fixture.hpp"
#include "recovery.hpp"

namespace parley::socketio {

inline constexpr std::string_view kRecover = R"({"recover":true})";

class RecoveryTest : public CoreTest {
protected:
    static HubOptions recovering(RecoveryOptions::Mode mode = RecoveryOptions::Mode::OnRequest) {
        HubOptions options;
        options.recovery.mode = mode;
        return options;
    }

    // A client that can recover, in one namespace, and what it has seen.
    struct Player {
        FakeSession* session = nullptr;
        std::string nsp;  // "" or "/name,"
        std::string sid;
        std::string pid;
        std::string offset;
        std::vector<std::string> events;  // the JSON of name and arguments, without the offset
        bool cut = false;                 // nothing more arrives over this session
    };
    Player enter_player(std::size_t loop, const std::string& nsp = "") {
        Player player;
        player.nsp = nsp;
        come(player, open(loop, "0" + nsp + std::string(kRecover)));
        return player;
    }
    // Reads the CONNECT answer and what follows it; `up_to`: so many events have arrived before the connection broke.
    void come(Player& player, FakeSession& session, std::size_t up_to = SIZE_MAX) {
        player.session = &session;
        player.cut = false;
        const auto is_answer = [&](const std::string& packet) { return packet.starts_with("0" + player.nsp + "{"); };
        Sent all = sent(session);
        // A socket on its way from one busy loop to another may take some more turns.
        for (int turns = 0; turns < 1000 && std::ranges::none_of(all, is_answer); ++turns)
            std::ranges::move(sent(session), std::back_inserter(all));
        const auto answer = std::ranges::find_if(all, is_answer);
        ASSERT_NE(answer, all.end()) << testing::PrintToString(all);
        player.sid = id_of(*answer);
        player.pid = member(*answer, "pid");
        read(player, Sent(answer + 1, all.end()), up_to);
    }
    // What has come since.
    void read(Player& player, std::size_t up_to = SIZE_MAX) { read(player, sent(*player.session), up_to); }
    static void read(Player& player, const Sent& packets, std::size_t up_to) {
        for (const std::string& packet : packets) {
            player.cut = player.cut || up_to-- == 0;
            if (player.cut) return;
            const std::string head = "2" + player.nsp;
            if (!packet.starts_with(head + "[")) continue;
            Array list = parse_json(packet.substr(head.size())).value_or(Value(Array())).as_array();
            if (list.size() > 1 && list.back().is_string()) {
                player.offset = list.back().as_string();
                list.pop_back();
            }
            player.events.push_back(to_json(list));
        }
    }
    // Comes back with what it knows, on a session of its own or one that is there.
    void say_back(const Player& player, FakeSession& session) {
        Object auth{{"pid", player.pid}};
        if (!player.offset.empty()) auth.emplace_back("offset", player.offset);
        receive(session, "0" + player.nsp + to_json(auth));
    }
    // True: its session was there.
    bool come_back(Player& player, std::size_t loop, std::size_t up_to = SIZE_MAX) {
        const std::string sid = player.sid;
        FakeSession& session = open(loop, "");
        say_back(player, session);
        come(player, session, up_to);
        return player.sid == sid;
    }
    static std::vector<std::string> names(const Player& player) {
        std::vector<std::string> all;
        for (const std::string& event : player.events) all.push_back(parse_json(event).value_or(Value())[0].as_string());
        return all;
    }

    Notes<> notes;
};

}  // namespace parley::socketio

// Session ids: 18 bytes as base64url, 24 characters. Version (1), node (2, big endian), loop (1), random (14): the id says where its session lives,
// and 112 bits from the kernel make it a secret that cannot be guessed (who knows it may use the session).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::engineio {

struct SessionPlace {
    std::uint16_t node;
    std::uint8_t loop;
    friend bool operator==(const SessionPlace&, const SessionPlace&) = default;
};

std::string make_session_id(SessionPlace place);

// Where the session of that id would live. nullopt: not an id of ours.
std::optional<SessionPlace> place_of_session(std::string_view id);

}  // namespace parley::engineio

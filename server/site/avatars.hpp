// Avatars: the profile pictures of new users. Local ones are drawn from the user's id alone, the same on every server and for ever: a flower of
// petals and dots on a coloured ground, about one kilobyte of SVG. Nothing is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "chat/values.hpp"
#include "parley/net/http.hpp"

namespace parley::site {

// "/api/avatars/<24 hex>.svg"
std::string avatar_path(const chat::UserId& user);

// Whose picture that path names, in any letter case; nullopt if it names none.
std::optional<chat::UserId> avatar_user(std::string_view path);

std::string avatar_svg(const chat::UserId& user);

// The answer to anything under /api/avatars: GET and HEAD of a picture, which may be kept for ever; everything else 404 with a JSON error. Whether the user
// exists is not looked up, so it cannot be found out here.
net::HttpResponse respond_avatar(const net::RequestHead& head);

// What the original gives a new user: a picture at a third party, with the name escaped.
std::string original_avatar_url(std::string_view username, chat::Gender gender);

}  // namespace parley::site

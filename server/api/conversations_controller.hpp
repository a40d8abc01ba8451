// ConversationsController: whom the caller talks with, latest first (`limit`, `cursor`; the header X-Next-Cursor if there are more), and marking a
// conversation as read: up to a message, or all there is.
// Threading: any loop.
#pragma once

#include "api/context.hpp"

namespace parley::api {

class ConversationsController {
public:
    explicit ConversationsController(Context& context) : context_(context) {}

    Task<net::HttpResponse> list(Call call);
    Task<net::HttpResponse> mark_read(Call call);

private:
    Context& context_;
};

}  // namespace parley::api

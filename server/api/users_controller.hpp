// UsersController: the directory. Without parameters everybody but the caller; with `limit`, `cursor` or `q` (part of a name) a page, and the header
// X-Next-Cursor if there are more.
// Threading: any loop.
#pragma once

#include "api/context.hpp"
#include "api/directory_cache.hpp"

namespace parley::api {

class UsersController {
public:
    explicit UsersController(Context& context) : context_(context) {}

    Task<net::HttpResponse> list(Call call);
    // One user, perhaps the caller.
    Task<net::HttpResponse> get(Call call);

private:
    Task<net::HttpResponse> whole(Call call);
    Task<net::HttpResponse> page(Call call);
    Task<Result<net::Body>> render(std::string version, chat::UserId caller);

    Context& context_;
    DirectoryCache cache_;
};

}  // namespace parley::api

// ClientBundle: the browser's client, served beside the sockets (the official server's `serveClient`): <path>/socket.io.js, its .min, .esm.min and
// .msgpack.min variants and their source maps.
// Invariant: files are read once, when it is made; it never looks at a disk again. Threading: constant, any thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "parley/base/bytes.hpp"
#include "parley/base/result.hpp"
#include "parley/net/http.hpp"

namespace parley::socketio {

class ClientBundle {
public:
    // `folder`: `client-dist` of the npm package socket.io or `dist` of socket.io-client; which of the files are there is its choice. `path`: where the
    // sockets are, "/socket.io" or "/socket.io/". Errors: NotFound, for a folder that is not there or has no client in it; PermissionDenied.
    static Result<ClientBundle> load(const std::filesystem::path& folder, std::string_view path);

    // Nullopt: this request is not for one of the files. ETag is the client's version, as with the official server; If-None-Match is honoured.
    std::optional<net::HttpResponse> serve(const net::RequestHead& head) const;

private:
    struct File {
        std::string_view content_type;
        SharedBytes bytes;
    };

    std::map<std::string, File, std::less<>> files_;  // by the request's path
    std::string etag_;
};

}  // namespace parley::socketio

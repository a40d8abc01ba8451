// StaticFiles: serves the folder of a built single-page app, the way its original server did and with what that one lacked.
//
// - A file is answered with its type, a strong ETag, Last-Modified and ranges; a conditional request with 304 (RFC 9110 sections 13 and 14).
// - A path without an extension that is no file is a route of the app: index.html. So is a page load (Accept: text/html) of a path whose extension is not
//   one of a file type ("/user/john.doe"). A missing asset is 404.
// - A name with a content hash may be kept for a year; everything else is revalidated at each use ("public, max-age=0", as the original says, which means
//   the same to a browser as no-cache).
// - Nothing outside the folder is reachable, and no dot file (site_path.hpp, beneath.hpp).
// Small files are answered from memory and compared with the disk at most once in kTrust; other contents are read on the worker pool. Names are
// looked up on the calling loop: the folder should be on a local disk.
// Threading: any thread. Ownership: `pool` outlives this object and the answers it gave.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "parley/async/worker_pool.hpp"
#include "parley/net/http.hpp"
#include "site/beneath.hpp"
#include "site/file_cache.hpp"
#include "site/site_path.hpp"

namespace parley::site {

struct StaticOptions {
    std::string folder;  // "": no frontend, every answer says so
    std::size_t cache_bytes = 16 * 1024 * 1024;
    FileCache::Clock::time_point (*now)() = FileCache::Clock::now;  // a test may bring its own
};

class StaticFiles {
public:
    static constexpr std::chrono::seconds kTrust{1};
    static constexpr std::size_t kMaxCachedFile = 1024 * 1024;

    StaticFiles(StaticOptions options, WorkerPool& pool);

    // The answer to anything that is neither under /api nor a socket's. Does not block on contents.
    net::HttpResponse respond(const net::RequestHead& head);

private:
    // A file as it was found: in memory, or open.
    struct Found {
        std::string name;
        Stamp stamp;
        SharedBytes bytes;  // null: `file` is open
        Descriptor file;
    };
    Result<std::optional<Found>> find(const std::string& name);
    Result<std::optional<Found>> find_for(const SitePath& path, const net::RequestHead& head);
    net::HttpResponse answer(const net::RequestHead& head, Found found);
    net::Body whole_body(Found found);
    net::Body part_body(Found found, std::uint64_t first, std::uint64_t count);

    const StaticOptions options_;
    WorkerPool& pool_;
    const std::shared_ptr<FileCache> cache_;  // shared with bodies that fill it
};

}  // namespace parley::site

// StaticFiles: serves the folder of a built single-page app, the way its original server did and with what that one lacked.
//
// - A file is answered with its type, a strong ETag, Last-Modified and ranges; a conditional request with 304 (RFC 9110 sections 13 and 14).
// - A path without an extension that is no file is a route of the app: index.html. So is a page load (Accept: text/html) of a path whose extension is not
//   one of a file type ("/user/john.doe"). A missing asset is 404.
// - A name with a content hash may be kept for a year; everything else is revalidated at each use ("public, max-age=0", as the original says, which means
//   the same to a browser as no-cache).
// - A file whose type is worth it ("app.js") may have coded ones beside it ("app.js.br", "app.js.gz"), not older than itself, by the same rules for names
//   and links: who accepts the coding gets those, with the type of app.js and a tag of their own.
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
#include "site/frontend.hpp"
#include "site/representation.hpp"
#include "site/site_path.hpp"

namespace parley::site {

struct StaticOptions {
    std::string folder = {};          // "": no frontend, every answer says so
    std::string missing_client = {};  // why there is no built-in client either; for the page that says so
    std::size_t cache_bytes = 16 * 1024 * 1024;
    FileCache::Clock::time_point (*now)() = FileCache::Clock::now;  // a test may bring its own
};

class StaticFiles final : public Frontend {
public:
    static constexpr std::chrono::seconds kTrust{1};
    static constexpr std::size_t kMaxCachedFile = 1024 * 1024;

    StaticFiles(StaticOptions options, WorkerPool& pool);

    net::HttpResponse respond(const net::RequestHead& head) override;

private:
    // A file as it was found: in memory, open, or neither yet.
    struct Found {
        std::string name;
        Stamp stamp;
        SharedBytes bytes;
        Descriptor file;
    };
    struct Chosen {
        Found found;
        Coding coding;
    };
    Result<std::optional<Found>> look_for(const std::vector<std::string>& names);
    Result<std::optional<Found>> look(const std::string& name, bool remember_absence);
    Result<std::optional<Chosen>> choose(const net::RequestHead& head, Found original);
    Result<bool> open(Found& found);
    net::HttpResponse answer_with(const net::RequestHead& head, Found original);
    net::Body body_of(Found found, ByteRange range);

    const StaticOptions options_;
    WorkerPool& pool_;
    const std::shared_ptr<FileCache> cache_;  // shared with bodies that fill it
};

}  // namespace parley::site

// What every frontend says alike, wherever its files are: which names may answer a path, and the answer to a request for a file that was found.
// Pure functions; the bytes are the caller's to bring.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "parley/net/http.hpp"
#include "site/conditions.hpp"
#include "site/content_coding.hpp"
#include "site/site_path.hpp"

namespace parley::site {

// Names to look for, the first that is there answers: the file itself ("docs/index.html" for "docs/"), then the page of a single-page app, unless the path
// is one of an asset. An app's route has no extension; a page load (Accept: text/html) may have one that is not a file type's ("/user/john.doe").
std::vector<std::string> names_for(const SitePath& path, const net::RequestHead& head);

// A file in the coding that was chosen for this request.
struct Representation {
    std::string name;  // of the file, whatever its coding: says the type
    Validators validators;
    std::uint64_t size = 0;  // in this coding
    Coding coding = Coding::Identity;
    bool immutable = false;   // the name changes with the content
    bool negotiated = false;  // another client might get another coding: Vary
};

// Makes the body of an answer: these bytes of the representation.
using BodyMaker = std::function<net::Body(ByteRange range)>;

// 200, 206, 304 or 416. A strong ETag, revalidation at each use or a year for what is immutable, nosniff. Ranges are for identity only: who takes
// a coding may ask again for the whole (RFC 9110 section 14.2 lets a server ignore Range).
net::HttpResponse answer(const net::RequestHead& head, const Representation& file, const BodyMaker& body);

// 406: the client refuses every coding that there is.
net::HttpResponse no_coding_page();

}  // namespace parley::site

// WebClient: serves the client that is built into the binary, by the rules of a static folder (static_files.hpp), in the best coding the client takes.
// Its pages come with a Content-Security-Policy that allows this server and nobody else, and no inline script or style.
// Threading: any thread; immutable.
#pragma once

#include "site/bundle.hpp"
#include "site/frontend.hpp"

namespace parley::site {

class WebClient final : public Frontend {
public:
    // The bundle's memory outlives this object and its answers: they refer to it.
    explicit WebClient(const Bundle& bundle) : bundle_(bundle) {}

    net::HttpResponse respond(const net::RequestHead& head) override;

private:
    net::HttpResponse answer_with(const net::RequestHead& head, const Bundle::File& file) const;

    const Bundle bundle_;
};

}  // namespace parley::site

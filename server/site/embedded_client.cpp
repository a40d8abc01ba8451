#include "site/embedded_client.hpp"

// The assembler reads the file, so that no compiler has to parse it. Read-only data: a page of it that nobody asks for stays on the disk.
asm(R"(
    .pushsection .rodata
    .balign 64
    .global parley_web_client_begin
    .global parley_web_client_end
    .hidden parley_web_client_begin
    .hidden parley_web_client_end
parley_web_client_begin:
    .incbin ")" PARLEY_WEB_CLIENT_FILE R"("
parley_web_client_end:
    .popsection
)");

extern "C" {
extern const char parley_web_client_begin[];
extern const char parley_web_client_end[];
}

namespace parley::site {

Result<Bundle> embedded_client() {
    return open_client({parley_web_client_begin, static_cast<std::size_t>(parley_web_client_end - parley_web_client_begin)});
}

}  // namespace parley::site

// Any bytes as a body, in any coding: read or refused with a status, never a crash, never more than the limit.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/content_coding.hpp"
#include "api/request_body.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parley;
    constexpr std::size_t kLimit = 2000;
    constexpr const char* kCodings[] = {"", "gzip", "deflate", "br"};
    if (size == 0) return 0;
    const char* coding = kCodings[data[0] % 4];
    const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto unpacked = api::undo_content_coding(coding, body, kLimit);
    if (unpacked && unpacked->size() > kLimit) std::abort();

    net::RequestHead head;
    head.headers.add("Content-Type", "application/json");
    head.headers.add("Content-Encoding", coding);
    const auto fields = api::read_fields(head, body, kLimit);
    if (!fields && fields.error().status != 400 && fields.error().status != 413 && fields.error().status != 415) std::abort();
    return 0;
}

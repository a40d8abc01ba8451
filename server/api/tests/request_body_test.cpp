#include "api/request_body.hpp"

#include <gtest/gtest.h>

namespace parley::api {
namespace {

// The status of the refusal, 0 if the body was read.
unsigned refusal(const char* content_type, std::string body, const char* coding = nullptr) {
    net::RequestHead head;
    if (content_type) head.headers.add("Content-Type", content_type);
    if (coding) head.headers.add("Content-Encoding", coding);
    const auto fields = read_fields(head, std::move(body), 100);
    return fields ? 0 : fields.error().status;
}

TEST(RequestBody, ContentTypesAreTakenAsExpressTakesThem) {
    const std::pair<const char*, unsigned> table[] = {
        {"application/json", 0},
        {"application/json; charset=utf-8", 0},
        {"Application/JSON; charset=\"UTF-8\"", 0},
        {"application/json;charset=utf-8;x=y", 0},
        {"application/json; x=y; Charset=utf-8", 0},
        {" application/json ;", 0},
        {"application/json; charset=iso-8859-1", 415},
        {"application/json; charset=utf-16", 415},
        {"text/plain", 415},
        {"application/x-www-form-urlencoded", 415},
        {"application/jsonx", 415},
        {"", 415},
        {nullptr, 415},
    };
    for (const auto& [type, status] : table) EXPECT_EQ(refusal(type, "{}"), status) << (type ? type : "none");
}

TEST(RequestBody, AnEmptyBodyHasNoFieldsWhateverItsType) {
    EXPECT_EQ(refusal("application/json", ""), 0U);
    EXPECT_EQ(refusal("text/plain", ""), 0U);
    EXPECT_EQ(refusal(nullptr, ""), 0U);
}

TEST(RequestBody, SizeAndContentAreChecked) {
    EXPECT_EQ(refusal("application/json", "{" + std::string(98, ' ') + "}"), 0U);
    EXPECT_EQ(refusal("application/json", "{" + std::string(99, ' ') + "}"), 413U);
    EXPECT_EQ(refusal("application/json", "  "), 400U);
    EXPECT_EQ(refusal("application/json", "\"text\""), 400U);
    EXPECT_EQ(refusal("application/json", "{}", "zebra"), 415U);
    EXPECT_EQ(refusal("application/json", "{}", "gzip"), 400U);
    EXPECT_EQ(refusal("application/json", "{}", "identity"), 0U);
}

}  // namespace
}  // namespace parley::api

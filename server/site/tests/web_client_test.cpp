#include "site/web_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bundle_bytes.hpp"
#include "site/pages.hpp"

namespace parley::site {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kBrowser = "gzip, deflate, br, zstd";

class WebClientTest : public ::testing::Test {
protected:
    net::HttpResponse ask(std::string target, const Fields& fields = {}, net::Method method = net::Method::Get) {
        net::RequestHead head;
        head.method = method;
        head.method_name = method == net::Method::Get ? "GET" : method == net::Method::Head ? "HEAD" : "POST";
        head.target = std::move(target);
        for (const auto& [name, value] : fields) head.headers.add(name, value);
        return client_.respond(head);
    }

    static std::string text_of(const net::HttpResponse& response) {
        if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
        std::string result;
        for (const auto& part : std::get<std::vector<net::SharedPart>>(response.body)) result += part.text;
        return result;
    }

    std::string get(std::string target, const Fields& fields = {}) { return text_of(ask(std::move(target), fields)); }

    const std::string bytes_ = pack({
        {"assets/index-BxT3k9aQ.js", {"identity of the script", "gzip script", "br script"}},
        {"assets/plainname.js", {"hashed without looking like it", std::nullopt, std::nullopt}},
        {"index.html", {"<!doctype html>", "gzip page", "br page"}},
        {"logo.png", {"picture", std::nullopt, std::nullopt}},
    });
    WebClient client_{Bundle::open(bytes_).value()};
};

TEST_F(WebClientTest, TheBestCodingThatTheClientTakes) {
    const std::string script = "/assets/index-BxT3k9aQ.js";
    EXPECT_EQ(get(script, {{"Accept-Encoding", std::string(kBrowser)}}), "br script");
    EXPECT_EQ(get(script, {{"Accept-Encoding", "gzip"}}), "gzip script");
    EXPECT_EQ(get(script, {{"Accept-Encoding", "identity;q=1, br;q=0.5"}}), "identity of the script");
    EXPECT_EQ(get(script), "identity of the script");
    EXPECT_EQ(get("/logo.png", {{"Accept-Encoding", std::string(kBrowser)}}), "picture");
}

TEST_F(WebClientTest, SaysWhichCodingItIsAndThatOthersGetAnother) {
    const auto coded = ask("/assets/index-BxT3k9aQ.js", {{"Accept-Encoding", "br"}});
    EXPECT_EQ(coded.headers.get("Content-Encoding"), "br");
    EXPECT_EQ(coded.headers.get("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(coded.headers.get("Vary"), "Accept-Encoding");
    EXPECT_FALSE(coded.headers.find("Accept-Ranges"));
    const auto plain = ask("/assets/index-BxT3k9aQ.js");
    EXPECT_FALSE(plain.headers.find("Content-Encoding"));
    EXPECT_EQ(plain.headers.get("Vary"), "Accept-Encoding");
    EXPECT_EQ(plain.headers.get("Accept-Ranges"), "bytes");
    EXPECT_FALSE(ask("/logo.png").headers.find("Vary"));
}

TEST_F(WebClientTest, WhoRefusesAllCodingsGetsNone) {
    const auto response = ask("/logo.png", {{"Accept-Encoding", "br, identity;q=0"}});
    EXPECT_EQ(response.status, 406U);
    EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
    EXPECT_EQ(ask("/", {{"Accept-Encoding", "br, identity;q=0"}}).status, 200U);
}

TEST_F(WebClientTest, ATagForEachCodingSavesItsBody) {
    std::vector<std::string> tags;
    for (const char* coding : {"identity", "gzip", "br"}) {
        const auto first = ask("/", {{"Accept-Encoding", coding}});
        tags.emplace_back(first.headers.get("ETag"));
        EXPECT_THAT(tags.back(), Not(HasSubstr("W/")));
        const auto second = ask("/", {{"Accept-Encoding", coding}, {"If-None-Match", tags.back()}});
        EXPECT_EQ(second.status, 304U) << coding;
        EXPECT_EQ(text_of(second), "");
        EXPECT_EQ(second.headers.get("ETag"), tags.back());
        EXPECT_EQ(second.headers.get("Vary"), "Accept-Encoding");
        EXPECT_EQ(second.headers.get("Content-Security-Policy"), first.headers.get("Content-Security-Policy"));
    }
    EXPECT_NE(tags[0], tags[1]);
    EXPECT_NE(tags[1], tags[2]);
    EXPECT_NE(tags[0], tags[2]);
    EXPECT_EQ(ask("/", {{"Accept-Encoding", "gzip"}, {"If-None-Match", tags[2]}}).status, 200U);
    EXPECT_EQ(ask("/", {{"If-Modified-Since", "Sun, 06 Nov 2044 08:49:37 GMT"}}).status, 200U);
}

TEST_F(WebClientTest, PartsAreForIdentityOnly) {
    const auto part = ask("/", {{"Range", "bytes=2-8"}});
    EXPECT_EQ(part.status, 206U);
    EXPECT_EQ(text_of(part), "doctype");
    EXPECT_EQ(part.headers.get("Content-Range"), "bytes 2-8/15");
    const auto coded = ask("/", {{"Range", "bytes=2-8"}, {"Accept-Encoding", "br"}});
    EXPECT_EQ(coded.status, 200U);
    EXPECT_EQ(text_of(coded), "br page");
    EXPECT_EQ(ask("/", {{"Range", "bytes=15-"}}).status, 416U);
    EXPECT_EQ(ask("/", {{"Range", "bytes=2-8"}, {"If-Range", "Thu, 01 Jan 1970 00:00:00 GMT"}}).status, 200U);
}

TEST_F(WebClientTest, HeadSaysWhatGetWould) {
    const auto head = ask("/", {{"Accept-Encoding", "br"}, {"Range", "bytes=0-1"}}, net::Method::Head);
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.headers.get("Content-Encoding"), "br");
    EXPECT_EQ(text_of(head).size(), std::string("br page").size());
}

TEST_F(WebClientTest, PagesComeWithAPolicyAndNothingElseDoes) {
    const auto page = ask("/c/0123456789abcdef01234567");
    const auto policy = page.headers.get("Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self';"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(page.headers.get("Referrer-Policy"), "same-origin");
    EXPECT_EQ(page.headers.get("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_THAT(page.headers.get("Permissions-Policy"), HasSubstr("camera=()"));
    EXPECT_EQ(page.headers.get("X-Content-Type-Options"), "nosniff");
    const auto script = ask("/assets/index-BxT3k9aQ.js");
    EXPECT_EQ(script.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_FALSE(script.headers.find("Content-Security-Policy"));
    EXPECT_EQ(ask("/", {{"Range", "bytes=99-"}}).headers.count("Content-Security-Policy"), 1U);
}

TEST_F(WebClientTest, RoutesAreThePageAndMissingAssetsAreNot) {
    for (const char* target : {"/", "/signin", "/c/0123456789abcdef01234567", "/index.html", "/a/b/"}) {
        EXPECT_EQ(get(target), "<!doctype html>") << target;
        EXPECT_EQ(ask(target).headers.get("Cache-Control"), "public, max-age=0") << target;
    }
    for (const char* target : {"/assets/old-BxT3k9aQ.js", "/favicon.ico", "/.env", "/assets/..%2findex.html"})
        EXPECT_EQ(ask(target).status, 404U) << target;
    EXPECT_EQ(ask("/%zz").status, 400U);
    EXPECT_EQ(ask("/", {}, net::Method::Post).status, 404U);
}

TEST_F(WebClientTest, TheBuildersAssetsAreKeptForAYear) {
    EXPECT_EQ(ask("/assets/index-BxT3k9aQ.js").headers.get("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(ask("/assets/plainname.js").headers.get("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(ask("/logo.png").headers.get("Cache-Control"), "public, max-age=0");
}

TEST(WelcomePage, SaysWhatIsMissingAndHowToGetIt) {
    const auto text = std::get<std::string>(welcome_page("Node.js <18> was there").body);
    EXPECT_THAT(text, HasSubstr("Node.js &lt;18&gt; was there"));
    EXPECT_THAT(text, HasSubstr("make build"));
    EXPECT_THAT(std::get<std::string>(welcome_page().body), Not(HasSubstr("make build")));
}

}  // namespace
}  // namespace parley::site

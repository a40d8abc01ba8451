#include "site/static_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "temporary_folder.hpp"

namespace parley::site {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kPage = "<!doctype html>\n<title>app</title>\n";
constexpr std::string_view kRevalidate = "public, max-age=0";

FileCache::Clock::time_point now_of_test;

Task<void> collect(std::unique_ptr<net::BodySource> source, std::promise<Result<std::string>>* done) {
    std::string text;
    for (;;) {
        auto piece = co_await source->next();
        if (!piece) {
            done->set_value(fail(piece.error()));
            co_return;
        }
        if (piece->empty()) break;
        text += *piece;
    }
    done->set_value(std::move(text));
}

class StaticFilesTest : public ::testing::Test {
protected:
    StaticFilesTest() {
        folder_.write("index.html", kPage);
        folder_.write("assets/app.js", "document.title = \"chat\";\n");
        folder_.write("assets/index-BxT3k9aQ.js", "hashed");
        folder_.write("docs/index.html", "docs");
        folder_.write("empty.txt", "");
        folder_.write(".env", "SECRET=1");
        now_of_test = FileCache::Clock::now();
        loops_.start();
    }

    struct Answer {
        net::HttpResponse response;
        std::string text;
        bool from_memory = false;  // the body needed no file
        std::string_view header(std::string_view name) const { return response.headers.get(name); }
    };

    net::HttpResponse ask(std::string target, std::vector<std::pair<std::string, std::string>> fields = {},
                          net::Method method = net::Method::Get) {
        net::RequestHead head;
        head.method = method;
        head.method_name = method == net::Method::Get ? "GET" : method == net::Method::Head ? "HEAD" : "POST";
        head.target = std::move(target);
        for (const auto& [name, value] : fields) head.headers.add(name, value);
        return files_.respond(head);
    }

    Result<std::string> read(std::unique_ptr<net::BodySource> source) {
        std::promise<Result<std::string>> done;
        auto result = done.get_future();
        const auto promised = source->length();
        loops_[0].spawn(collect(std::move(source), &done));
        auto text = result.get();
        if (text) EXPECT_EQ(promised, text->size());
        return text;
    }

    Answer get(std::string target, std::vector<std::pair<std::string, std::string>> fields = {}) {
        Answer answer{ask(std::move(target), std::move(fields)), {}, true};
        auto& body = answer.response.body;
        if (auto* text = std::get_if<std::string>(&body)) answer.text = *text;
        if (auto* shared = std::get_if<SharedBytes>(&body)) answer.text = **shared;
        if (auto* source = std::get_if<std::unique_ptr<net::BodySource>>(&body)) {
            answer.from_memory = false;
            answer.text = read(std::move(*source)).value();
        }
        return answer;
    }

    void expect_page(const std::string& target, std::vector<std::pair<std::string, std::string>> fields = {}) {
        const Answer answer = get(target, std::move(fields));
        EXPECT_EQ(answer.response.status, 200U) << target;
        EXPECT_EQ(answer.text, kPage) << target;
        EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8") << target;
        EXPECT_EQ(answer.header("Cache-Control"), kRevalidate) << target;
        EXPECT_EQ(answer.header("Accept-Ranges"), "bytes") << target;
    }

    void expect_missing(const std::string& target) {
        const Answer answer = get(target);
        EXPECT_EQ(answer.response.status, 404U) << target;
        EXPECT_THAT(answer.text, Not(HasSubstr("SECRET"))) << target;
    }

    TemporaryFolder folder_;
    LoopGroup loops_{1};
    WorkerPool pool_{"files", 1, 16};
    StaticFiles files_{{.folder = folder_.path().string(), .now = [] { return now_of_test; }}, pool_};
};

TEST_F(StaticFilesTest, ThePageUnderItsNameAndEveryRoute) {
    for (const char* target : {"/", "/index.html", "/login", "/chat/with/bob?x=1", "//", "/assets", "/login/", "/?a=/../b"})
        expect_page(target);
}

TEST_F(StaticFilesTest, ARouteWithADotIsAPageForABrowserThatLoadsOne) {
    expect_page("/user/john.doe", {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}});
    expect_missing("/user/john.doe");
}

TEST_F(StaticFilesTest, AMissingAssetIsNotThePage) {
    expect_missing("/assets/missing.js");
    expect_missing("/favicon.ico");
    EXPECT_EQ(get("/assets/missing.js", {{"Accept", "text/html"}}).response.status, 404U);
}

TEST_F(StaticFilesTest, AScriptWithItsType) {
    const Answer answer = get("/assets/app.js");
    EXPECT_EQ(answer.response.status, 200U);
    EXPECT_EQ(answer.header("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(answer.header("Cache-Control"), kRevalidate);
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.text, "document.title = \"chat\";\n");
}

TEST_F(StaticFilesTest, AHashedNameIsKeptForAYear) {
    EXPECT_EQ(get("/assets/index-BxT3k9aQ.js").header("Cache-Control"), "public, max-age=31536000, immutable");
}

TEST_F(StaticFilesTest, AFolderWithAPageOfItsOwn) {
    EXPECT_EQ(get("/docs/").text, "docs");
}

TEST_F(StaticFilesTest, NoWayOutAndNoDotFiles) {
    for (const char* target : {"/../package.json", "/..%2f..%2fpackage.json", "/.env", "/%2eenv", "/assets/../.env", "/assets/%2e%2e/.env",
                               "/..%5c.env", "/.env%00.js"}) {
        expect_missing(target);
    }
    EXPECT_EQ(get("/%zz").response.status, 400U);
}

TEST_F(StaticFilesTest, ALinkThatLeadsOutIsMissing) {
    TemporaryFolder outside;
    outside.write("secret.txt", "SECRET");
    std::filesystem::create_symlink(outside.path() / "secret.txt", folder_.path() / "link.txt");
    std::filesystem::create_symlink(outside.path(), folder_.path() / "out");
    expect_missing("/link.txt");
    expect_missing("/out/secret.txt");
}

TEST_F(StaticFilesTest, AnEtagSavesTheBody) {
    const Answer first = get("/assets/app.js");
    const Answer second = get("/assets/app.js", {{"If-None-Match", std::string(first.header("ETag"))}});
    EXPECT_EQ(second.response.status, 304U);
    EXPECT_EQ(second.text, "");
    EXPECT_EQ(second.header("ETag"), first.header("ETag"));
    EXPECT_EQ(second.header("Cache-Control"), kRevalidate);
    EXPECT_EQ(get("/assets/app.js", {{"If-Modified-Since", std::string(first.header("Last-Modified"))}}).response.status, 304U);
    EXPECT_EQ(get("/assets/app.js", {{"If-None-Match", "\"other\""}}).response.status, 200U);
}

TEST_F(StaticFilesTest, APartFromTheDiskAndFromMemory) {
    for (int turn = 0; turn < 2; ++turn) {
        const Answer answer = get("/", {{"Range", "bytes=0-14"}});
        EXPECT_EQ(answer.response.status, 206U);
        EXPECT_EQ(answer.text, "<!doctype html>");
        EXPECT_EQ(answer.header("Content-Range"), "bytes 0-14/35");
        EXPECT_EQ(answer.from_memory, turn == 1);
        get("/");
    }
}

TEST_F(StaticFilesTest, APartBeyondTheEnd) {
    const Answer answer = get("/", {{"Range", "bytes=35-"}});
    EXPECT_EQ(answer.response.status, 416U);
    EXPECT_EQ(answer.header("Content-Range"), "bytes */35");
}

TEST_F(StaticFilesTest, HeadIgnoresRangesAndReadsNothing) {
    const auto response = ask("/", {{"Range", "bytes=0-14"}}, net::Method::Head);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(std::get<std::unique_ptr<net::BodySource>>(response.body)->length(), kPage.size());
}

TEST_F(StaticFilesTest, AnEmptyFile) {
    EXPECT_EQ(get("/empty.txt").response.status, 200U);
    EXPECT_EQ(get("/empty.txt").text, "");
}

TEST_F(StaticFilesTest, TheSecondAnswerComesFromMemory) {
    EXPECT_FALSE(get("/").from_memory);
    EXPECT_TRUE(get("/login").from_memory);
    EXPECT_EQ(get("/").text, kPage);
}

TEST_F(StaticFilesTest, AChangedFileIsSeenAfterASecond) {
    const std::string old_tag(get("/").header("ETag"));
    folder_.write("index.html", "new page, of another size");
    EXPECT_EQ(get("/").text, kPage);
    now_of_test += StaticFiles::kTrust;
    const Answer changed = get("/");
    EXPECT_EQ(changed.text, "new page, of another size");
    EXPECT_NE(changed.header("ETag"), old_tag);
    EXPECT_TRUE(get("/").from_memory);
}

TEST_F(StaticFilesTest, AnUnchangedFileStaysInMemory) {
    get("/");
    now_of_test += 10 * StaticFiles::kTrust;
    EXPECT_TRUE(get("/").from_memory);
}

TEST_F(StaticFilesTest, ARemovedFileIsMissingAfterASecond) {
    get("/assets/app.js");
    std::filesystem::remove(folder_.path() / "assets/app.js");
    now_of_test += StaticFiles::kTrust;
    expect_missing("/assets/app.js");
}

TEST_F(StaticFilesTest, ALargeFileComesInPiecesAndIsNotKept) {
    std::string content(3'000'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761U >> 13);
    folder_.write("video.mp4", content);
    EXPECT_EQ(get("/video.mp4").text, content);
    EXPECT_FALSE(get("/video.mp4").from_memory);
    EXPECT_EQ(get("/video.mp4", {{"Range", "bytes=1000000-2000000"}}).text, content.substr(1'000'000, 1'000'001));
}

TEST_F(StaticFilesTest, AFileThatShrinksWhileItIsSentCutsTheAnswer) {
    folder_.write("video.mp4", std::string(3'000'000, 'x'));
    auto response = ask("/video.mp4");
    std::filesystem::resize_file(folder_.path() / "video.mp4", 1000);
    EXPECT_FALSE(read(std::move(std::get<std::unique_ptr<net::BodySource>>(response.body))).has_value());
}

TEST_F(StaticFilesTest, AFullPoolOnlyDelaysAFile) {
    std::promise<void> release;
    auto released = release.get_future().share();
    while (pool_.try_post([released] { released.wait(); })) {
    }
    auto response = ask("/assets/app.js");
    std::promise<Result<std::string>> done;
    auto result = done.get_future();
    loops_[0].spawn(collect(std::move(std::get<std::unique_ptr<net::BodySource>>(response.body)), &done));
    EXPECT_EQ(result.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
    release.set_value();
    EXPECT_EQ(result.get().value(), "document.title = \"chat\";\n");
}

TEST_F(StaticFilesTest, OtherMethodsAreAnsweredAsTheOriginalDoes) {
    net::RequestHead head;
    head.method = net::Method::Post;
    head.method_name = "POST";
    head.target = "/a<b>&'c?x=1";
    const auto response = files_.respond(head);
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(response.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(response.headers.get("Content-Security-Policy"), "default-src 'none'");
    EXPECT_EQ(std::get<std::string>(response.body),
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n"
              "<pre>Cannot POST /a%3Cb%3E&amp;&#39;c</pre>\n</body>\n</html>\n");
}

// app.js with coded files beside it.
class CodedFilesTest : public StaticFilesTest {
protected:
    CodedFilesTest() {
        beside(".gz", "gzip script", std::chrono::seconds(0));
        beside(".br", "br script", std::chrono::seconds(5));
    }

    void beside(const std::string& suffix, std::string_view content, std::chrono::seconds later) {
        folder_.write("assets/app.js" + suffix, content);
        const auto time = std::filesystem::last_write_time(folder_.path() / "assets/app.js");
        std::filesystem::last_write_time(folder_.path() / ("assets/app.js" + suffix), time + later);
    }

    Answer get_as(const std::string& codings) { return get("/assets/app.js", {{"Accept-Encoding", codings}}); }
};

TEST_F(CodedFilesTest, WhoAcceptsACodingGetsTheFileBeside) {
    for (int turn = 0; turn < 2; ++turn) {
        const Answer coded = get_as("gzip, deflate, br");
        EXPECT_EQ(coded.text, "br script");
        EXPECT_EQ(coded.header("Content-Encoding"), "br");
        EXPECT_EQ(coded.header("Content-Type"), "text/javascript; charset=utf-8");
        EXPECT_EQ(coded.header("Vary"), "Accept-Encoding");
        EXPECT_EQ(coded.from_memory, turn == 1);
    }
    EXPECT_EQ(get_as("gzip").text, "gzip script");
    EXPECT_EQ(get_as("br;q=0.5, gzip").header("Content-Encoding"), "gzip");
    const Answer plain = get("/assets/app.js");
    EXPECT_EQ(plain.text, "document.title = \"chat\";\n");
    EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
    EXPECT_FALSE(plain.response.headers.find("Content-Encoding"));
}

TEST_F(CodedFilesTest, ATagForEachCodingSavesItsBody) {
    std::set<std::string> tags;
    for (const char* coding : {"identity", "gzip", "br"}) {
        const std::string tag(get_as(coding).header("ETag"));
        EXPECT_TRUE(tags.insert(tag).second) << tag;
        EXPECT_EQ(get("/assets/app.js", {{"Accept-Encoding", coding}, {"If-None-Match", tag}}).response.status, 304U) << coding;
    }
    const std::string other(get_as("gzip").header("ETag"));
    EXPECT_EQ(get("/assets/app.js", {{"Accept-Encoding", "br"}, {"If-None-Match", other}}).response.status, 200U);
}

TEST_F(CodedFilesTest, HeadSaysTheSizeOfTheCoding) {
    const auto response = ask("/assets/app.js", {{"Accept-Encoding", "br"}}, net::Method::Head);
    EXPECT_EQ(response.headers.get("Content-Encoding"), "br");
    EXPECT_EQ(std::get<std::unique_ptr<net::BodySource>>(response.body)->length(), std::string_view("br script").size());
}

TEST_F(CodedFilesTest, PartsAreForIdentityOnly) {
    EXPECT_EQ(get("/assets/app.js", {{"Accept-Encoding", "br"}, {"Range", "bytes=0-1"}}).text, "br script");
    EXPECT_EQ(get("/assets/app.js", {{"Accept-Encoding", "identity"}, {"Range", "bytes=0-1"}}).text, "do");
}

TEST_F(CodedFilesTest, AnOlderFileBesideIsNotOfThisFile) {
    beside(".br", "br script", std::chrono::seconds(-1));
    EXPECT_EQ(get_as("br").text, "document.title = \"chat\";\n");
    EXPECT_EQ(get_as("br, gzip").text, "gzip script");
}

TEST_F(CodedFilesTest, ALinkBesideThatLeadsOutIsNotFollowed) {
    TemporaryFolder outside;
    outside.write("secret", "SECRET");
    std::filesystem::remove(folder_.path() / "assets/app.js.br");
    std::filesystem::create_symlink(outside.path() / "secret", folder_.path() / "assets/app.js.br");
    EXPECT_EQ(get_as("br").text, "document.title = \"chat\";\n");
}

TEST_F(CodedFilesTest, APictureHasNone) {
    folder_.write("logo.png", "picture");
    folder_.write("logo.png.br", "br picture");
    const Answer answer = get("/logo.png", {{"Accept-Encoding", "br"}});
    EXPECT_EQ(answer.text, "picture");
    EXPECT_FALSE(answer.response.headers.find("Vary"));
}

TEST_F(CodedFilesTest, ThatComeOrGoAreSeenAfterASecond) {
    EXPECT_EQ(get("/", {{"Accept-Encoding", "br"}}).text, kPage);
    folder_.write("index.html.br", "br page");
    std::filesystem::remove(folder_.path() / "assets/app.js.br");
    now_of_test += StaticFiles::kTrust;
    EXPECT_EQ(get("/", {{"Accept-Encoding", "br"}}).text, "br page");
    EXPECT_EQ(get("/login", {{"Accept-Encoding", "br"}}).header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(get_as("br").text, "document.title = \"chat\";\n");
}

TEST_F(CodedFilesTest, OneThatHasJustGoneLeavesTheOthers) {
    const auto known = ask("/assets/app.js", {{"Accept-Encoding", "br"}}, net::Method::Head);
    EXPECT_EQ(known.headers.get("Content-Encoding"), "br");
    std::filesystem::remove(folder_.path() / "assets/app.js.br");
    EXPECT_EQ(get_as("br, gzip").text, "gzip script");
    EXPECT_EQ(get_as("br").text, "document.title = \"chat\";\n");
}

TEST_F(CodedFilesTest, WhoRefusesWhatThereIsGetsNothing) {
    EXPECT_EQ(get("/empty.txt", {{"Accept-Encoding", "identity;q=0"}}).response.status, 406U);
    EXPECT_EQ(get_as("br, *;q=0").text, "br script");
}

TEST_F(StaticFilesTest, WithoutAFrontendTheRootSaysWhatToDo) {
    StaticFiles nothing({}, pool_);
    net::RequestHead head;
    head.method_name = "GET";
    head.target = "/";
    const auto root = nothing.respond(head);
    EXPECT_EQ(root.status, 200U);
    EXPECT_THAT(std::get<std::string>(root.body), HasSubstr("--static-dir"));
    head.target = "/login";
    EXPECT_EQ(nothing.respond(head).status, 404U);
}

}  // namespace
}  // namespace parley::site

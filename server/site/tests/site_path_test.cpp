#include "site/site_path.hpp"

#include <gtest/gtest.h>

#include "site/content_type.hpp"

namespace parley::site {
namespace {

std::string name_of(std::string_view path) {
    const auto parsed = SitePath::parse(path);
    return parsed ? parsed->name : parsed.error() == PathProblem::Hidden ? "<hidden>" : "<malformed>";
}

TEST(SitePath, PartsAreDecodedAndSlashesCountOnce) {
    EXPECT_EQ(name_of("/"), "");
    EXPECT_EQ(name_of("/assets/app.js"), "assets/app.js");
    EXPECT_EQ(name_of("//assets///app.js"), "assets/app.js");
    EXPECT_EQ(name_of("/gr%C3%BC%C3%9Fe/a%20b"), "grüße/a b");
    EXPECT_EQ(name_of("/a..b/c."), "a..b/c.");
}

TEST(SitePath, ASlashAtTheEndMeansAFolder) {
    EXPECT_TRUE(SitePath::parse("/")->folder);
    EXPECT_TRUE(SitePath::parse("/docs/")->folder);
    EXPECT_FALSE(SitePath::parse("/docs")->folder);
}

TEST(SitePath, NoWayOutHoweverItIsWritten) {
    for (const char* path : {"/..", "/../package.json", "/a/../../b", "/%2e%2e/b", "/.%2E/b", "/..%2f..%2fpackage.json", "/a%2Fb",
                             "/..%5c..%5cb", "/a%5Cb", "/a\\b", "/a%00.js", "/%00", "/a%0ab", "/a%7f", "/./a", "relative", ""}) {
        EXPECT_EQ(name_of(path), "<hidden>") << path;
    }
}

TEST(SitePath, DotFilesAreHidden) {
    for (const char* path : {"/.env", "/.git/config", "/a/.htpasswd", "/%2eenv", "/..."}) EXPECT_EQ(name_of(path), "<hidden>") << path;
}

TEST(SitePath, DoublyEncodedDotsAreAnOrdinaryName) {
    EXPECT_EQ(name_of("/%252e%252e/b"), "%2e%2e/b");
}

TEST(SitePath, BrokenEscapesAndWrongUtf8AreMalformed) {
    for (const char* path : {"/%", "/%4", "/%zz", "/a/%ff", "/%c0%ae%c0%ae/b"}) EXPECT_EQ(name_of(path), "<malformed>") << path;
}

TEST(SitePath, ExtensionsTellAssetsFromRoutes) {
    EXPECT_TRUE(SitePath::parse("/a/app.js")->has_extension());
    EXPECT_FALSE(SitePath::parse("/login")->has_extension());
    EXPECT_FALSE(SitePath::parse("/v1.2/login")->has_extension());
    EXPECT_FALSE(SitePath::parse("/app.js/")->has_extension());
    EXPECT_FALSE(SitePath::parse("/")->has_extension());
}

TEST(ContentHash, NamesThatBundlersMake) {
    for (const char* name :
         {"assets/index-BxT3k9aQ.js", "assets/index-D-3xa_b1.css", "assets/logo-Cq4bVuYz.svg", "assets/index-BxT3k9aQ.js.map",
          "static/js/main.3f2a1b9c.js", "static/css/2.0a1b2c3d.chunk.css.map", "img/a-0123456789abcdef0123.png"}) {
        const bool expected = std::string_view(name).find(".chunk.") == std::string_view::npos;
        EXPECT_EQ(has_content_hash(name), expected) << name;
    }
}

TEST(ContentHash, NamesThatPeopleMake) {
    for (const char* name : {"index-BxT3k9aQ.js", "assets/app.js", "assets/jquery-ui-bootstrap.js", "assets/my-absolute.css",
                             "assets/my-Absolute.css", "assets/photo-20240115.png", "assets/module-version2.js", "assets/app-re-entry.js",
                             "assets/-BxT3k9aQ.js", "assets/deadbeef.js", "assets/a-UPPERCAS.js", "assets/BxT3k9aQ",
                             "fonts/OpenSans-SemiBold.ttf", "img/logo-FaceBook.png", "assets/app-re-Entry.js", ""}) {
        EXPECT_FALSE(has_content_hash(name)) << name;
    }
}

TEST(ContentType, ByExtensionInAnyCase) {
    EXPECT_EQ(content_type("index.html"), "text/html; charset=utf-8");
    EXPECT_EQ(content_type("assets/APP.JS"), "text/javascript; charset=utf-8");
    EXPECT_EQ(content_type("a.b.woff2"), "font/woff2");
    for (const char* name : {"", "js", "a.unknown", "dir.js/file", "a."}) EXPECT_EQ(content_type(name), std::nullopt) << name;
}

}  // namespace
}  // namespace parley::site

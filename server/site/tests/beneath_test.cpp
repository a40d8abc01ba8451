#include "site/beneath.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "temporary_folder.hpp"

namespace parley::site {
namespace {

using Opener = Result<std::optional<OpenFile>> (*)(const std::string&, const std::string&);

class Beneath : public ::testing::TestWithParam<Opener> {
protected:
    Beneath() {
        outer_.write("secret.txt", "secret");
        outer_.write("site/index.html", "page");
        outer_.write("site/assets/app.js", "code");
    }
    void link(const std::string& target, const std::string& name) {
        std::filesystem::create_symlink(target, outer_.path() / "site" / name);
    }

    std::string read(const std::string& name) {
        const auto file = GetParam()((outer_.path() / "site").string(), name);
        if (!file) return "<error>";
        if (!*file) return "<none>";
        std::array<char, 64> buffer;
        const ssize_t count = ::read((*file)->descriptor.get(), buffer.data(), buffer.size());
        EXPECT_EQ(static_cast<std::uint64_t>(count), (*file)->stamp.size);
        return {buffer.data(), static_cast<std::size_t>(count)};
    }
    TemporaryFolder outer_;
};

TEST_P(Beneath, FilesOfTheFolder) {
    EXPECT_EQ(read("index.html"), "page");
    EXPECT_EQ(read("assets/app.js"), "code");
    EXPECT_EQ(read("missing"), "<none>");
    EXPECT_EQ(read("index.html/x"), "<none>");
    EXPECT_EQ(read(std::string(5000, 'x')), "<none>");
}

TEST_P(Beneath, LinksThatLeadOutAreNoFiles) {
    link("../secret.txt", "relative.txt");
    link((outer_.path() / "secret.txt").string(), "absolute.txt");
    link("..", "up");
    link("relative.txt", "twice.txt");
    link("/proc/self/root", "root");
    for (const char* name : {"relative.txt", "absolute.txt", "up/secret.txt", "twice.txt", "root/etc/passwd"})
        EXPECT_EQ(read(name), "<none>") << name;
}

TEST_P(Beneath, OnlyRegularFiles) {
    EXPECT_EQ(read("assets"), "<none>");
    ASSERT_EQ(mkfifo((outer_.path() / "site" / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(read("fifo"), "<none>");
    link("fifo", "to-fifo");
    EXPECT_EQ(read("to-fifo"), "<none>");
}

TEST_P(Beneath, AFolderThatIsReplacedIsFoundAgain) {
    std::filesystem::remove_all(outer_.path() / "site");
    EXPECT_EQ(read("index.html"), "<none>");
    outer_.write("site/index.html", "new");
    EXPECT_EQ(read("index.html"), "new");
}

TEST_P(Beneath, WithoutDescriptorsItIsAnErrorAndNotAMissingFile) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = dup(0);
    ASSERT_GE(next, 0);
    close(next);
    // Nothing else happens without descriptors: a sanitizer needs some for its own checks.
    const std::string folder = (outer_.path() / "site").string();
    const std::string name = "index.html";
    const Opener opener = GetParam();
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto file = opener(folder, name);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().code, ErrorCode::Unavailable);
}

INSTANTIATE_TEST_SUITE_P(BothWays, Beneath, ::testing::Values(open_beneath, open_without_links));

TEST(OpenBeneath, LinksInsideTheFolderAreFollowed) {
    TemporaryFolder folder;
    folder.write("a.txt", "a");
    std::filesystem::create_symlink("a.txt", folder.path() / "b.txt");
    const auto file = open_beneath(folder.path().string(), "b.txt");
    ASSERT_TRUE(file.has_value());
    if (!*file) GTEST_SKIP() << "this kernel has no openat2";
    EXPECT_EQ((*file)->stamp.size, 1U);
    EXPECT_EQ(*open_without_links(folder.path().string(), "b.txt") ? "file" : "none", std::string("none"));
}

}  // namespace
}  // namespace parley::site

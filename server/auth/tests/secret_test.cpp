#include "auth/secret.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::auth {
namespace {

class SecretTest : public testing::Test {
protected:
    SecretTest() : folder(std::filesystem::temp_directory_path() / ("parley-secret-" + hex_encode(random_bytes(8)))) {
        std::filesystem::create_directory(folder);
    }
    ~SecretTest() override { std::filesystem::remove_all(folder); }

    void write(std::string_view text) { std::ofstream(folder / kSecretFile) << text; }

    const std::filesystem::path folder;
};

TEST_F(SecretTest, TheFirstStartMakesOneAndTheNextFindsIt) {
    const auto made = load_or_create_secret(folder);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_FALSE(is_weak_secret(*made));
    EXPECT_EQ(load_or_create_secret(folder), made);
}

TEST_F(SecretTest, NobodyElseMayReadIt) {
    ASSERT_TRUE(load_or_create_secret(folder).has_value());
    struct stat status{};
    ASSERT_EQ(::stat((folder / kSecretFile).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(SecretTest, NothingTemporaryStays) {
    std::ofstream(folder / (std::string(kSecretFile) + ".new")) << "left over";
    ASSERT_TRUE(load_or_create_secret(folder).has_value());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(SecretTest, OneWrittenByHandIsUsedWithoutItsLineBreak) {
    write("by hand\r\n");
    EXPECT_EQ(load_or_create_secret(folder), "by hand");
}

TEST_F(SecretTest, AnEmptyFileIsAnError) {
    write("\n");
    EXPECT_FALSE(load_or_create_secret(folder).has_value());
}

TEST_F(SecretTest, AMissingFolderIsAnError) {
    const auto secret = load_or_create_secret(folder / "nowhere");
    ASSERT_FALSE(secret.has_value());
    EXPECT_EQ(secret.error().code, ErrorCode::InvalidArgument);
}

TEST(Secret, LessThanSixteenCharactersAreWeak) {
    EXPECT_TRUE(is_weak_secret("123456789012345"));
    EXPECT_FALSE(is_weak_secret("1234567890123456"));
}

}  // namespace
}  // namespace parley::auth

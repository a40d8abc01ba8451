// Files of bytes, of BSON documents, of lines.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "transfer/bson_file.hpp"
#include "transfer/lines.hpp"
#include "transfer/tests/samples.hpp"

namespace parley::transfer {
namespace {

using storage::mongodb::Bson;
using testing::HasSubstr;
using Packing = ByteReader::Packing;

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string read_all(ByteReader& reader) {
    std::string all;
    while (true) {
        const auto more = reader.next();
        EXPECT_TRUE(more.has_value()) << more.error().message;
        if (!more || more->empty()) return all;
        all += *more;
    }
}

std::string noise(std::size_t size) {
    std::string bytes;
    for (std::uint32_t state = 1; bytes.size() < size; state = state * 1'664'525 + 1'013'904'223)
        bytes.push_back(static_cast<char>(state >> 24));
    return bytes;
}

std::string gzipped(const TemporaryFolder& folder, const std::string& bytes) {
    const std::string path = (folder.path() / "packing.gz").string();
    const auto writer = ByteWriter::create(path, true).value();
    EXPECT_TRUE(writer->write(bytes).has_value());
    EXPECT_TRUE(writer->finish().has_value());
    return contents(path);
}

TEST(ByteFile, WhatWasWrittenIsReadPackedOrNot) {
    const TemporaryFolder folder;
    for (const std::size_t size : {0UL, 1UL, 65'536UL, 65'537UL, 1'000'000UL}) {
        for (const bool gzip : {false, true}) {
            const std::string path = (folder.path() / "file").string();
            const auto writer = ByteWriter::create(path, gzip).value();
            ASSERT_TRUE(writer->write(noise(size)).has_value());
            ASSERT_TRUE(writer->finish().has_value());
            const auto reader = ByteReader::open(path, gzip ? Packing::Gzip : Packing::Plain).value();
            EXPECT_EQ(read_all(*reader), noise(size)) << size << gzip;
        }
    }
}

TEST(ByteFile, ForTheOwnerAlone) {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "file").string();
    ASSERT_TRUE(ByteWriter::create(path, false).has_value());
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST(ByteFile, GuessesGzipByItsFirstBytes) {
    const TemporaryFolder folder;
    EXPECT_EQ(read_all(*ByteReader::of_bytes(gzipped(folder, "packed"), Packing::Guess)), "packed");
    EXPECT_EQ(read_all(*ByteReader::of_bytes("plain", Packing::Guess)), "plain");
    EXPECT_EQ(read_all(*ByteReader::of_bytes("", Packing::Guess)), "");
}

TEST(ByteFile, SeveralGzipMembersAreOneStream) {
    const TemporaryFolder folder;
    const std::string two = gzipped(folder, noise(100'000)) + gzipped(folder, "end");
    EXPECT_EQ(read_all(*ByteReader::of_bytes(two, Packing::Gzip)), noise(100'000) + "end");
}

TEST(ByteFile, GzipThatStopsInTheMiddleIsDamagedWhereverItStops) {
    const TemporaryFolder folder;
    const std::string whole = gzipped(folder, "some text that is long enough to have a middle");
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const auto reader = ByteReader::of_bytes(whole.substr(0, size), Packing::Gzip);
        auto more = reader->next();
        while (more && !more->empty()) more = reader->next();
        ASSERT_FALSE(more.has_value()) << size;
        EXPECT_EQ(more.error().code, ErrorCode::InvalidArgument);
    }
}

TEST(ByteFile, WhatIsNotThereIsSaidWithItsName) {
    const auto reader = ByteReader::open("/nonexistent/users.bson", Packing::Plain);
    ASSERT_FALSE(reader.has_value());
    EXPECT_EQ(reader.error(), (Error{ErrorCode::InvalidArgument, "cannot use /nonexistent/users.bson: No such file or directory"}));
}

TEST(ByteFile, AFullDiskIsSaidToBeFull) {
    const auto writer = ByteWriter::create("/dev/full", false).value();
    auto written = writer->write(noise(100'000));
    ASSERT_FALSE(written.has_value());
    EXPECT_THAT(written.error().message, HasSubstr("no space left for /dev/full"));
}

std::string documents(int count) {
    std::string bytes;
    for (int i = 0; i < count; ++i) bytes += Bson().add("_id", i).add("text", "some text").bytes();
    return bytes;
}

BsonFile bson_file(std::string bytes) {
    return BsonFile(ByteReader::of_bytes(std::move(bytes), Packing::Plain));
}

TEST(BsonFile, GivesItsDocumentsInOrder) {
    BsonFile file = bson_file(documents(10'000));
    for (int i = 0; i < 10'000; ++i) {
        const auto next = file.next();
        ASSERT_TRUE(next.has_value() && next->has_value()) << i;
        EXPECT_EQ(storage::mongodb::BsonView(**next).integer("_id"), i);
    }
    EXPECT_FALSE(file.next().value().has_value());
}

TEST(BsonFile, CutOffAnywhereButBetweenDocumentsIsDamage) {
    const std::string whole = documents(2);
    for (std::size_t size = 1; size < whole.size(); ++size) {
        BsonFile file = bson_file(whole.substr(0, size));
        auto next = file.next();
        if (next && *next) next = file.next();
        if (size == whole.size() / 2) {
            EXPECT_TRUE(next.has_value() && !next->has_value()) << "a file may end here";
            continue;
        }
        ASSERT_FALSE(next.has_value()) << size;
        EXPECT_TRUE(file.broken());
        EXPECT_THAT(next.error().message, HasSubstr(size < whole.size() / 2 ? "at byte 0" : fmt::format("at byte {}", whole.size() / 2)));
        EXPECT_FALSE(file.next().value().has_value());
    }
}

TEST(BsonFile, DamageInsideADocumentLeavesTheOthers) {
    std::string bytes = documents(3);
    const std::size_t one = bytes.size() / 3;
    bytes[one + 4] = '\x77';  // the type of its first field
    BsonFile file = bson_file(bytes);
    EXPECT_TRUE(file.next().value().has_value());
    const auto damaged = file.next();
    ASSERT_FALSE(damaged.has_value());
    EXPECT_FALSE(file.broken());
    const auto third = file.next().value();
    ASSERT_TRUE(third.has_value());
    EXPECT_EQ(storage::mongodb::BsonView(*third).integer("_id"), 2);
}

TEST(BsonFile, ALengthThatNoDocumentHasIsDamage) {
    for (const std::string& length : {std::string("\4\0\0\0", 4), std::string("\xff\xff\xff\x7f"), std::string("\xff\xff\xff\xff")}) {
        BsonFile file = bson_file(length + "12345");
        EXPECT_FALSE(file.next().has_value());
        EXPECT_TRUE(file.broken());
    }
}

TEST(LineFile, LinesOfAnyLengthTheLastWithoutALineFeed) {
    const std::string lines = "one\n\n" + std::string(200'000, 'x') + "\r\nlast";
    LineFile file(ByteReader::of_bytes(lines, Packing::Plain));
    EXPECT_EQ(file.next().value(), "one");
    EXPECT_EQ(file.next().value(), "");
    EXPECT_EQ(file.next().value(), std::string(200'000, 'x') + "\r");
    EXPECT_EQ(file.next().value(), "last");
    EXPECT_EQ(file.number(), 4U);
    EXPECT_EQ(file.next().value(), std::nullopt);
}

}  // namespace
}  // namespace parley::transfer

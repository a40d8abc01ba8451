// JSON lines: what one line says, and what a whole file has to be.
#include <fmt/core.h>
#include <gmock/gmock.h>

#include <limits>

#include "transfer/lines.hpp"
#include "transfer/tests/samples.hpp"

namespace parley::transfer {
namespace {

using testing::HasSubstr;

std::string id(unsigned number) {
    return fmt::format("{:024x}", number);
}

template <class T>
T parsed(const std::string& line) {
    const auto result = parse_line(line);
    EXPECT_TRUE(result.has_value()) << line << result.error().message;
    return result && std::holds_alternative<T>(*result) ? std::get<T>(*result) : T{};
}

std::string complaint(const std::string& line) {
    const auto result = parse_line(line);
    return result ? "none" : result.error().message;
}

TEST(JsonLine, EveryValueComesBackAsItWas) {
    const Everything all = difficult();
    for (const auto& each : all.users) EXPECT_EQ(parsed<chat::User>(to_line(each)), each);
    for (const auto& each : all.messages) EXPECT_EQ(parsed<chat::Message>(to_line(each)), each);
    for (const auto& each : all.revocations) EXPECT_EQ(parsed<Revocation>(to_line(each)), each);
    EXPECT_EQ(parsed<ReadMark>(to_line(read_mark(1, 2, 3))), read_mark(1, 2, 3));
}

TEST(JsonLine, LooksAsDocumented) {
    chat::Message hello = message(1, 2, 3, 0, "hi");
    EXPECT_EQ(to_line(hello),
              "{\"type\":\"message\",\"_id\":\"" + id(1) + "\",\"senderId\":\"" + id(2) + "\",\"receiverId\":\"" + id(3) +
                  "\",\"message\":\"hi\",\"createdAt\":\"2023-11-14T22:13:20.000Z\",\"updatedAt\":\"2023-11-14T22:13:20.000Z\"}\n");
}

TEST(JsonLine, TimesOfTheYears1To9999ComeBackAndOthersAreNone) {
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
    const auto line = [](std::int64_t ms) {
        chat::Message old = message(1, 2, 3, 0);
        old.created_at = chat::Timestamp(std::chrono::milliseconds(ms));
        return to_line(old);
    };
    for (const std::int64_t ms : {0LL, -1LL, 253'402'300'799'999LL, -62'135'596'800'000LL, 1'709'164'800'000LL})
        EXPECT_EQ(parsed<chat::Message>(line(ms)).created_at.time_since_epoch().count(), ms);
    for (const std::int64_t ms : {std::int64_t{253'402'300'800'000}, std::int64_t{-62'135'596'800'001}, kMax, kMin})
        EXPECT_EQ(complaint(line(ms)), "its createdAt is no time") << ms;
}

TEST(JsonLine, MissingTimesAreThoseOfTheId) {
    const auto user = parsed<chat::User>(R"({"type":"user","_id":"655400000000000000000001","username":"ann"})");
    EXPECT_EQ(time_text(user.created_at), "2023-11-14T23:17:20.000Z");
    EXPECT_EQ(user.updated_at, user.created_at);
    EXPECT_EQ(user.gender, chat::Gender::Male);
}

TEST(JsonLine, WhatIsWrongIsNamed) {
    const std::string head = R"({"type":"message","_id":")" + id(1) + R"(","senderId":")" + id(2) + R"(",)";
    EXPECT_EQ(complaint("{\"type\":"), "it is no JSON");
    EXPECT_EQ(complaint("[1]"), "it is no object with a type");
    EXPECT_EQ(complaint("{\"type\":7}"), "it is no object with a type");
    EXPECT_EQ(complaint("{\"type\":\"group\"}"), "its type is unknown");
    EXPECT_EQ(complaint(head + R"("receiverId":"12","message":""})"), "its receiverId is no id (24 hex digits)");
    EXPECT_EQ(complaint(head + R"("receiverId":")" + id(3) + R"("})"), "its message is no text");
    EXPECT_EQ(complaint(head + R"("receiverId":")" + id(3) + R"(","message":"","createdAt":"yesterday"})"), "its createdAt is no time");
    EXPECT_EQ(complaint(head + R"("receiverId":")" + id(3) + R"(","message":"","createdAt":"2023-02-30T00:00:00Z"})"),
              "its createdAt is no time");
    EXPECT_EQ(complaint("{\"type\":\"message\",\"message\":\"\xff\"}"), "it is no JSON");
}

struct Outcome {
    Result<bool> result = true;
    Everything all;
    Report report;
};

Outcome read(const std::string& file, bool skip_damaged = false) {
    LinesSource source(ByteReader::of_bytes(file, ByteReader::Packing::Guess), "", skip_damaged);
    Collecting collecting;
    Outcome outcome;
    Progress progress(false);
    outcome.result = source.read(collecting, outcome.report, progress);
    outcome.all = collecting.all;
    return outcome;
}

const std::string kHead = to_line(ExportHead{});
const std::string kAnn = to_line(user(1, "ann"));
const std::string kBob = to_line(user(2, "bob"));

TEST(LinesSource, GarbageIsReportedWithItsNumberAndSkipped) {
    const Outcome outcome = read(kHead + kAnn + "{\"type\":\"us\n\n" + kBob + to_line(ExportEnd{3}));
    ASSERT_TRUE(outcome.result.has_value()) << outcome.result.error().message;
    EXPECT_EQ(outcome.all.users.size(), 2U);
    EXPECT_EQ(outcome.report.skipped("line", "it is no JSON"), 1U);
    EXPECT_THAT(outcome.report.text(), HasSubstr("line 3"));
    EXPECT_THAT(outcome.report.text(), testing::Not(HasSubstr("where the last one says")));
}

TEST(LinesSource, ALineThatIsTooLongIsSkippedWithItsNumber) {
    const std::string longest(LineFile::kMaxLineBytes, ' ');
    const Outcome outcome = read(kHead + longest + "\n" + longest + kAnn + kBob + std::string(3 * longest.size(), 'x') + '\n' +
                                 to_line(ExportEnd{3}) + longest + "x\n");
    ASSERT_TRUE(outcome.result.has_value()) << outcome.result.error().message;
    EXPECT_THAT(outcome.all.users, testing::ElementsAre(user(2, "bob")));
    EXPECT_EQ(outcome.report.skipped("line", "it is longer than 4 MiB"), 2U);
    EXPECT_THAT(outcome.report.text(), HasSubstr("(line 3, line 5)"));
    EXPECT_THAT(outcome.report.text(), testing::Not(HasSubstr("where the last one says")));
    EXPECT_EQ(outcome.report.skipped("rest of a file", "it goes on after the line that ends it"), 1U);
    EXPECT_FALSE(read(kHead + kAnn + longest + longest).result.has_value()) << "cut off in the middle of one";
}

TEST(LinesSource, AFileWithoutTheFirstLineIsRefused) {
    for (const std::string& file : {std::string(), kAnn, std::string("username,password\nann,x\n"), std::string("\0\1\2", 3)}) {
        const Outcome outcome = read(file, true);
        ASSERT_FALSE(outcome.result.has_value());
        EXPECT_THAT(outcome.result.error().message, HasSubstr("is no export of Parley"));
    }
}

TEST(LinesSource, AFileOfANewerFormatIsRefused) {
    const Outcome outcome = read(to_line(ExportHead{.version = 2}) + kAnn + to_line(ExportEnd{1}));
    ASSERT_FALSE(outcome.result.has_value());
    EXPECT_THAT(outcome.result.error().message, HasSubstr("newer version"));
}

TEST(LinesSource, AFileThatWasCutOffIsRefusedUnlessToldToTakeTheRest) {
    const std::string cut = kHead + kAnn + kBob.substr(0, 20);
    const Outcome refused = read(cut);
    ASSERT_FALSE(refused.result.has_value());
    EXPECT_THAT(refused.result.error().message, HasSubstr("--skip-damaged"));

    const Outcome taken = read(cut, true);
    ASSERT_TRUE(taken.result.has_value());
    EXPECT_EQ(taken.all.users.size(), 1U);
    EXPECT_EQ(taken.report.skipped(), 2U) << taken.report.text();
}

TEST(LinesSource, LinesThatAreMissingOrTooManyAreSaid) {
    EXPECT_THAT(read(kHead + kAnn + to_line(ExportEnd{2})).report.text(), HasSubstr("lines, where the last one says 2: 1"));
    EXPECT_EQ(read(kHead + to_line(ExportEnd{0}) + kAnn).report.skipped("rest of a file", "it goes on after the line that ends it"), 1U);
}

TEST(LinesTarget, GetsItsNameWhenItIsCompleteAndReplacesNothing) {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "all.jsonl.gz").string();
    Report report;
    {
        const auto target = LinesTarget::create(path).value();
        ASSERT_TRUE(target->begin("", report).has_value());
        ASSERT_TRUE(target->take(user(1, "ann")).has_value());
        EXPECT_FALSE(std::filesystem::exists(path));
        ASSERT_TRUE(target->finish().has_value());
    }
    Collecting collecting;
    Progress progress(false);
    ASSERT_TRUE(LinesSource::open(path, false).value()->read(collecting, report, progress).has_value());
    EXPECT_EQ(collecting.all.users, (std::vector{user(1, "ann")}));
    const auto second = LinesTarget::create(path);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::Conflict);
}

}  // namespace
}  // namespace parley::transfer

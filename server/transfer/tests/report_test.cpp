// What people are told: the report, the progress line, the names of places.
#include "transfer/report.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "transfer/place.hpp"
#include "transfer/tests/samples.hpp"

namespace parley::transfer {
namespace {

using testing::HasSubstr;

TEST(Report, CountsByReasonAndNamesTheFirst) {
    Report report;
    for (int i = 0; i < 7; ++i) report.skip("message", "it has no text", std::to_string(i));
    report.skip("user", "it has no username", "u");
    report.note("duplicate conversations merged", 1'234'567);
    report.note("never", 0);
    report.messages = 3;
    EXPECT_EQ(report.skipped(), 8U);
    EXPECT_EQ(report.skipped("message", "it has no text"), 7U);
    EXPECT_EQ(
        report.text(),
        "from \nto   \ncarried 0 users, 3 messages, 0 ended logins, in 0.0 s\n  duplicate conversations merged: 1,234,567\nleft out:\n"
        "  7 messages: it has no text (0, 1, 2, 3, 4, ...)\n  1 user: it has no username (u)\n");
    EXPECT_EQ(Report::parse(report.json()), report);
    EXPECT_EQ(Report::parse("{}"), std::nullopt);
}

TEST(Progress, SaysHowFarHowFastAndHowLong) {
    EXPECT_EQ(progress_line("reading", 250, 1000, 5'000, 10), "reading  [======                  ]  25 %  5000 records  500/s  0:30 left");
    EXPECT_EQ(progress_line("reading", 0, 0, 5'000, 10), "reading   5000 records  500/s");
    EXPECT_THAT(progress_line("storing", 2'000, 1'000, 1, 10), HasSubstr("100 %"));
}

TEST(Place, IsRecognisedByItsName) {
    const TemporaryFolder folder;
    const std::string here = folder.path().string();
    EXPECT_EQ(parse_source("mongodb://h/db").value(), (Place{Place::Kind::MongoDb, "mongodb://h/db"}));
    EXPECT_EQ(parse_source("mongodb+srv://h/db").value().kind, Place::Kind::MongoDb);
    EXPECT_EQ(parse_source("-").value().kind, Place::Kind::Lines);
    EXPECT_EQ(parse_source("a/b.jsonl.gz").value().kind, Place::Kind::Lines);
    EXPECT_EQ(parse_source("sqlite:x").value(), (Place{Place::Kind::Embedded, "x"}));
    EXPECT_EQ(parse_source("dump:x").value(), (Place{Place::Kind::Dump, "x"}));
    EXPECT_EQ(parse_source(here).value().kind, Place::Kind::Dump);
    EXPECT_EQ(parse_target(here, Place::Kind::Embedded).value().kind, Place::Kind::Embedded);
    EXPECT_EQ(parse_target(here + "/new", Place::Kind::Dump).value().kind, Place::Kind::Dump);
    std::ofstream(folder.path() / "parley.db").flush();
    EXPECT_EQ(parse_source(here).value().kind, Place::Kind::Embedded);
    EXPECT_EQ(parse_target(here, Place::Kind::Dump).value().kind, Place::Kind::Embedded);
}

TEST(Place, WhatIsNoneIsRefusedWithWhatWouldBe) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "users.bson").flush();
    for (const std::string& text : {(folder.path() / "missing").string(), (folder.path() / "users.bson").string(), std::string("dump:")}) {
        const auto place = parse_source(text);
        ASSERT_FALSE(place.has_value()) << text;
        EXPECT_THAT(place.error().message, HasSubstr("name a MongoDB address (mongodb://...), a mongodump folder"));
    }
    EXPECT_FALSE(parse_target((folder.path() / "users.bson").string(), Place::Kind::Dump).has_value());
    EXPECT_FALSE(parse_target((folder.path() / "new.json").string(), Place::Kind::Dump).has_value());
}

}  // namespace
}  // namespace parley::transfer

// From the embedded database through every other place and back: everything is the same.
#include <fmt/core.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "storage/mongodb/tests/test_server.hpp"
#include "transfer/dump_folder.hpp"
#include "transfer/embedded_import.hpp"
#include "transfer/embedded_source.hpp"
#include "transfer/mongodb_place.hpp"
#include "transfer/tests/samples.hpp"
#include "transfer/transfer.hpp"

namespace parley::transfer {
namespace {

using storage::mongodb::TestServer;
using testing::HasSubstr;

// Several batches of a MongoDB target, and more than a page of everything.
Everything many() {
    Everything all = difficult();
    for (unsigned i = 0; i < 2'500; ++i)
        all.messages.push_back(message(10'000 + i, i % 2 ? 5 : 3, i % 2 ? 3 : 5, 1'000 + i / 3, fmt::format("number {}", i)));
    return all;
}

// What MongoDB has to order by itself.
Everything ordered_by_id(Everything all) {
    std::ranges::sort(all.users, {}, &chat::User::id);
    std::ranges::sort(all.messages,
                      [](const auto& a, const auto& b) { return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id); });
    std::ranges::sort(all.revocations, {}, &Revocation::session);
    return all;
}

class RoundTripTest : public testing::Test {
protected:
    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    void fill(const std::string& folder, const Everything& all) {
        Given source(all);
        Progress progress(false);
        const auto done = import_into_embedded(source, folder, report_, progress);
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    Result<bool> carry(const Place& from, const Place& to, bool gzip = false) {
        report_ = Report();
        Progress progress(false);
        return transfer({.from = from, .to = to, .gzip = gzip}, report_, progress);
    }
    void carry_well(const Place& from, const Place& to, bool gzip = false) {
        const auto done = carry(from, to, gzip);
        ASSERT_TRUE(done.has_value()) << done.error().message;
        EXPECT_EQ(report_.skipped(), 0U) << report_.text();
        EXPECT_EQ(report_.users, 5U);
        EXPECT_EQ(report_.messages, 2'507U);
    }
    Everything stored(const std::string& folder) {
        Collecting collecting;
        Progress progress(false);
        EXPECT_TRUE(EmbeddedSource::open(folder).value()->read(collecting, report_, progress).has_value());
        return collecting.all;
    }
    static Place embedded(const std::string& path) { return {Place::Kind::Embedded, path}; }

    TemporaryFolder folder_;
    Report report_;
};

TEST_F(RoundTripTest, JsonLinesKeepEverythingAndEveryOrder) {
    fill(path("a"), many());
    for (const char* const name : {"all.jsonl", "all.jsonl.gz"}) {
        const Place lines{Place::Kind::Lines, path(name)};
        carry_well(embedded(path("a")), lines);
        carry_well(lines, embedded(path(std::string("back-") + name)));
        EXPECT_EQ(stored(path(std::string("back-") + name)), many());
    }
}

TEST_F(RoundTripTest, ADumpKeepsEverythingInMongoDbsOrder) {
    fill(path("a"), many());
    for (const bool gzip : {false, true}) {
        const Place dump{Place::Kind::Dump, path(gzip ? "dump-gz" : "dump")};
        const std::string back = path(gzip ? "back-gz" : "back");
        carry_well(embedded(path("a")), dump, gzip);
        EXPECT_TRUE(std::filesystem::exists(path(gzip ? "dump-gz/users.bson.gz" : "dump/users.bson")));
        EXPECT_TRUE(std::filesystem::exists(path(gzip ? "dump-gz/users.metadata.json.gz" : "dump/users.metadata.json")));
        carry_well(dump, embedded(back));
        EXPECT_EQ(stored(back), ordered_by_id(many()));
        EXPECT_EQ(report_.noted("entries of conversations that name no message (ignored)"), 0U);
        EXPECT_EQ(report_.noted("messages that no conversation names (kept, with their two people)"), 0U);
    }
}

Everything with_marks(Everything all) {
    all.marks = {read_mark(3, 5, 900), read_mark(5, 3, 102), read_mark(5, 5, 101)};
    return all;
}

TEST_F(RoundTripTest, JsonLinesKeepReadMarks) {
    fill(path("a"), with_marks(difficult()));
    EXPECT_EQ(report_.skipped(), 0U) << report_.text();
    const Place lines{Place::Kind::Lines, path("all.jsonl")};
    ASSERT_TRUE(carry(embedded(path("a")), lines).has_value());
    ASSERT_TRUE(carry(lines, embedded(path("b"))).has_value());
    EXPECT_EQ(report_.skipped(), 0U) << report_.text();
    EXPECT_EQ(stored(path("b")), with_marks(difficult()));
}

TEST_F(RoundTripTest, ADumpLeavesReadMarksOut) {
    fill(path("a"), with_marks(difficult()));
    const Place dump{Place::Kind::Dump, path("dump")};
    ASSERT_TRUE(carry(embedded(path("a")), dump).has_value());
    ASSERT_TRUE(carry(dump, embedded(path("b"))).has_value());
    EXPECT_EQ(stored(path("b")), ordered_by_id(difficult()));
}

TEST_F(RoundTripTest, EmbeddedToEmbedded) {
    fill(path("a"), with_marks(many()));
    carry_well(embedded(path("a")), embedded(path("b")));
    EXPECT_EQ(stored(path("b")), with_marks(many()));
    EXPECT_EQ(carry(embedded(path("a")), embedded(path("a"))).error().code, ErrorCode::InvalidArgument);
}

TEST_F(RoundTripTest, BetweenTwoPlacesThatAreNoEmbeddedDatabase) {
    fill(path("a"), many());
    const Place dump{Place::Kind::Dump, path("dump")};
    const Place lines{Place::Kind::Lines, path("all.jsonl")};
    carry_well(embedded(path("a")), dump);
    carry_well(dump, lines);
    carry_well(lines, embedded(path("b")));
    EXPECT_EQ(stored(path("b")), ordered_by_id(many()));
}

TEST_F(RoundTripTest, ATargetThatIsThereIsLeftAlone) {
    fill(path("a"), many());
    const Place dump{Place::Kind::Dump, path("dump")};
    carry_well(embedded(path("a")), dump);
    const auto second = carry(embedded(path("a")), dump);
    ASSERT_FALSE(second.has_value());
    EXPECT_THAT(second.error().message, HasSubstr("holds a dump already"));
}

TEST_F(RoundTripTest, ADumpThatWasCutOffIsRefusedBeforeAnythingIsStored) {
    fill(path("a"), many());
    carry_well(embedded(path("a")), {Place::Kind::Dump, path("dump")});
    std::filesystem::resize_file(path("dump/messages.bson"), std::filesystem::file_size(path("dump/messages.bson")) - 10);
    const Place dump{Place::Kind::Dump, path("dump")};
    const auto refused = carry(dump, embedded(path("b")));
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("messages.bson ends within a document"));
    EXPECT_EQ(stored(path("b")), Everything());

    Progress progress(false);
    Report report;
    ASSERT_TRUE(transfer({.from = dump, .to = embedded(path("b")), .skip_damaged = true}, report, progress).has_value());
    EXPECT_EQ(report.messages, 2'506U);
    EXPECT_EQ(report.skipped(), 1U) << report.text();
}

TEST_F(RoundTripTest, AFolderWithTheDumpsOfTwoDatabasesIsAsked) {
    for (const std::string database : {"chat", "other"}) {
        std::filesystem::create_directories(path("dump/" + database));
        for (const char* const name : {"/users.bson", "/messages.bson"}) std::ofstream(path("dump/" + database + name)).flush();
    }
    const auto unclear = carry({Place::Kind::Dump, path("dump")}, embedded(path("b")));
    ASSERT_FALSE(unclear.has_value());
    EXPECT_THAT(unclear.error().message, HasSubstr("several databases; name one of them, such as " + path("dump/chat")));
    std::filesystem::remove_all(path("dump/other"));
    EXPECT_TRUE(carry({Place::Kind::Dump, path("dump")}, embedded(path("b"))).has_value());
}

TEST_F(RoundTripTest, ADumpThatIsNotWholeIsRefusedUnlessToldToTakeTheRest) {
    fill(path("a"), many());
    const Place dump{Place::Kind::Dump, path("dump")};
    carry_well(embedded(path("a")), dump);
    std::ofstream(path("dump/users.bson.partial")).flush();
    EXPECT_THAT(carry(dump, embedded(path("b"))).error().message,
                HasSubstr("incomplete: users.bson.partial is of an export that was interrupted; --skip-damaged takes the rest"));
    std::filesystem::rename(path("dump/users.bson"), path("dump/users.bson.partial"));
    EXPECT_THAT(carry(dump, embedded(path("b"))).error().message, HasSubstr("incomplete: users.bson is missing, users.bson.partial"));
    EXPECT_FALSE(std::filesystem::exists(path("b")));

    Progress progress(false);
    Report report;
    ASSERT_TRUE(transfer({.from = dump, .to = embedded(path("b")), .skip_damaged = true}, report, progress).has_value());
    EXPECT_EQ(report.users, 0U);
    EXPECT_EQ(report.messages, 2'507U);
    EXPECT_EQ(report.skipped("file", "the dump is incomplete"), 2U);
}

TEST_F(RoundTripTest, ADumpWithACollectionPlainAndPackedIsAsked) {
    fill(path("a"), many());
    const Place dump{Place::Kind::Dump, path("dump")};
    carry_well(embedded(path("a")), dump);
    std::ofstream(path("dump/messages.bson.gz")).flush();
    EXPECT_THAT(carry(dump, embedded(path("b"))).error().message, HasSubstr("has both messages.bson and messages.bson.gz"));
}

TEST(Place, WhatIsNearlyAnAddressIsRefusedAndNothingOfItRepeated) {
    for (const std::string text : {"mongo://u:secret@127.0.0.1/x", "mongo+srv://u:secret@h/x", "MONGODB://u:secret@h/x",
                                   "mongodb:/u:secret@h/x", "postgres://u:secret@h/x.jsonl", "mongodb:u:secret@h"}) {
        for (const auto& place : {parse_source(text), parse_target(text, Place::Kind::Dump)}) {
            ASSERT_FALSE(place.has_value()) << text;
            EXPECT_EQ(place.error().message, "this is no address known here; give mongodb://... or mongodb+srv://...");
        }
    }
    EXPECT_THAT(parse_source("u:secret@h/x").error().message, HasSubstr("...@h/x: there is no such file or folder"));
    EXPECT_EQ(parse_target("mongodb://u:p@h/x", Place::Kind::Dump).value().kind, Place::Kind::MongoDb);
    EXPECT_EQ(parse_target("mongo-backup", Place::Kind::Dump).value(), (Place{Place::Kind::Dump, "mongo-backup"}));
    EXPECT_EQ(parse_target("sqlite:///data", Place::Kind::Dump).value(), (Place{Place::Kind::Embedded, "///data"}));
}

class MongoRoundTripTest : public RoundTripTest, public testing::WithParamInterface<TestServer::Kind> {
protected:
    void SetUp() override {
        if (!TestServer::require(GetParam())) return;
        uri_ = TestServer::fresh_uri(GetParam());
    }
    Place mongo() const { return {Place::Kind::MongoDb, uri_}; }
    std::string uri_;
};

TEST_P(MongoRoundTripTest, KeepsEverythingInMongoDbsOrder) {
    if (uri_.empty()) return;
    fill(path("a"), many());
    carry_well(embedded(path("a")), mongo());
    carry_well(mongo(), embedded(path("b")));
    EXPECT_EQ(stored(path("b")), ordered_by_id(many()));
    const auto second = carry(embedded(path("a")), mongo());
    ASSERT_FALSE(second.has_value());
    EXPECT_THAT(second.error().message, HasSubstr("nothing is overwritten"));
}

TEST_P(MongoRoundTripTest, AnInterruptedTransferIsCompletedAndNotDoubled) {
    if (uri_.empty()) return;
    fill(path("a"), many());
    {
        // As a run that was killed leaves it: the state says running, and some of everything is there.
        const auto source = EmbeddedSource::open(path("a")).value();
        const auto target = MongoTarget::open(uri_).value();
        ASSERT_TRUE(target->begin(source->fingerprint(), report_).has_value());
        const Everything all = many();
        for (const auto& each : all.users) ASSERT_TRUE(target->take(each).has_value());
        for (unsigned i = 0; i < 1'500; ++i) ASSERT_TRUE(target->take(all.messages[i]).has_value());
    }
    carry_well(embedded(path("a")), mongo());
    EXPECT_THAT(report_.resumed, HasSubstr("added what was missing"));
    carry_well(mongo(), embedded(path("b")));
    EXPECT_EQ(stored(path("b")), ordered_by_id(many()));
    EXPECT_EQ(report_.noted("duplicate conversations merged"), 0U);
}

TEST_P(MongoRoundTripTest, WhatAnotherSourceHasBegunIsLeftAlone) {
    if (uri_.empty()) return;
    fill(path("a"), many());
    {
        const auto target = MongoTarget::open(uri_).value();
        ASSERT_TRUE(target->begin("another source", report_).has_value());
        ASSERT_TRUE(target->take(user(1, "somebody")).has_value());
        ASSERT_TRUE(target->take(message(1, 1, 1, 1)).has_value());
    }
    const auto refused = carry(embedded(path("a")), mongo());
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("unfinished transfer from another source"));
}

// Of an interrupted run too, which meets the index again.
TEST_P(MongoRoundTripTest, WhatAUniqueIndexRefusesIsReportedAndNotCounted) {
    if (uri_.empty()) return;
    fill(path("a"), many());
    {
        const auto place = MongoPlace::open(uri_).value();
        ASSERT_TRUE(place->client()
                        .create_index("users", {.name = "gender_1", .keys = storage::mongodb::Bson().add("gender", 1), .unique = true})
                        .value());
        const auto source = EmbeddedSource::open(path("a")).value();
        const auto target = MongoTarget::open(uri_).value();
        ASSERT_TRUE(target->begin(source->fingerprint(), report_).has_value());
        ASSERT_TRUE(target->take(many().users[0]).has_value());
        ASSERT_TRUE(target->take(many().messages[0]).has_value());
    }
    const auto done = carry(embedded(path("a")), mongo());
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(report_.skipped("user", "a unique index of the database refuses it"), 3U) << report_.text();
    EXPECT_EQ(report_.skipped(), 3U);
    EXPECT_EQ(report_.users, 2U);
    EXPECT_EQ(report_.messages, 2'507U);
    EXPECT_THAT(report_.text(), HasSubstr(id_of<chat::UserId>(9).to_hex()));
}

TEST_P(MongoRoundTripTest, AnEmptyDatabaseIsNoSource) {
    if (uri_.empty()) return;
    const auto refused = carry(mongo(), embedded(path("b")));
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("has neither users nor messages; is its name in the address"));
}

INSTANTIATE_TEST_SUITE_P(Servers, MongoRoundTripTest,
                         testing::Values(TestServer::Kind::Secantus, TestServer::Kind::FerretDb, TestServer::Kind::Given),
                         [](const auto& server) {
                             return server.param == TestServer::Kind::Secantus   ? "SecantusDB"
                                    : server.param == TestServer::Kind::FerretDb ? "FerretDB"
                                                                                 : "Given";
                         });

TEST(MongoPlace, ATimeOutIsAddedToAnAddressThatNamesNone) {
    const std::string added = "socketTimeoutMS=60000";
    EXPECT_EQ(with_patience("mongodb://h"), "mongodb://h/?" + added);
    EXPECT_EQ(with_patience("mongodb://h/chat"), "mongodb://h/chat?" + added);
    EXPECT_EQ(with_patience("mongodb://h/chat?"), "mongodb://h/chat?" + added);
    EXPECT_EQ(with_patience("mongodb://h/chat?tls=true"), "mongodb://h/chat?tls=true&" + added);
    EXPECT_EQ(with_patience("mongodb://h?tls=true&"), "mongodb://h?tls=true&" + added);
    EXPECT_EQ(with_patience("mongodb://u:sockettimeoutms=?@h/chat"), "mongodb://u:sockettimeoutms=?@h/chat?" + added);
    EXPECT_EQ(with_patience("mongodb://u:?&sockettimeoutms=@h"), "mongodb://u:?&sockettimeoutms=@h/?" + added);
    for (const std::string named : {"mongodb://h/?socketTimeoutMS=5", "mongodb://h/x?tls=true&SOCKETTIMEOUTMS=5"})
        EXPECT_EQ(with_patience(named), named);
}

TEST(MongoPlace, AnAddressThatCannotBeReachedIsSaidWithoutThePassword) {
    const auto place = MongoPlace::open("mongodb://ann:sesame@127.0.0.1:1/chat?connectTimeoutMS=200&serverSelectionTimeoutMS=200",
                                        std::chrono::milliseconds(500));
    ASSERT_FALSE(place.has_value());
    EXPECT_THAT(place.error().message, HasSubstr("the MongoDB database chat at 127.0.0.1:1 cannot be reached"));
    EXPECT_THAT(place.error().message, testing::Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace parley::transfer

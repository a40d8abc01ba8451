#include "app/transfer_arguments.hpp"

#include <gmock/gmock.h>

#include <map>

#include "app/config.hpp"

namespace parley::app {
namespace {

using testing::HasSubstr;

Command read(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
    Surroundings surroundings;
    surroundings.arguments = std::move(arguments);
    surroundings.folder = "/nonexistent";
    surroundings.environment = [&](const char* name) -> const char* {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    };
    return read_command(surroundings);
}

TEST(TransferArguments, AnImportGoesToTheDataFolder) {
    const Command command = read({"import", "dump"});
    ASSERT_EQ(command.kind, Command::Kind::Transfer);
    EXPECT_EQ(command.transfer.from, "dump");
    EXPECT_EQ(command.transfer.to, "sqlite:./data");
    EXPECT_FALSE(command.transfer.exporting);
}

TEST(TransferArguments, AnExportComesFromTheDataFolder) {
    const Command command = read({"export", "-", "--data-dir=d", "--report", "r.json", "--gzip"});
    ASSERT_EQ(command.kind, Command::Kind::Transfer);
    EXPECT_EQ(command.transfer.from, "sqlite:d");
    EXPECT_EQ(command.transfer.to, "-");
    EXPECT_EQ(command.transfer.report_file, "r.json");
    EXPECT_TRUE(command.transfer.exporting);
    EXPECT_TRUE(command.transfer.gzip);
}

TEST(TransferArguments, TheDataFolderIsAlsoTakenFromTheEnvironment) {
    EXPECT_EQ(read({"import", "x"}, {{"PARLEY_DATA_DIR", "e"}}).transfer.to, "sqlite:e");
    EXPECT_EQ(read({"import", "x"}, {{"PARLEY_DATA_DIR", ""}}).transfer.to, "sqlite:./data");
    EXPECT_EQ(read({"import", "x", "--data-dir", "f"}, {{"PARLEY_DATA_DIR", "e"}}).transfer.to, "sqlite:f");
}

TEST(TransferArguments, AnImportWithoutASourceIsOfTheDatabaseOfTheEnvironment) {
    const std::map<std::string, std::string> environment = {{"MONGO_DB_URI", "mongodb://u:p@h/x"}};
    EXPECT_EQ(read({"import"}, environment).transfer.from, "mongodb://u:p@h/x");
    EXPECT_EQ(read({"import", "--data-dir", "d"}, environment).transfer.to, "sqlite:d");
    EXPECT_EQ(read({"import", "dump"}, environment).transfer.from, "dump");
    EXPECT_EQ(read({"import", "--help"}, environment).kind, Command::Kind::Print);
    EXPECT_EQ(read({"export"}, environment).kind, Command::Kind::Fail) << "what it would write to is not taken from there";
    EXPECT_THAT(read({"import"}, {{"MONGO_DB_URI", ""}}).text, HasSubstr("name one source, or set MONGO_DB_URI"));
}

TEST(TransferArguments, AnotherPlaceTakesTheDataFoldersPlace) {
    EXPECT_EQ(read({"import", "--to", "mongodb://h/x", "dump", "--skip-damaged"}).transfer.to, "mongodb://h/x");
    EXPECT_TRUE(read({"import", "dump", "--skip-damaged"}).transfer.skip_damaged);
    EXPECT_EQ(read({"export", "--from", "mongodb://h/x", "dump"}).transfer.from, "mongodb://h/x");
}

TEST(TransferArguments, WhatIsWrongIsSaidWithWhereToLook) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"import"},
                                                      {"import", "a", "b"},
                                                      {"import", "a", "--from", "b"},
                                                      {"export", "a", "--port", "1"},
                                                      {"export", "a", "--report"}}) {
        const Command command = read(arguments);
        EXPECT_EQ(command.kind, Command::Kind::Fail);
        EXPECT_THAT(command.text, HasSubstr("parley " + arguments[0] + " --help shows how\n"));
    }
}

TEST(TransferArguments, HelpIsPrinted) {
    EXPECT_EQ(read({"import", "--help"}).kind, Command::Kind::Print);
    EXPECT_THAT(read({"import", "-h"}).text, HasSubstr("--to PLACE          another place"));
    EXPECT_THAT(read({"export", "--help"}).text, HasSubstr("--from PLACE        another place"));
}

}  // namespace
}  // namespace parley::app

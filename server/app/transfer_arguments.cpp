#include "app/transfer_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace parley::app {
namespace {

constexpr std::string_view kPlaces = R"(
A place is one of
  mongodb://host/NAME          a MongoDB database in use (mongodb+srv:// too)
  FOLDER or dump:FOLDER        a dump as mongodump writes it: users.bson, messages.bson, ... (.bson.gz too)
  FILE.jsonl, FILE.jsonl.gz    JSON lines; - is standard input or output
  FOLDER or sqlite:FOLDER      a data folder with an embedded database
)";

constexpr std::string_view kImportHelp = R"(Copies users, messages and ended logins from elsewhere into the embedded database.

Usage:
  parley import [SOURCE] [--data-dir FOLDER | --to PLACE] [--report FILE] [--skip-damaged] [--gzip]

Without SOURCE it comes from the database that MONGO_DB_URI names (in the environment, else in the file .env). An address with a password
belongs there, because other users of the machine can see the arguments of programs.
)";

constexpr std::string_view kExportHelp = R"(Copies users, messages and ended logins from the embedded database to elsewhere.

Usage:
  parley export TARGET [--data-dir FOLDER | --from PLACE] [--report FILE] [--gzip] [--skip-damaged]

Other users of the machine can see the arguments of programs, and so a password in an address.
)";

constexpr std::string_view kNotes = R"(
Options:
  --data-dir FOLDER   folder of the embedded database [PARLEY_DATA_DIR]. Default: ./data.
  {:<18}  another place instead of the embedded database of the data folder
  --report FILE       write the report as JSON too, of a run that fails as well; FILE must not be there yet
  --skip-damaged      take what can be read of a damaged, cut off or incomplete file or dump, instead of stopping
  --gzip              write a dump's files as .bson.gz

Servers on either side are to be stopped before. Nothing is ever overwritten: the target has to be empty. After an interruption
give the same command again: it goes on or starts again, and nothing comes twice. What cannot be kept is left out and reported.
Exit code: 0 done (the report says whether anything was left out), 1 not done, 2 wrong arguments.
)";

std::string help_of(bool exporting) {
    const std::string notes = fmt::format(fmt::runtime(kNotes), exporting ? "--from PLACE" : "--to PLACE");
    return fmt::format("{}{}{}", exporting ? kExportHelp : kImportHelp, kPlaces, notes);
}

class TransferReader {
public:
    explicit TransferReader(bool exporting) : exporting_(exporting) {
        app_.set_help_flag("");
        app_.add_flag("-h,--help", help_);
        app_.add_option("--data-dir", data_dir_)->take_last();
        app_.add_option(exporting ? "--from" : "--to", other_)->take_last();
        app_.add_option("--report", parse_.arguments.report_file)->take_last();
        app_.add_flag("--skip-damaged", parse_.arguments.skip_damaged);
        app_.add_flag("--gzip", parse_.arguments.gzip);
        app_.add_option("place", places_);
    }

    TransferParse read(std::vector<std::string> arguments, const TransferDefaults& defaults) {
        std::ranges::reverse(arguments);  // as CLI11 wants them
        data_dir_ = defaults.data_dir;
        try {
            app_.parse(arguments);
        } catch (const CLI::ParseError& error) {
            parse_.problem = fmt::format("{}; parley {} --help shows how\n", error.what(), verb());
            return parse_;
        }
        if (places_.empty() && !exporting_ && !defaults.mongodb_uri.empty()) places_.push_back(defaults.mongodb_uri);
        if (help_) {
            parse_.help = help_of(exporting_);
        } else if (places_.size() != 1) {
            const char* const wanted = exporting_ ? "target" : "source, or set MONGO_DB_URI";
            parse_.problem = fmt::format("name one {}; parley {} --help shows how\n", wanted, verb());
        }
        if (places_.size() == 1) fill_places();
        return parse_;
    }

private:
    std::string verb() const { return exporting_ ? "export" : "import"; }

    void fill_places() {
        const std::string embedded = other_.empty() ? "sqlite:" + data_dir_ : other_;
        parse_.arguments.exporting = exporting_;
        parse_.arguments.from = exporting_ ? embedded : places_.front();
        parse_.arguments.to = exporting_ ? places_.front() : embedded;
    }

    const bool exporting_;
    CLI::App app_;
    bool help_ = false;
    std::string data_dir_;
    std::string other_;
    std::vector<std::string> places_;
    TransferParse parse_;
};

}  // namespace

TransferParse parse_transfer(std::vector<std::string> arguments, const TransferDefaults& defaults) {
    const bool exporting = arguments.front() == "export";
    arguments.erase(arguments.begin());
    return TransferReader(exporting).read(std::move(arguments), defaults);
}

}  // namespace parley::app

#include "app/config.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "app/env_file.hpp"
#include "app/setting_values.hpp"
#include "app/settings.hpp"
#include "app/version.hpp"

namespace parley::app {
namespace {

constexpr std::size_t kShortSecret = 16;

Command printing(std::string text) {
    Command command;
    command.kind = Command::Kind::Print;
    command.text = std::move(text);
    return command;
}

Command failing(std::string text) {
    Command command;
    command.text = std::move(text);
    return command;
}

// What the arguments say, before any value is looked at.
struct Arguments {
    enum class Verb : unsigned char { None, Serve, Table, Help, Version };
    Verb verb = Verb::None;
    Variables flags;  // by the setting's name
    std::string problem;
};

std::string nearest_flag(const std::string& unknown) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, unknown.size() / 3) + 1;
    for (const Setting& setting : all_settings()) {
        const std::size_t distance = edit_distance(unknown, "--" + setting.name);
        if (distance < best_distance) {
            best_distance = distance;
            best = "--" + setting.name;
        }
    }
    return best;
}

std::string unknown_argument(const std::string& argument) {
    if (!argument.starts_with('-')) return fmt::format("\"{}\" is not a command; the commands are: parley serve, import, export", argument);
    const std::string flag = argument.substr(0, argument.find('='));
    const std::string near = nearest_flag(flag);
    if (near == flag) return fmt::format("{}: settings come after the command; write parley serve {} ...", flag, flag);
    const std::string advice = near.empty() ? "parley --help lists them all" : fmt::format("did you mean {}?", near);
    return fmt::format("{}: there is no such setting; {}", flag, advice);
}

// CLI11 names the flag first: "--port: 1 required TEXT missing".
std::string missing_value(std::string_view message) {
    const std::string_view flag = message.substr(0, message.find(':'));
    const auto setting = std::ranges::find_if(all_settings(), [&](const Setting& each) { return flag == "--" + each.name; });
    if (setting == all_settings().end()) return std::string(message);
    return fmt::format("{0}: its value is missing; write {0} {1}", flag, setting->value);
}

// CLI11 splits the arguments; what they mean is decided from the table.
class ArgumentReader {
public:
    ArgumentReader() {
        for (CLI::App* app : {&root_, serve_}) {
            app->set_help_flag();
            app->add_flag("-h,--help", help_);
            app->allow_extras();
        }
        root_.add_flag("-V,--version", version_);
        values_.resize(all_settings().size());
        for (std::size_t i = 0; i < values_.size(); ++i) {
            options_.push_back(serve_->add_option("--" + all_settings()[i].name, values_[i])->take_last());
        }
    }

    Arguments read(std::vector<std::string> arguments) {
        Arguments result;
        std::ranges::reverse(arguments);  // as CLI11 wants them
        try {
            root_.parse(arguments);
        } catch (const CLI::ArgumentMismatch& error) {
            result.problem = missing_value(error.what());
            return result;
        } catch (const CLI::ParseError& error) {
            result.problem = error.what();
            return result;
        }
        result.verb = help_      ? Arguments::Verb::Help
                      : version_ ? Arguments::Verb::Version
                      : *serve_  ? Arguments::Verb::Serve
                      : *table_  ? Arguments::Verb::Table
                                 : Arguments::Verb::None;
        const std::vector<std::string> unknown = root_.remaining(true);
        if (!unknown.empty()) result.problem = unknown_argument(unknown.front());
        for (std::size_t i = 0; i < values_.size(); ++i) {
            if (options_[i]->count() > 0) result.flags[all_settings()[i].name] = values_[i];
        }
        return result;
    }

private:
    CLI::App root_;
    CLI::App* serve_ = root_.add_subcommand("serve");
    CLI::App* table_ = root_.add_subcommand("settings-table");
    bool help_ = false;
    bool version_ = false;
    std::vector<std::string> values_;
    std::vector<CLI::Option*> options_;
};

// No file is an empty one; one that is there and cannot be read is a problem: what it would have said may matter (a secret, MONGO_DB_URI).
Variables read_env_file(const std::string& folder, std::string& problems) {
    const auto path = std::filesystem::path(folder) / ".env";
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) return {};
    std::ifstream file;
    if (std::filesystem::is_regular_file(status)) file.open(path, std::ios::binary);
    if (!file.is_open()) {
        problems += ".env: cannot be read; make it a readable file, or move it away\n";
        return {};
    }
    return parse_env_file(std::string(std::istreambuf_iterator<char>(file), {}));
}

struct Given {
    std::string text;
    std::string source;  // "--port", "PORT (environment)", "PORT (.env)"
};

class Configuration {
public:
    Configuration(const Surroundings& surroundings, const Variables& flags)
        : surroundings_(surroundings), flags_(flags), file_(read_env_file(surroundings.folder, problems_)) {}

    Command read() {
        for (const Setting& setting : all_settings()) {
            if (const auto given = find(setting)) take(setting, *given);
        }
        if (command_.options.storage.chosen() == StorageKind::MongoDb && command_.options.storage.mongodb_uri.empty())
            problems_ += "--storage mongodb: MONGO_DB_URI is missing; give the address of the database\n";
        if (!problems_.empty()) return failing(problems_);
        command_.kind = Command::Kind::Serve;
        find_frontend();
        warn();
        return std::move(command_);
    }

private:
    std::optional<Given> find(const Setting& setting) const {
        if (const auto flag = flags_.find(setting.name); flag != flags_.end()) return Given{flag->second, "--" + setting.name};
        if (const char* value = surroundings_.environment(setting.variable.c_str())) {
            return *value == '\0' ? std::nullopt : std::optional(Given{value, setting.variable + " (environment)"});
        }
        const auto line = file_.find(setting.variable);
        if (line == file_.end() || line->second.empty()) return std::nullopt;
        return Given{line->second, setting.variable + " (.env)"};
    }

    void take(const Setting& setting, const Given& given) {
        const auto complaint = setting.apply(command_.options, given.text);
        if (!complaint) {
            const std::string shown = setting.secret ? "***" : setting.show(command_.options);
            command_.settings.push_back(fmt::format("{}={} ({})", setting.name, shown, given.source));
        } else if (setting.secret) {
            problems_ += fmt::format("{}: {}\n", given.source, *complaint);
        } else {
            problems_ += fmt::format("{}: \"{}\" {}\n", given.source, given.text, *complaint);
        }
    }

    void find_frontend() {
        std::string& folder = command_.options.server.static_dir;
        const auto usual = std::filesystem::path(surroundings_.folder) / "frontend" / "dist";
        std::error_code error;
        if (folder.empty() && std::filesystem::is_directory(usual, error)) folder = usual.lexically_normal().string();
    }

    void warn() {
        const Options& options = command_.options;
        if (!options.auth.jwt_secret.empty() && options.auth.jwt_secret.size() < kShortSecret) {
            command_.warnings.push_back("JWT_SECRET is shorter than 16 characters: whoever guesses it can log in as anybody");
        }
        if (options.compat.legacy_query_auth) {
            command_.warnings.push_back("legacy-query-auth is on: ANYBODY WHO CAN REACH THIS SERVER CAN READ EVERYBODY'S NEW MESSAGES");
        }
        if (std::ranges::count(options.origins.allowed, "*") > 0) {
            command_.warnings.push_back("allowed-origins has *: any web page can act for its visitors here");
        }
        if (options.storage.kind == StorageKind::Memory)
            command_.warnings.push_back("storage is memory: everything is gone when the server stops");
        if (options.storage.chosen() != StorageKind::MongoDb && !options.storage.mongodb_uri.empty())
            command_.warnings.push_back("MONGO_DB_URI is set and not used, because --storage says so");
        if (options.storage.chosen() == StorageKind::MongoDb && options.auth.jwt_secret.empty())
            command_.warnings.push_back("JWT_SECRET is not set: log-ins of other servers on this database are not valid here");
    }

    const Surroundings& surroundings_;
    const Variables& flags_;
    std::string problems_;  // a line each
    const Variables file_;
    Command command_;
};

bool asks_for_transfer(const Surroundings& surroundings) {
    return !surroundings.arguments.empty() && (surroundings.arguments.front() == "import" || surroundings.arguments.front() == "export");
}

// Of all settings only the data folder and the address of the database matter to them.
Command read_transfer(const Surroundings& surroundings) {
    std::string problems;
    const Variables file = read_env_file(surroundings.folder, problems);
    if (!problems.empty()) return failing(problems);
    const auto given = [&](const char* variable) -> std::string {
        const char* const value = surroundings.environment(variable);
        const auto line = file.find(variable);
        return value ? value : line != file.end() ? line->second : "";
    };
    const std::string data_dir = given("PARLEY_DATA_DIR");

    TransferParse parse =
        parse_transfer(surroundings.arguments, {data_dir.empty() ? Options().server.data_dir : data_dir, given("MONGO_DB_URI")});
    if (!parse.problem.empty()) return failing(parse.problem);
    if (!parse.help.empty()) return printing(parse.help);
    Command command;
    command.kind = Command::Kind::Transfer;
    command.transfer = std::move(parse.arguments);
    return command;
}

}  // namespace

Surroundings Surroundings::of_process(int argc, char** argv) {
    Surroundings surroundings;
    surroundings.arguments.assign(argv + std::min(argc, 1), argv + argc);
    surroundings.environment = [](const char* name) -> const char* { return std::getenv(name); };
    return surroundings;
}

Command read_command(const Surroundings& surroundings) {
    if (asks_for_transfer(surroundings)) return read_transfer(surroundings);
    const Arguments arguments = ArgumentReader().read(surroundings.arguments);
    if (!arguments.problem.empty()) return failing(arguments.problem + '\n');
    switch (arguments.verb) {
        case Arguments::Verb::Help: return printing(help_text());
        case Arguments::Verb::Version: return printing(std::string(version_text()) + '\n');
        case Arguments::Verb::Table: return printing(settings_markdown());
        case Arguments::Verb::Serve: return Configuration(surroundings, arguments.flags).read();
        case Arguments::Verb::None: break;
    }
    return failing("say what to do: parley serve runs the server, parley --help lists its settings and the other commands\n");
}

}  // namespace parley::app

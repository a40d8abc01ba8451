// The scenarios of chat_load, each in a file of its own below scenarios/. Each fills in a report whose name is set; what goes wrong while it runs is
// counted there, and only a run that makes no sense throws (std::runtime_error).
#pragma once

#include "chat/options.hpp"
#include "report/report.hpp"

namespace bench::chat {

void sign_up(const Options& options, Report& report);
void log_in(const Options& options, Report& report);
void login_storm(const Options& options, Report& report);
void send(const Options& options, Report& report);
void history(const Options& options, Report& report);
void users(const Options& options, Report& report);
void smallest(const Options& options, Report& report);
void end_to_end(const Options& options, Report& report);
void capacity(const Options& options, Report& report);
void presence(const Options& options, Report& report);
void idle(const Options& options, Report& report);

}  // namespace bench::chat

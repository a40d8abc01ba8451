#include "handlers.hpp"

#include <exception>

#include "parley/base/log.hpp"

namespace parley::socketio {

void log_handler_failure(std::string_view handler) {
    try {
        throw;
    } catch (const std::exception& error) {
        log::error("defect: exception in a handler of \"{}\": {}", handler, error.what());
    } catch (...) {
        log::error("defect: unknown exception in a handler of \"{}\"", handler);
    }
}

}  // namespace parley::socketio

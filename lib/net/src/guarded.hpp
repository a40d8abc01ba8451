// Calls into a handler: what it throws is its defect, is logged, and ends nothing else.
#pragma once

#include <exception>

#include "parley/base/log.hpp"

namespace parley::net {

template <class Function>
void guarded(const char* where, const Function& function) {
    try {
        function();
    } catch (const std::exception& error) {
        log::error("defect: exception in {}: {}", where, error.what());
    } catch (...) {
        log::error("defect: unknown exception in {}", where);
    }
}

}  // namespace parley::net

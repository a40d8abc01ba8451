// The commands `parley import` and `parley export`.
#pragma once

#include "app/transfer_arguments.hpp"

namespace parley::app {

// Writes the report, or what went wrong, to standard error. 0: done; 1: not; 2: a place that is none.
int run_transfer(const TransferArguments& arguments);

}  // namespace parley::app

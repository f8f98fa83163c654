// The data directory that a command is to look into.
#pragma once

#include <string>

#include "eventlog/data_directory.h"

namespace runledger::cli {

// Throws Failure: kExitNoInput if there is none, kExitData if it is not one of ours.
eventlog::DataPaths require_data(const std::string& data);

}  // namespace runledger::cli

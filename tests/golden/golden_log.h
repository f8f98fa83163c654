// A log as lines of text, one JSON object an event, its payload as a string so that every byte of
// it stays. Read into a storage in memory, and written from one.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>

#include "eventlog/storage.h"

namespace runledger::golden {

void write_log(const eventlog::EventLog& log, std::ostream& out);

// The events alone, without rows. Throws std::runtime_error if the file is not such a log.
std::unique_ptr<eventlog::Storage> read_log(const std::filesystem::path& file);

}  // namespace runledger::golden

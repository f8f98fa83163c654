// A checkpoint for somebody to keep, from a directory that is only read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "eventlog/checkpoint.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::eventlog {

// Signed now, of the log as it is now, if the key beside the log can be read; else the last one in
// the log, if there is one. A server may be writing the log. Throws LogError as open_read_only().
std::optional<Checkpoint> export_checkpoint(
    const std::filesystem::path& log_directory,
    const std::function<std::int64_t()>& now_us = system_now_us);

}  // namespace runledger::eventlog

// Writes a log, or a part of it, as lines of text that people and programs can read, and that a log
// can be made of again (log_import.h). The form is described in eventlog/README.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "eventlog/seal.h"

namespace runledger::eventlog {

// How often on_progress is called, whichever comes first.
inline constexpr Offset kProgressEvents = 8192;
inline constexpr std::uint64_t kProgressBytes = 16 * 1024 * 1024;

struct ExportOptions {
  // Events [from, to), widened to whole commits, because only these can be verified.
  Offset from = 0;
  std::optional<Offset> to;  // nullopt: the log's head
  // Events done, of how many. What it throws ends the export.
  std::function<void(Offset done, Offset total)> on_progress;
};

struct ExportReport {
  Offset from = 0;
  ChainHead chain;  // at the end of what was written
  std::uint64_t checkpoints = 0;
  std::uint64_t erased_payloads = 0;
  std::uint64_t bytes = 0;  // given to write
};

// A server may be writing the log: what was acknowledged before the call is there. Every record,
// commit and checkpoint is checked on the way. The same part of the same log gives the same bytes,
// unless payloads were erased meanwhile. Throws LogError as open_read_only() and if one of these is
// damaged, std::out_of_range if the log does not go that far, and what write throws; then what was
// written has no last line and no import takes it.
ExportReport export_log(const std::filesystem::path& log_directory, const ExportOptions& options,
                        const std::function<void(std::string_view)>& write);

}  // namespace runledger::eventlog

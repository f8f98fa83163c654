// Makes a data directory of an export (log_export.h), which may come from a stranger: everything is
// verified as it is read, and nothing stays if anything is wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "eventlog/byte_source.h"
#include "eventlog/event_log.h"
#include "eventlog/verify.h"

namespace runledger::eventlog {

// The file is not a whole, sound export. what() names line, offset and reason.
class ImportRefused : public LogError {
 public:
  ImportRefused(std::uint64_t line, std::optional<Offset> offset, const std::string& reason);
  std::uint64_t line() const { return line_; }

 private:
  std::uint64_t line_;
};

struct ImportOptions {
  // Events done, of how many; about as often as in an export. What it throws ends the import.
  std::function<void(Offset done, Offset total)> on_progress;
  // As VerifyOptions::on_progress, of the verification at the end; it must not throw.
  std::function<void(Offset done, Offset total)> on_verify;
};

// Reads an export from offset 0, compressed or not, and makes `data` a data directory with that log
// and its fence, without a key and without rows: the first start of a server folds them. `data` is
// missing or empty, its parent exists. It is built beside it, verified, made durable, and renamed;
// if anything fails nothing is left. Holds a few lines and RocksDB's buffers in memory, however
// long the export is. Throws ImportRefused, DataDirectoryError if the directory cannot be made,
// LogError or std::system_error if the disk fails or has too little room.
VerifyReport import_log(ByteSource& source, const std::filesystem::path& data,
                        const ImportOptions& options = {});

}  // namespace runledger::eventlog

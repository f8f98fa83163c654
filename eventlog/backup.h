// Backups of a log, also of one that a server is writing, and restoring them. A backup is itself a
// data directory with nothing but the log and its fence: it can be verified and looked into like
// any other. The key stays where it is, so that who has a backup cannot sign with it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "eventlog/data_directory.h"
#include "eventlog/verify.h"

namespace runledger::eventlog {

struct Backup {
  std::filesystem::path directory;
  VerifyReport report;             // it is sound
  std::uint64_t bytes_copied = 0;  // the rest is shared with the backup before
};

// Makes TARGET/backup-N, N being the number of events: verified before it has that name, durable
// when this returns. All that was acknowledged before the call is in it. Table files that an older
// backup in TARGET has are shared with it by hard links. An older backup of the same events is
// replaced. Throws LogError if the log is damaged or its files keep changing too fast,
// DataDirectoryError if TARGET is within the source, is used by another call, or has a backup-N of
// another log, std::system_error if the disk fails.
Backup back_up(const DataPaths& source, const std::filesystem::path& target);

// Copies a backup to a directory that is missing or empty, whose parent exists. The backup is
// verified before, the copy afterwards; it has its name only then, and if anything fails nothing is
// left. Throws as above.
VerifyReport restore(const std::filesystem::path& backup, const std::filesystem::path& data);

}  // namespace runledger::eventlog

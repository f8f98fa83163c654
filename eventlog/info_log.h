// Where RocksDB writes what it does: DIRECTORY/LOG, for people. RocksDB's own writer of that file
// ends the process in an assertion when the disk is full; this one drops what it cannot write. For
// the .cpp files of this folder.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <memory>

namespace runledger::eventlog {

// At that size it becomes LOG.old, in the place of the one before.
inline constexpr std::size_t kInfoLogBytesMax = 4 * 1024 * 1024;

// A directory that is missing is made when RocksDB makes it; the lines before that are lost.
std::shared_ptr<rocksdb::Logger> make_info_log(const std::filesystem::path& directory,
                                               std::size_t bytes_max = kInfoLogBytesMax);
// For a database that is only read: writes nothing.
std::shared_ptr<rocksdb::Logger> make_silent_log();

}  // namespace runledger::eventlog

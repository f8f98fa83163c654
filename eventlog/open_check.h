// What an open makes sure of before anything is read or written. For the .cpp files of this folder.
#pragma once

#include <cstddef>

#include "eventlog/log_position.h"
#include "eventlog/rocksdb_database.h"

namespace runledger::eventlog {

// The last records are dense, decode, and stand in the stream index where they say; the position
// row agrees with the last record. Returns the position. Throws LogError, naming offset and place.
LogPosition check_tail(const Database& database, std::size_t records_max);

}  // namespace runledger::eventlog

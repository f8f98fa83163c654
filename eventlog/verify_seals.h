// The part of a verification that holds signed and kept statements against the commits. For the
// .cpp files of this folder.
#pragma once

#include <functional>

#include "eventlog/rocksdb_database.h"
#include "eventlog/verify.h"

namespace runledger::eventlog {

using ReportDamage = std::function<void(Offset, const std::string&)>;

// Each checkpoint of the database has a good signature and the hash of its commit.
void verify_checkpoints(const Database& database, Offset head, VerifyReport& report,
                        const ReportDamage& damaged);
void verify_witness(const Database& database, Offset head, const Checkpoint& witness,
                    const ReportDamage& damaged);

}  // namespace runledger::eventlog

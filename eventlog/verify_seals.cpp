#include "eventlog/verify_seals.h"

#include <algorithm>
#include <memory>

#include "eventlog/chain_check.h"
#include "eventlog/keys.h"

namespace runledger::eventlog {
namespace {

// What is wrong with a checkpoint; empty if nothing is.
std::string fault_of(const Database& database, Offset head, const Checkpoint& checkpoint) {
  if (!has_good_signature(checkpoint)) return "its signature is wrong";
  if (checkpoint.offset >= head) {
    return "the log ends before offset " + std::to_string(head) + ": its end was cut off";
  }
  const ChainHead stated{checkpoint.offset + 1, checkpoint.hash};
  if (chain_at_or_before(database, stated.head) == stated) return "";
  return "the log has another hash there: it was changed at or before that offset";
}

std::string name_of(const Checkpoint& checkpoint) {
  return "at offset " + std::to_string(checkpoint.offset) + " of " + checkpoint.time + ": ";
}

}  // namespace

void verify_checkpoints(const Database& database, Offset head, VerifyReport& report,
                        const ReportDamage& damaged) {
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator({}, database.checkpoints()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const auto offset = parse_log_key(view(it->key()));
    const auto checkpoint = parse_checkpoint(view(it->value()));
    if (!offset || !checkpoint || checkpoint->offset != *offset) {
      damaged(offset.value_or(head), "a row of the checkpoints is damaged");
      continue;
    }
    const std::string fault = fault_of(database, head, *checkpoint);
    if (!fault.empty()) damaged(*offset, "the checkpoint " + name_of(*checkpoint) + fault);
    ++report.checkpoints;
    const std::string key = key_id(checkpoint->public_key);
    auto& keys = report.key_ids;
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
  if (!it->status().ok()) {
    damaged(head, "the checkpoints cannot be read: " + it->status().ToString());
  }
}

void verify_witness(const Database& database, Offset head, const Checkpoint& witness,
                    const ReportDamage& damaged) {
  const std::string fault = fault_of(database, head, witness);
  if (fault.empty()) return;
  damaged(std::min(witness.offset, head), "the witness's checkpoint " + name_of(witness) + fault);
}

}  // namespace runledger::eventlog

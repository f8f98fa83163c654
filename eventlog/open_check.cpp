#include "eventlog/open_check.h"

#include "eventlog/rocksdb_reader.h"

namespace runledger::eventlog {
namespace {

void require_indexed(const Database& database, const RecordView& record) {
  const auto indexed = RocksDbReader(database).indexed_offset(record.stream, record.idx);
  if (indexed == record.offset) return;
  throw LogError("Log in " + database.name() + ", streams: the record at offset " +
                     std::to_string(record.offset) + " is entry " + std::to_string(record.idx) +
                     " of stream " + std::string(record.stream) + ", but the index " +
                     (indexed ? "has offset " + std::to_string(*indexed) : "does not have it"),
                 record.offset);
}

// "…, if N events are what you want to go on with".
std::string way_out(Offset head) {
  return "; restore a backup, or give up what is missing by accepting the data loss at " +
         std::to_string(head) + " events";
}

}  // namespace

CheckedTail check_tail(const Database& database, std::size_t records_max) {
  const RocksDbReader reader(database);
  const Offset head = reader.last_record_end();
  const LogPosition position = reader.position().value_or(LogPosition{});
  if (position.head != head) {
    throw LogError("Log in " + database.name() + ": the records end before offset " +
                       std::to_string(head) + ", but the position in meta says " +
                       std::to_string(position.head) + "; restore a backup",
                   std::min(head, position.head));
  }
  const auto from = chain_at_or_before(database, head > records_max ? head - records_max : 0);
  if (!from) throw LogError("Log in " + database.name() + ", commits: a row is damaged");
  const ChainHead chain = check_chain(
      database, *from, head, [&](const RecordView& record) { require_indexed(database, record); });
  return {position, chain};
}

void require_fence(const Database& database, const ChainHead& chain,
                   const std::optional<ChainHead>& fence, const std::filesystem::path& file,
                   const RocksDbOptions& options) {
  if (options.accept_data_loss == chain.head) return;
  const std::string log = "The log in " + database.name();
  const std::string head = std::to_string(chain.head);
  if (!fence && chain.head == 0) return;
  if (!fence) {
    throw LogError(log + " has " + head + " events, but its fence file " + file.string() +
                       ", which says how many it had, is missing" + way_out(chain.head),
                   chain.head);
  }
  if (chain.head < fence->head) {
    throw LogError(log + " ends before offset " + head + ", but the fence file " + file.string() +
                       " says that it had " + std::to_string(fence->head) +
                       " events: acknowledged ones are missing" + way_out(chain.head),
                   chain.head);
  }
  if (chain_at_or_before(database, fence->head) == fence) return;
  throw LogError(log + " does not have the hash at offset " + std::to_string(fence->head) +
                     " that the fence file " + file.string() +
                     " says: it is another log, or was changed" + way_out(chain.head),
                 fence->head);
}

}  // namespace runledger::eventlog

#include "eventlog/checkpoint_export.h"

#include <memory>

#include "eventlog/fence.h"
#include "eventlog/open_check.h"
#include "eventlog/read_only_database.h"

namespace runledger::eventlog {
namespace {

std::optional<Checkpoint> last_checkpoint(const Database& database) {
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator({}, database.checkpoints()));
  it->SeekToLast();
  require_ok(it->status(), "reading the last checkpoint", database.name());
  if (!it->Valid()) return std::nullopt;
  return parse_checkpoint(view(it->value()));
}

}  // namespace

std::optional<Checkpoint> export_checkpoint(const std::filesystem::path& log_directory,
                                            const std::function<std::int64_t()>& now_us) {
  const RocksDbOptions options;
  const auto fence = read_fence(fence_file(log_directory));
  const auto database = open_stable(log_directory, options);
  const ChainHead chain = check_tail(*database, options.tail_checked_records).chain;
  if (fence) require_fence(*database, chain, fence, fence_file(log_directory), options);
  const auto key = SealKey::load(beside_log(log_directory, ".key"));
  if (chain.head == 0) return std::nullopt;
  if (key) return sign_checkpoint(chain, now_us(), *key);
  return last_checkpoint(*database);
}

}  // namespace runledger::eventlog

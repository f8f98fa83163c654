#include "eventlog/rocksdb_rows.h"

#include <algorithm>

#include "eventlog/keys.h"

namespace runledger::eventlog {
namespace {

// Upper bound of an iteration: the slice points into the string, so both stay where they are.
class UpperBound {
 public:
  explicit UpperBound(std::optional<std::string> key)
      : key_(std::move(key)), slice_(key_ ? rocksdb::Slice(*key_) : rocksdb::Slice()) {}
  UpperBound(const UpperBound&) = delete;
  UpperBound& operator=(const UpperBound&) = delete;
  const rocksdb::Slice* get() const { return key_ ? &slice_ : nullptr; }

 private:
  std::optional<std::string> key_;
  rocksdb::Slice slice_;
};

}  // namespace

std::optional<std::string> RocksDbRows::get(std::string_view key) const {
  std::string value;
  const auto status = database_.db().Get({}, database_.rows(), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  require_ok(status, "reading a row", database_.name());
  return value;
}

void RocksDbRows::scan(std::string_view prefix, std::string_view from,
                       const RowVisitor& visit) const {
  const UpperBound bound(prefix_end(prefix));
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = bound.get();
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(options, database_.rows()));
  for (it->Seek(slice(std::max(prefix, from))); it->Valid(); it->Next()) {
    if (!visit(view(it->key()), view(it->value()))) return;
  }
  require_ok(it->status(), "scanning rows", database_.name());
}

void RocksDbRows::scan_back(std::string_view prefix, std::string_view before,
                            const RowVisitor& visit) const {
  auto end = prefix_end(prefix);
  if (!before.empty() && (!end || before < *end)) end = std::string(before);
  if (end && *end <= prefix) return;
  const UpperBound bound(std::move(end));
  const rocksdb::Slice lower = slice(prefix);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = bound.get();
  options.iterate_lower_bound = &lower;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(options, database_.rows()));
  for (it->SeekToLast(); it->Valid(); it->Prev()) {
    if (!visit(view(it->key()), view(it->value()))) return;
  }
  require_ok(it->status(), "scanning rows backwards", database_.name());
}

}  // namespace runledger::eventlog

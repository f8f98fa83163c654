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

constexpr int kStepsBeforeSearch = 8;

class Seeker final : public KeySeeker {
 public:
  Seeker(const Database& database, std::string_view prefix)
      : database_(database), prefix_(prefix), lower_(prefix_) {
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &lower_;
    iterator_.reset(database.db().NewIterator(options, database.rows()));
  }

  std::optional<std::string_view> at_or_before(std::string_view key) override {
    seek(key);
    return found();
  }

  std::optional<std::string_view> before(std::string_view key) override {
    seek(key);
    if (iterator_->Valid() && view(iterator_->key()) == sought_) {
      iterator_->Prev();
      positioned_ = iterator_->Valid();
      if (positioned_) last_sought_ = view(iterator_->key());
    }
    return found();
  }

 private:
  // Whoever walks backwards asks for what is near: a few steps cost less than a search.
  void seek(std::string_view key) {
    sought_.assign(prefix_).append(key);
    if (positioned_ && sought_ <= last_sought_) {
      for (int step = 0; step < kStepsBeforeSearch; ++step) {
        if (!iterator_->Valid() || view(iterator_->key()) <= sought_) {
          last_sought_ = sought_;
          return;
        }
        iterator_->Prev();
      }
    }
    iterator_->SeekForPrev(sought_);
    positioned_ = true;
    last_sought_ = sought_;
  }
  std::optional<std::string_view> found() const {
    if (iterator_->Valid()) return view(iterator_->key()).substr(prefix_.size());
    require_ok(iterator_->status(), "seeking in rows", database_.name());
    return std::nullopt;
  }

  const Database& database_;
  std::string prefix_;
  rocksdb::Slice lower_;
  std::string sought_;
  // The iterator stands at the greatest key that is not above the last one sought.
  std::string last_sought_;
  bool positioned_ = false;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace

std::optional<std::string> RocksDbRows::get(std::string_view key) const {
  std::string value;
  const auto status = database_.db().Get({}, database_.rows(), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  require_ok(status, "reading a row", database_.name());
  return value;
}

std::vector<std::optional<std::string>> RocksDbRows::get_many(
    std::span<const std::string> keys) const {
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_.db().MultiGet({}, database_.rows(), keys.size(), slices.data(), values.data(),
                          statuses.data());
  std::vector<std::optional<std::string>> found(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    require_ok(statuses[i], "reading a row", database_.name());
    found[i] = values[i].ToString();
  }
  return found;
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

std::unique_ptr<KeySeeker> RocksDbRows::seeker(std::string_view prefix) const {
  return std::make_unique<Seeker>(database_, prefix);
}

}  // namespace runledger::eventlog

#include "eventlog/chain_check.h"

#include <memory>

#include "eventlog/commit_row.h"
#include "eventlog/keys.h"
#include "eventlog/rocksdb_reader.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kReadAheadBytes = 256 * 1024;

rocksdb::ReadOptions scan_options() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = kReadAheadBytes;
  return options;
}

// Walks the commits beside the records.
class ChainWalk {
 public:
  ChainWalk(const Database& database, const ChainHead& from)
      : place_("Log in " + database.name() + ", commits: "),
        commits_(database.db().NewIterator(scan_options(), database.commits())),
        chain_(from) {
    commits_->Seek(log_key(from.head));
  }

  void add(const RecordView& record) {
    if (record.offset == chain_.head) begin();
    sealer_.add(record);
    if (record.offset == last_) end();
  }

  const ChainHead& chain() const { return chain_; }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw LogError(place_ + what, first());
  }
  Offset first() const { return chain_.head; }
  std::string range() const {
    return "the commit of the events from offset " + std::to_string(first()) + " to " +
           std::to_string(last_);
  }

  void begin() {
    if (!commits_->Valid()) {
      require_ok(commits_->status(), "reading commits at offset " + std::to_string(first()), place_,
                 first());
      refuse("the event at offset " + std::to_string(first()) + " belongs to no commit");
    }
    const auto last = parse_log_key(view(commits_->key()));
    const auto row = decode_commit_row(view(commits_->value()));
    if (!last || !row) {
      refuse("the commit that begins at offset " + std::to_string(first()) + " is damaged");
    }
    last_ = *last;
    row_ = *row;
    if (*last + 1 - row->events != first()) {
      refuse("the commit that ends at offset " + std::to_string(last_) + " has " +
             std::to_string(row->events) + " events, but the one before ended before offset " +
             std::to_string(first()) + ": a commit is missing or damaged");
    }
    sealer_.begin_commit(chain_, row->events);
  }

  void end() {
    if (sealer_.end_commit() != row_.hash) {
      refuse(range() +
             " does not have the hash that was recorded: one of them, or their order, "
             "was changed");
    }
    chain_ = {last_ + 1, row_.hash};
    commits_->Next();
  }

  std::string place_;
  std::unique_ptr<rocksdb::Iterator> commits_;
  Sealer sealer_;
  ChainHead chain_;  // before the commit that is being read
  CommitRow row_;
  Offset last_ = 0;
};

}  // namespace

ChainHead check_chain(const Database& database, const ChainHead& from, Offset end,
                      const ChainVisitor& visit) {
  ChainWalk walk(database, from);
  const auto add = [&](const RecordView& record) {
    visit(record);
    walk.add(record);
    return true;
  };
  RocksDbReader(database).read(from.head, end, add, RocksDbReader::Use::kOnce);
  if (walk.chain().head == end) return walk.chain();
  throw LogError("Log in " + database.name() + ", commits: the commit from offset " +
                     std::to_string(walk.chain().head) + " on goes beyond the events, which end " +
                     "before offset " + std::to_string(end),
                 walk.chain().head);
}

std::optional<ChainHead> chain_at_or_before(const Database& database, Offset head) {
  if (head == 0) return ChainHead{};
  const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator({}, database.commits()));
  it->SeekForPrev(log_key(head - 1));
  require_ok(it->status(), "reading the commit before offset " + std::to_string(head),
             database.name() + ", commits", head - 1);
  if (!it->Valid()) return ChainHead{};
  const auto last = parse_log_key(view(it->key()));
  const auto row = decode_commit_row(view(it->value()));
  if (!last || !row) return std::nullopt;
  return ChainHead{*last + 1, row->hash};
}

}  // namespace runledger::eventlog

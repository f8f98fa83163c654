#include "eventlog/log_export.h"

#include <memory>
#include <stdexcept>

#include "eventlog/checkpoint.h"
#include "eventlog/commit_row.h"
#include "eventlog/export_line.h"
#include "eventlog/fence.h"
#include "eventlog/keys.h"
#include "eventlog/open_check.h"
#include "eventlog/read_only_database.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWriteBytes = 256 * 1024;

// Walks a column family whose keys are offsets, beside the records.
class RowCursor {
 public:
  RowCursor(const Database& database, rocksdb::ColumnFamilyHandle* family, Offset from)
      : place_(database.name()), it_(database.db().NewIterator({}, family)) {
    it_->Seek(log_key(from));
  }

  // The offset of the row it stands at; nullopt behind the last.
  std::optional<Offset> offset() const {
    if (!it_->Valid()) {
      require_ok(it_->status(), "reading commits and checkpoints", place_);
      return std::nullopt;
    }
    return parse_log_key(view(it_->key()));
  }
  std::string_view value() const { return view(it_->value()); }
  void next() { it_->Next(); }

 private:
  std::string place_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

[[noreturn]] void refuse_commit(Offset offset) {
  throw LogError("The commit of the event at offset " + std::to_string(offset) +
                     " is missing or damaged; see log verify",
                 offset);
}

// The hash of the log's first commit; all zero if it has none.
Digest first_commit_hash(const Database& database) {
  const RowCursor commits(database, database.commits(), 0);
  if (!commits.offset()) return {};
  const auto row = decode_commit_row(commits.value());
  if (!row) refuse_commit(0);
  return row->hash;
}

class Exporting {
 public:
  Exporting(const Database& database, const ExportStart& start, const ExportOptions& options,
            const std::function<void(std::string_view)>& write)
      : database_(database),
        start_(start),
        options_(options),
        write_(write),
        commits_(database, database.commits(), start.from),
        checkpoints_(database, database.checkpoints(), start.from) {
    report_.from = start.from;
  }

  ExportReport run() {
    put_start_line(start_, lines_);
    const ChainHead before{start_.from, start_.hash_before};
    report_.chain = before;
    if (start_.from < start_.to) {
      report_.chain =
          check_chain(database_, before, start_.to, [&](const RecordView& record) { put(record); });
    }
    put_end_line(start_, {report_.checkpoints, report_.chain.hash}, lines_);
    write_lines();
    progress(start_.to);
    return report_;
  }

 private:
  // check_chain() makes sure only after the event that its commit is as the row says.
  CommitMarks marks_of(Offset offset) {
    CommitMarks marks;
    if (offset == commit_end_) begin_commit(offset, marks);
    if (offset + 1 == commit_end_) {
      marks.hash = commit_.hash;
      commits_.next();
    }
    return marks;
  }

  void begin_commit(Offset offset, CommitMarks& marks) {
    const auto last = commits_.offset();
    const auto row = last ? decode_commit_row(commits_.value()) : std::nullopt;
    if (!row || *last + 1 - row->events != offset) refuse_commit(offset);
    commit_ = *row;
    commit_end_ = *last + 1;
    marks.events = row->events;
  }

  void put(const RecordView& record) {
    const CommitMarks marks = marks_of(record.offset);
    put_event_line(start_.source, record, marks, data_form(record.payload), lines_);
    report_.erased_payloads += record.payload_erased ? 1 : 0;
    if (checkpoints_.offset() == record.offset) put_checkpoint(record.offset);
    if (lines_.size() >= kWriteBytes) write_lines();
    if (record.offset - shown_ >= kProgressEvents ||
        report_.bytes - shown_bytes_ > kProgressBytes) {
      progress(record.offset);
    }
  }

  // An import takes no other, so nobody is to find out only then.
  void put_checkpoint(Offset offset) {
    const std::string_view json = checkpoints_.value();
    const auto checkpoint = parse_checkpoint(json);
    if (!checkpoint || to_json(*checkpoint) != json || checkpoint->offset != offset ||
        offset + 1 != commit_end_ || checkpoint->hash != commit_.hash ||
        !has_good_signature(*checkpoint)) {
      throw LogError("The checkpoint of offset " + std::to_string(offset) +
                         " is damaged or of another log; see log verify",
                     offset);
    }
    put_checkpoint_line(start_.source, offset, json, lines_);
    ++report_.checkpoints;
    checkpoints_.next();
  }

  void write_lines() {
    write_(lines_);
    report_.bytes += lines_.size();
    lines_.clear();
  }

  void progress(Offset done) {
    shown_ = done;
    shown_bytes_ = report_.bytes;
    if (options_.on_progress) options_.on_progress(done - start_.from, start_.to - start_.from);
  }

  const Database& database_;
  const ExportStart& start_;
  const ExportOptions& options_;
  const std::function<void(std::string_view)>& write_;
  RowCursor commits_;
  RowCursor checkpoints_;
  Offset commit_end_ = start_.from;  // of the commit that was begun
  CommitRow commit_;
  std::string lines_;
  ExportReport report_;
  Offset shown_ = start_.from;
  std::uint64_t shown_bytes_ = 0;
};

// The end of the commit that has the event before; 0 and the head are ends.
Offset commit_end(const Database& database, Offset to) {
  if (to == 0) return 0;
  const auto last = RowCursor(database, database.commits(), to - 1).offset();
  if (!last) refuse_commit(to - 1);
  return *last + 1;
}

ExportStart start_of(const Database& database, Offset head, const ExportOptions& options) {
  const Offset to = options.to.value_or(head);
  if (options.from > to || to > head) {
    throw std::out_of_range("There are no events from offset " + std::to_string(options.from) +
                            " to " + std::to_string(to) + "; the log has " + std::to_string(head) +
                            " events");
  }
  const auto before = chain_at_or_before(database, options.from);
  if (!before) refuse_commit(options.from);
  return {export_source(first_commit_hash(database)), before->head, commit_end(database, to),
          before->hash};
}

}  // namespace

ExportReport export_log(const fs::path& log_directory, const ExportOptions& options,
                        const std::function<void(std::string_view)>& write) {
  const RocksDbOptions database_options;
  // The fence first: what it says was durable before the database was read. A copy may have none.
  const auto fence = read_fence(fence_file(log_directory));
  const auto database = open_stable(log_directory, database_options);
  const CheckedTail tail = check_tail(*database, database_options.tail_checked_records);
  if (fence)
    require_fence(*database, tail.chain, fence, fence_file(log_directory), database_options);
  const ExportStart start = start_of(*database, tail.chain.head, options);
  return Exporting(*database, start, options, write).run();
}

}  // namespace runledger::eventlog

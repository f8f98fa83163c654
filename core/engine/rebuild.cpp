#include "core/engine/rebuild.h"

#include <chrono>
#include <optional>
#include <utility>

#include "core/views/row_keys.h"
#include "core/views/state_digest.h"
#include "eventlog/row_cursor.h"

namespace runledger::core {
namespace {

using eventlog::RowChange;
using eventlog::RowCursor;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMendRows = 1024;
constexpr std::size_t kMendBytes = 1024 * 1024;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Collects the changes that make the stored rows like the fold. The row that says which build's
// rows these are comes last: after an end in between, the next start folds the rows of another
// build again rather than take a mixture for its own.
class Mending {
 public:
  explicit Mending(const MendRows& mend) : mend_(mend) {}

  void add(const std::string& key, std::optional<std::string> value) {
    if (!mend_) return;
    if (key == row_keys::kRowsVersionRow) {
      version_ = RowChange{key, std::move(value)};
      return;
    }
    bytes_ += key.size() + (value ? value->size() : 0);
    changes_.push_back({key, std::move(value)});
    if (changes_.size() >= kMendRows || bytes_ >= kMendBytes) flush();
  }
  void finish() {
    flush();
    if (version_) mend_({&*version_, 1});
  }

 private:
  void flush() {
    if (changes_.empty()) return;
    mend_(changes_);
    changes_.clear();
    bytes_ = 0;
  }

  const MendRows& mend_;
  std::vector<RowChange> changes_;
  std::size_t bytes_ = 0;
  std::optional<RowChange> version_;
};

// Walks both in the order of keys.
class Comparison {
 public:
  Comparison(const eventlog::RowStore& stored, const eventlog::RowStore& folded,
             const MendRows& mend, RebuildReport& report)
      : stored_(stored), folded_(folded), mending_(mend), report_(report) {}

  void run() {
    while (!stored_.at_end() || !folded_.at_end()) step();
    mending_.finish();
    report_.rows = folded_digest_.rows();
    report_.digest = folded_digest_.finish_hex();
    report_.stored_rows = stored_digest_.rows();
    report_.stored_digest = stored_digest_.finish_hex();
  }

 private:
  void step() {
    if (folded_.at_end() || (!stored_.at_end() && stored_.key() < folded_.key())) {
      differs(stored_.key(), RowDifference::kExtra);
      mending_.add(stored_.key(), std::nullopt);
      take(stored_, stored_digest_);
    } else if (stored_.at_end() || folded_.key() < stored_.key()) {
      differs(folded_.key(), RowDifference::kMissing);
      mending_.add(folded_.key(), folded_.value());
      take(folded_, folded_digest_);
    } else {
      if (stored_.value() != folded_.value()) {
        differs(folded_.key(), RowDifference::kDifferent);
        mending_.add(folded_.key(), folded_.value());
      }
      take(stored_, stored_digest_);
      take(folded_, folded_digest_);
    }
  }
  static void take(RowCursor& cursor, StateDigest& digest) {
    digest.add(cursor.key(), cursor.value());
    cursor.next();
  }
  void differs(const std::string& key, RowDifference what) {
    ++report_.differences;
    if (report_.first.size() < kDifferencesShown) report_.first.push_back({key, what});
  }

  RowCursor stored_;
  RowCursor folded_;
  StateDigest stored_digest_;
  StateDigest folded_digest_;
  Mending mending_;
  RebuildReport& report_;
};

}  // namespace

std::string_view to_text(RowDifference what) {
  switch (what) {
    case RowDifference::kMissing:
      return "missing";
    case RowDifference::kExtra:
      return "extra";
    case RowDifference::kDifferent:
      return "different";
  }
  return "";
}

RebuildReport rebuild(const eventlog::Storage& stored, eventlog::ScratchRows& scratch,
                      const FoldProgress& on_progress, const MendRows& mend) {
  const Clock::time_point start = Clock::now();
  RebuildReport report;
  report.events = stored.rows_offset();
  fold_range(
      stored.log(), 0, report.events, scratch.rows(),
      [&](std::span<const RowChange> rows, eventlog::Offset) { scratch.put(rows); }, on_progress);
  report.fold_seconds = seconds_since(start);
  Comparison(stored.rows(), scratch.rows(), mend, report).run();
  report.seconds = seconds_since(start);
  return report;
}

}  // namespace runledger::core

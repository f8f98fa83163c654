// Folding all rows anew beside those that are stored, and comparing the two: what shows that the
// views are what the log says, and mends them if they are not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/engine/row_fold.h"
#include "eventlog/scratch_rows.h"
#include "eventlog/storage.h"

namespace runledger::core {

inline constexpr std::size_t kDifferencesShown = 20;

enum class RowDifference {
  kMissing,    // the fold has it, the stored rows do not
  kExtra,      // the other way round
  kDifferent,  // both have it, with other values
};
std::string_view to_text(RowDifference what);

struct DifferingRow {
  std::string key;
  RowDifference what = RowDifference::kDifferent;
};

struct RebuildReport {
  std::uint64_t events = 0;       // that the rows stand for
  std::uint64_t rows = 0;         // that the fold has
  std::uint64_t stored_rows = 0;  // that were there
  std::string digest;             // state digest of the fold
  std::string stored_digest;
  std::uint64_t differences = 0;
  std::vector<DifferingRow> first;  // in the order of keys, at most kDifferencesShown
  double fold_seconds = 0;
  double seconds = 0;  // comparing included
};

// Mends stored rows; called with changes for a bounded number of them at a time.
using MendRows = std::function<void(std::span<const eventlog::RowChange> changes)>;

// Folds the events that the stored rows stand for into the scratch rows, which are empty, and
// compares. With `mend` every difference is handed out as a change of the stored rows, that of the
// row that names the rows' version last. Throws as fold_range() does.
RebuildReport rebuild(const eventlog::Storage& stored, eventlog::ScratchRows& scratch,
                      const FoldProgress& on_progress, const MendRows& mend = nullptr);

}  // namespace runledger::core

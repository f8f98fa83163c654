// Folding the log into rows: what a start has to catch up with, and all of it from nothing.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>

#include "core/domain/events.h"
#include "core/domain/state.h"
#include "core/views/projection.h"
#include "eventlog/storage.h"

namespace runledger::core {

// How many events have been folded, of how many.
using FoldProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Runs that a fold onto base rows keeps in memory; more are read from their rows again.
inline constexpr std::size_t kFoldRunsMax = 50'000;

// Applies events in the order of the log and hands out the rows that they change. Runs that are not
// in memory are read from the base rows, which must have every row that was taken before the next
// event is folded. Without base rows all runs that have not ended stay in memory. One thread.
class Folder {
 public:
  explicit Folder(const eventlog::RowStore* base, std::size_t runs_max = kFoldRunsMax);

  void fold(const Event& event);  // throws what apply() throws, JsonShapeError, LogError
  std::vector<eventlog::RowChange> take_rows();

 private:
  void unload(const std::set<std::string>& changed_runs);

  const eventlog::RowStore* base_;
  std::size_t runs_max_;
  State state_;
  Projection projection_;
};

// Takes rows; they then stand for the log up to that offset.
using CommitRows =
    std::function<void(std::span<const eventlog::RowChange> rows, eventlog::Offset stand_for)>;

// Folds one part of the log onto the base rows, which stand for all before it, in many commits that
// the base rows have when commit() returns. Decodes on several threads; memory is bounded. Throws
// LogError, EventCodecError, JsonShapeError, std::logic_error, and what the callbacks throw.
void fold_range(const eventlog::EventLog& log, eventlog::Offset from, eventlog::Offset to,
                const eventlog::RowStore& base, const CommitRows& commit,
                const FoldProgress& on_progress);

// Folds the events that the rows do not stand for yet; an end in between costs what was not
// committed.
void fold_tail(eventlog::Storage& storage, const FoldProgress& on_progress);

// All rows as a fold of the whole log, from nothing: what the stored rows must equal.
std::map<std::string, std::string> fold_rows(const eventlog::EventLog& log);

// Takes a run's row into the state, if the run is not there and has one.
void load_run_row(State& state, const eventlog::RowStore& rows, const std::string& run_id);
// Takes workflows, schedules and who was served into the state.
void load_definitions(State& state, const eventlog::RowStore& rows);
// Takes what is known of the versions of events into the state. Throws EventCodecError if there is
// one that this build does not know, without looking at any event.
void load_event_versions(State& state, const eventlog::RowStore& rows);

}  // namespace runledger::core

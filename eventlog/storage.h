// A log and the rows folded from it, committed together: the one place that knows whether they live
// in the same database. commit() and append() are called by one thread; reads from any.
#pragma once

#include <span>
#include <vector>

#include "eventlog/event_log.h"
#include "eventlog/row_store.h"

namespace runledger::eventlog {

class Storage {
 public:
  virtual ~Storage() = default;
  virtual EventLog& log() = 0;
  virtual const EventLog& log() const = 0;
  virtual const RowStore& rows() const = 0;

  // Appends and changes rows in one atomic, durable step, with append()'s results. The rows then
  // stand for the log up to its new head; so they must have stood for the head before, else
  // std::logic_error. With a conflict neither is written. Without items the rows alone are written,
  // and a failure, which has no result to stand in, throws LogError.
  virtual std::vector<AppendResult> commit(std::span<const StreamAppend> items,
                                           std::span<const RowChange> rows) = 0;
  // Rows alone, for a fold that catches up: they now stand for the log up to that offset, which is
  // not beyond its head. Throws LogError; appends are then kUnknown.
  virtual void commit_rows(std::span<const RowChange> rows, Offset rows_stand_for) = 0;

  // Deletes all rows in one atomic, durable step, so that a fold can start anew: they then stand
  // for offset 0. Throws LogError; appends are then kUnknown.
  virtual void reset_rows() = 0;

  // The head of the log that the rows stand for; below log().head() the tail has yet to be folded.
  virtual Offset rows_offset() const = 0;
};

}  // namespace runledger::eventlog

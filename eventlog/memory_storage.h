// A Storage that lives in memory and is gone with its object: for tests. Any thread may read while
// one thread commits; a visitor may call back into the storage.
#pragma once

#include <memory>

#include "eventlog/storage.h"

namespace runledger::eventlog {

class MemoryStorage final : public Storage {
 public:
  MemoryStorage();
  ~MemoryStorage() override;

  EventLog& log() override;
  const EventLog& log() const override;
  const RowStore& rows() const override;
  std::vector<AppendResult> commit(std::span<const StreamAppend> items,
                                   std::span<const RowChange> rows) override;
  void commit_rows(std::span<const RowChange> rows, Offset rows_stand_for) override;
  void reset_rows() override;
  Offset rows_offset() const override;

 private:
  struct State;
  class Log;
  class Rows;

  std::unique_ptr<State> state_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Rows> rows_;
};

}  // namespace runledger::eventlog

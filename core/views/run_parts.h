// What of a run is stored in rows beside its own, so that a commit writes what is new and not what
// the run has: long JSON texts, each under its hash, and the finished steps of tasks that go on.
// Which rows there are is a function of the run's state alone. The run's row names them in its
// second line; where a text has been taken out, the third line has null.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/run_state.h"
#include "eventlog/row_store.h"

namespace runledger::core {

// Longer texts get a row of their own.
inline constexpr std::size_t kTextInRowBytesMax = 1024;

// Takes a changed row; no value: it is deleted.
using TakeRow = std::function<void(std::string key, std::optional<std::string> value)>;

// Hands out the run's row and how the rows beside it change, and notes in the run what is then
// stored. Changes nothing else of it, but for the hashes of its texts.
void render_run_rows(RunState& run, const TakeRow& take);

enum class RunDetail {
  kOutline,  // texts that are stored beside the row are null, finished steps are left out
  kShown,    // what views show: not the inputs of tasks, not finished steps
  kAll,
};

// The run of that row, without its plan. Throws JsonShapeError, and LogError if a part is missing.
RunState read_run(const eventlog::RowStore& rows, std::string_view run_row, RunDetail detail);

}  // namespace runledger::core

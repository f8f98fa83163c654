// Why a run has not ended, as JSON text: what it waits for (domain/waits.h), and of each run below
// it the same, so that who can move it is named wherever they have to act. Pure but for `find`.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "core/domain/run_state.h"

namespace runledger::core {

inline constexpr std::size_t kWhyRunsMax = 100;  // looked at for one answer; others are only named

// A run with its plan; nullopt: there is none.
using FindRun = std::function<std::optional<RunState>(const std::string& run_id)>;

// {"run_id", "status", "version", "waits": [...]}; of a run that has ended the waits are empty. The
// run has its plan if it has not ended.
std::string render_why(const RunState& run, const FindRun& find);

}  // namespace runledger::core

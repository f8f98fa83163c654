// What a run was given when it was created and keeps: never changed afterwards, shared by everybody
// who looks at the run. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fields.h"
#include "core/workflow/spec.h"

namespace runledger::core {

struct RunPlan {
  WorkflowSpec spec;
  JsonText input;    // object
  JsonText session;  // object: what the submitter's back end says about its user and workspace
  bool operator==(const RunPlan&) const = default;
};

enum class OnConflict : std::uint8_t { kReject, kQueue, kReplace };
std::string_view to_text(OnConflict value);
bool from_text(std::string_view text, OnConflict& value);

// At most `limit` runs of a tenant with the same key are admitted at a time.
struct Concurrency {
  std::string key;
  std::uint32_t limit = 1;
  OnConflict on_conflict = OnConflict::kQueue;
  bool operator==(const Concurrency&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("key", &Concurrency::key), field("limit", &Concurrency::limit),
                      field("on_conflict", &Concurrency::on_conflict)};
  }
};

// The task that a run was started by, as its sub-workflow.
struct ParentTask {
  std::string run_id;
  std::string task_id;
  bool operator==(const ParentTask&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("run_id", &ParentTask::run_id), field("task_id", &ParentTask::task_id)};
  }
};

inline constexpr std::uint32_t kWorkflowDepthMax = 8;  // sub-workflows within sub-workflows
// Tasks of one run, those of its for_each steps included: each event of a run looks at all of them.
inline constexpr std::size_t kRunTasksMax = 5000;
// Resolved inputs and items of one run's tasks together, with the plans of sub-workflows that begin
// at once. References multiply what was submitted, one command can resolve all of them, its events
// are one commit, and a run that is loaded is held as a whole.
inline constexpr std::size_t kRunInputBytesMax = 8 * 1024 * 1024;
// Runs below one run, at any depth: all of them can begin by one command. Each run hands what it
// may bring about on in equal parts, so that no run has to know of others than its parent.
inline constexpr std::uint32_t kSubRunsMax = 2000;

}  // namespace runledger::core

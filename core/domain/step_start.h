// The part of advance() about steps: which may begin, and how they do. For the .cpp files of this
// folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/advance.h"

namespace runledger::core {

class StepStart {
 public:
  // Adds to facts; all that is given outlives the object.
  StepStart(const State& state, const RunState& run, const Surroundings& around,
            std::vector<NewFact>& facts)
      : state_(state), run_(run), around_(around), facts_(facts) {}

  // Groups whose tasks have all ended.
  void complete_groups();
  // Tasks that are blocked by nothing any more.
  void begin_steps();

 private:
  void add(EventBody body) { facts_.push_back(fact_of(run_, std::move(body))); }
  void fail(const TaskState& task, std::string code, std::string message);

  bool needs_are_settled(const StepSpec& step) const;
  bool needs_were_skipped(const StepSpec& step) const;
  bool may_begin(const TaskState& task) const;
  bool has_room_in_group(const TaskState& task) const;
  void count_active();
  bool has_just_failed(const TaskState& task) const;

  void complete(const TaskState& group);
  void begin(const TaskState& task);
  bool condition_holds(const TaskState& task, const StepSpec& step);
  void expand(const TaskState& group, const ForEach& for_each);
  void begin_task(const TaskState& task, const StepSpec& step);
  // Whether so many bytes more may be held for the run; false: the task has been failed.
  bool take_bytes(const TaskState& task, std::size_t bytes);
  // How many runs the task may bring about, its own sub-workflow among them.
  std::uint32_t sub_runs_share(const TaskState& task) const;
  // False: the task has been failed.
  bool fits_schema(const TaskState& task, const WorkflowSpec& called, const JsonText& input);
  void begin_child(const TaskState& task, const StepSpec& step, JsonText input);
  void ask_approval(const TaskState& task, const StepSpec& step, JsonText input);
  // nullopt: the task has been failed.
  std::optional<JsonText> resolved(const TaskState& task, const JsonText& text);
  // What the task's references see. nullptr: enough has been gone over for this command, and the
  // task has been failed.
  ReferenceValues* seen_by(const TaskState& task);

  const State& state_;
  const RunState& run_;
  const Surroundings& around_;
  std::vector<NewFact>& facts_;
  ReferenceScope scope_;
  ReferenceValues* values_ = nullptr;            // of the run, in scope_
  std::optional<std::size_t> bytes_;             // held for the run, what begins now included
  std::size_t expanded_ = 0;                     // tasks that groups become, not in run_ yet
  std::map<std::uint32_t, std::size_t> active_;  // tasks of a group under way, by step_number
};

}  // namespace runledger::core

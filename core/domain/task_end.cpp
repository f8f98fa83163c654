#include "core/domain/task_end.h"

#include <algorithm>
#include <optional>

#include "core/domain/resume.h"

namespace runledger::core {
namespace {

const Error kCutShort{"cut_short", "The task ended while the job was being handed over", false};
const Error kBegunAnew{"begun_anew", "Its task was begun anew", false};
const Error kNoContent{"no_content", "The task succeeded without storing it", false};
const Error kCanceled{"canceled", "The task was canceled", false};

RemoteUnknown unknown_of(const TaskState& task, const RemoteCall& call, Error error) {
  return {task.task_id,         static_cast<std::uint32_t>(task.attempts.size()),
          call.ordinal,         call.provider,
          call.idempotency_key, std::move(error)};
}

const RemoteCall* call_in_between(const TaskState& task) {
  const RemoteCall* call = open_call(task.remote_calls);
  return call != nullptr && call->status == RemoteStatus::kIntended ? call : nullptr;
}

// Which task it ends, and what its resources are told.
struct Ending {
  const std::string* task_id = nullptr;
  const Error* error = nullptr;
};
Ending ending_in(const EventBody& body) {
  return std::visit(
      []<typename T>(const T& each) -> Ending {
        if constexpr (std::is_same_v<T, TaskSucceeded>) {
          return {&each.task_id, &kNoContent};
        } else if constexpr (std::is_same_v<T, TaskCanceled>) {
          return {&each.task_id, &kCanceled};
        } else if constexpr (std::is_same_v<T, TaskFailed> || std::is_same_v<T, TaskTimedOut>) {
          return {&each.task_id, &each.error};
        } else {
          return {};
        }
      },
      body);
}

class LooseEnds {
 public:
  LooseEnds(const State& state, std::vector<NewFact>& all) : state_(state), all_(all) {}

  void before(const NewFact& fact) {
    const Ending ending = ending_in(fact.body);
    const auto* retried = std::get_if<RunRetried>(&fact.body);
    if (ending.task_id == nullptr && retried == nullptr) return;
    const RunState* run = state_.find_run(fact.stream);
    if (run == nullptr) return;
    if (retried != nullptr) return of_steps(*run, steps_from(run->plan->spec, retried->from_step));
    if (const TaskState* task = run->find_task(*ending.task_id))
      of_task(*run, *task, *ending.error);
  }

 private:
  void of_steps(const RunState& run, const std::set<std::string>& steps) {
    for (const TaskState& task : run.tasks) {
      if (steps.contains(task.step)) close_resources(run, task, kBegunAnew);
    }
  }
  void of_task(const RunState& run, const TaskState& task, const Error& error) {
    if (const RemoteCall* call = call_in_between(task)) {
      all_.push_back(fact_of(run, unknown_of(task, *call, kCutShort)));
    }
    close_resources(run, task, error);
  }
  void close_resources(const RunState& run, const TaskState& task, const Error& error) {
    for (const ResourceState& resource : run.resources) {
      if (resource.task_id != task.task_id || !resource.open()) continue;
      all_.push_back(fact_of(run, ResourceFailed{resource.resource_id, error}));
    }
  }

  const State& state_;
  std::vector<NewFact>& all_;
};

}  // namespace

std::vector<NewFact> doubt(const RunState& run, const TaskState& task, const RemoteCall& call,
                           Error error) {
  std::vector<NewFact> facts{fact_of(run, unknown_of(task, call, std::move(error)))};
  if (!call.resource || run.find_resource(call.resource->resource_id) != nullptr) return facts;
  const RemotePlaceholder& wanted = *call.resource;
  facts.push_back(
      fact_of(run, ResourceCreated{wanted.resource_id, task.task_id, wanted.name, wanted.media_type,
                                   task.type, ResourceStatus::kUnknown, ""}));
  return facts;
}

std::vector<NewFact> end_or_doubt(const RunState& run, const TaskState& task, EventBody end) {
  const RemoteCall* call = call_in_between(task);
  const Ending ending = ending_in(end);
  const bool failure =
      std::holds_alternative<TaskFailed>(end) || std::holds_alternative<TaskTimedOut>(end);
  if (call != nullptr && failure) return doubt(run, task, *call, *ending.error);
  return {fact_of(run, std::move(end))};
}

std::vector<NewFact> with_loose_ends(const State& state, std::vector<NewFact> facts) {
  const bool ends_something = std::any_of(facts.begin(), facts.end(), [](const NewFact& fact) {
    return ending_in(fact.body).task_id != nullptr || std::holds_alternative<RunRetried>(fact.body);
  });
  if (!ends_something) return facts;
  std::vector<NewFact> all;
  all.reserve(facts.size());
  LooseEnds loose_ends(state, all);
  for (NewFact& fact : facts) {
    loose_ends.before(fact);
    all.push_back(std::move(fact));
  }
  return all;
}

}  // namespace runledger::core

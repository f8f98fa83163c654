#include <array>

#include "core/base/names.h"
#include "core/domain/fire_schedule.h"
#include "core/domain/fold.h"
#include "core/domain/state.h"

namespace runledger::core {
namespace {

constexpr std::array<Name<CatchUp>, 3> kCatchUpNames{
    {{CatchUp::kSkip, "skip"}, {CatchUp::kOne, "one"}, {CatchUp::kAll, "all"}}};

class SystemFold {
 public:
  SystemFold(State& state, const Event& event) : state_(state), event_(event) {}

  void operator()(const TokenCreated& token) { state_.tokens[token.token_id] = token; }
  void operator()(const TaskTypeRegistered& type) {
    state_.task_types[type.name] = {type, event_.offset};
  }
  void operator()(const WorkerRegistered&) {}
  void operator()(const WorkflowDefined& defined) {
    auto parsed = parse_stored_spec(defined.spec.text);
    auto* spec = std::get_if<WorkflowSpec>(&parsed);
    if (spec == nullptr) misfit(event_, "its spec cannot be read");
    state_.workflows[workflow_id(event_.tenant, defined.name)] = {
        defined.version, false, std::make_shared<const WorkflowSpec>(std::move(*spec)),
        defined.description, event_.offset};
  }
  void operator()(const WorkflowArchived& archived) {
    const auto found = state_.workflows.find(workflow_id(event_.tenant, archived.name));
    if (found == state_.workflows.end()) misfit(event_, "no workflow " + archived.name);
    found->second.archived = true;
    found->second.offset = event_.offset;
  }
  void operator()(const ScheduleDefined& defined) {
    state_.schedules[defined.schedule_id] = {defined, event_.tenant, event_.owner, defined.next_us,
                                             0};
  }
  void operator()(const ScheduleFired& fired) {
    const auto found = state_.schedules.find(fired.schedule_id);
    if (found == state_.schedules.end()) misfit(event_, "no schedule " + fired.schedule_id);
    const bool late = event_.time_us - fired.due_us > kScheduleLateUs;
    const bool goes_on = late && fired.skipped != kCatchUpLimit;
    found->second.caught_up = goes_on ? found->second.caught_up + 1 : 0;
    found->second.next_us = fired.next_us;
  }
  void operator()(const ScheduleDeleted& deleted) {
    if (state_.schedules.erase(deleted.schedule_id) == 0) {
      misfit(event_, "no schedule " + deleted.schedule_id);
    }
  }
  template <typename Body>
  void operator()(const Body&) {
    misfit(event_, "it belongs in a run's stream");
  }

 private:
  State& state_;
  const Event& event_;
};

}  // namespace

std::string_view to_text(CatchUp value) {
  return name_of(kCatchUpNames, value);
}
bool from_text(std::string_view text, CatchUp& value) {
  return find_name(kCatchUpNames, text, value);
}

void apply_to_system(State& state, const Event& event) {
  std::visit(SystemFold(state, event), event.body);
  state.system_next_idx[event.stream] = event.idx + 1;
}

}  // namespace runledger::core

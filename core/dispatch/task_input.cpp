#include "core/dispatch/task_input.h"

#include "core/domain/event_codec.h"

namespace runledger::core {

protocol::LeasedTask leased_task(const eventlog::EventLog& log, const LeasesGranted::Grant& grant) {
  protocol::LeasedTask task{
      grant.run_id, grant.task_id, grant.lease_id, grant.attempt, grant.task_type, {}, {}};
  log.read_stream(grant.run_id, 0, [&](const eventlog::RecordView& record) {
    const Event event = decode_event(record);
    if (const auto* created = std::get_if<RunCreated>(&event.body)) {
      task.session = created->session.text;
      for (const StepSpec& step : created->steps) {
        if (step.task_id == grant.task_id) task.input = step.input.text;
      }
    }
    return false;
  });
  if (task.input.empty()) {
    throw eventlog::LogError("the input of task " + grant.task_id +
                             " is not in the first event of " + grant.run_id);
  }
  return task;
}

}  // namespace runledger::core

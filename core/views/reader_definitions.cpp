// Reading what is defined: workflows and schedules.
#include "core/base/json_codec.h"
#include "core/base/time_text.h"
#include "core/domain/decide.h"
#include "core/views/reader.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"

namespace runledger::core {
namespace {

std::string workflow_view(std::string_view defined_row, bool archived) {
  const auto defined = json_codec::from_json<WorkflowDefined>(defined_row);
  return JsonWriter()
      .text("name", defined.name)
      .number("version", defined.version)
      .text("description", defined.description)
      .boolean("archived", archived)
      .json("spec", defined.spec.text)
      .take();
}

std::string schedule_view(const ScheduleState& schedule) {
  const ScheduleDefined& defined = schedule.defined;
  return JsonWriter()
      .text("schedule_id", defined.schedule_id)
      .text("workflow", defined.workflow)
      .text("cron", defined.cron)
      .text("time_zone", defined.zone)
      .text("catch_up", to_text(defined.catch_up))
      .json("input", defined.input.text)
      .json("next_at", schedule.next_us == 0 ? "null" : json_quoted(rfc3339(schedule.next_us)))
      .take();
}

}  // namespace

std::optional<Reader::LatestWorkflow> Reader::latest_workflow(const std::string& name) const {
  const auto row = storage_.rows().get(
      row_keys::key(row_keys::kWorkflowState, workflow_id(principal_.tenant, name)));
  if (!row) return std::nullopt;
  WorkflowState state;
  decode_workflow_state_row(*row, state);
  return LatestWorkflow{state.version, state.archived};
}

std::optional<std::string> Reader::workflow(const std::string& name, std::uint32_t version) const {
  const auto row =
      storage_.rows().get(row_keys::workflow_version(principal_.tenant, name, version));
  if (!row) return std::nullopt;
  return workflow_view(*row, latest_workflow(name)->archived);
}

std::optional<WorkflowSpec> Reader::workflow_spec(const std::string& name,
                                                  std::uint32_t version) const {
  const auto row =
      storage_.rows().get(row_keys::workflow_version(principal_.tenant, name, version));
  return row ? std::optional(decode_workflow_spec(*row)) : std::nullopt;
}

std::vector<std::string> Reader::workflows() const {
  std::vector<std::string> items;
  const std::string prefix = row_keys::key(row_keys::kWorkflowState, principal_.tenant) + "/";
  storage_.rows().scan(prefix, "", [&](std::string_view key, std::string_view value) {
    WorkflowState state;
    decode_workflow_state_row(value, state);
    const std::string name(key.substr(prefix.size()));
    if (!state.archived) items.push_back(workflow(name, state.version).value());
    return items.size() < kPageItemsMax;
  });
  return items;
}

std::vector<std::string> Reader::schedules() const {
  std::vector<std::string> items;
  storage_.rows().scan(row_keys::kSchedule, "", [&](std::string_view, std::string_view value) {
    const ScheduleState schedule = decode_schedule_row(value);
    if (sees(principal_, schedule.tenant, schedule.owner)) {
      items.push_back(schedule_view(schedule));
    }
    return items.size() < kPageItemsMax;
  });
  return items;
}

}  // namespace runledger::core

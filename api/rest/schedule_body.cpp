#include "api/rest/schedule_body.h"

#include "api/rest/decision_body.h"
#include "api/rest/spec_check.h"
#include "api/rest/submission.h"
#include "core/schedule/cron.h"
#include "core/views/reader.h"

namespace runledger::api {
namespace {

void read_times(DecisionBody& body, std::int64_t now_us, core::ScheduleDefined& schedule) {
  schedule.zone = body.text("time_zone");
  if (schedule.zone.empty()) schedule.zone = "UTC";
  if (!core::is_time_zone(schedule.zone)) {
    return body.complain("time_zone", "Expected a zone like Europe/Berlin");
  }
  if (!body.has("cron")) return body.complain("cron", "Expected times like 0 3 * * *");
  schedule.cron = body.text("cron");
  const auto cron = core::Cron::parse(schedule.cron);
  if (const auto* error = std::get_if<core::CronError>(&cron)) {
    return body.complain("cron", error->reason);
  }
  const auto next_us = std::get<core::Cron>(cron).next_after(now_us, schedule.zone);
  if (!next_us) return body.complain("cron", "There is no such time in the next eight years");
  schedule.next_us = *next_us;
}

}  // namespace

std::variant<core::ScheduleDefined, Problem> read_schedule(const Request& request,
                                                           core::Engine& engine) {
  DecisionBody body(request);
  core::ScheduleDefined schedule;
  schedule.schedule_id = engine.ids().make("sched");
  schedule.workflow = body.required_text("workflow");
  schedule.input = {body.json("input").value_or("{}")};
  schedule.session = {body.json("session").value_or("{}")};
  if (!schedule.input.text.starts_with('{')) body.complain("input", "Expected an object");
  const bool session_fits =
      schedule.session.text.starts_with('{') && schedule.session.text.size() <= kSessionBytesMax;
  if (!session_fits) {
    body.complain("session",
                  "Expected an object of at most " + std::to_string(kSessionBytesMax) + " bytes");
  }
  const std::string catch_up = body.text("catch_up");
  if (!catch_up.empty() && !core::from_text(catch_up, schedule.catch_up)) {
    body.complain("catch_up", "Expected skip, one or all");
  }
  read_times(body, engine.now_us(), schedule);
  const core::Reader reader(engine.storage(), request.principal);
  if (const auto latest = reader.latest_workflow(schedule.workflow)) {
    const auto spec = reader.workflow_spec(schedule.workflow, latest->version);
    for (FieldError& error : check_run_input(*spec, schedule.input.text, "/input")) {
      body.complain(std::move(error));
    }
  }
  if (auto wrong = body.problem()) return *wrong;
  return schedule;
}

}  // namespace runledger::api

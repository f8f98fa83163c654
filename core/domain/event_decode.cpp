#include <array>

#include "core/base/json_codec.h"
#include "core/domain/event_registry.h"
#include "core/domain/event_upgrades.h"

namespace runledger::core {
namespace {

template <typename Body>
EventBody decode(const JsonReader& payload) {
  Body body;
  json_codec::read(payload, body);
  return body;
}

WorkflowSpec spec_in(const JsonReader& payload) {
  auto parsed = parse_stored_spec(payload.json("spec"));
  if (auto* spec = std::get_if<WorkflowSpec>(&parsed)) return std::move(*spec);
  const SpecError& first = std::get<std::vector<SpecError>>(parsed).front();
  throw JsonShapeError("the spec is wrong at '" + first.pointer + "': " + first.message);
}

template <>
EventBody decode<RunCreated>(const JsonReader& payload) {
  RunCreated created;
  json_codec::read(payload, created);
  created.plan = std::make_shared<const RunPlan>(RunPlan{
      spec_in(payload), JsonText{payload.json("input")}, JsonText{payload.json("session")}});
  return created;
}

template <typename Body>
constexpr EventForm newest() {
  return {Body::kType, version_of<Body>(), decode<Body>, nullptr};
}
template <typename Body>
constexpr EventForm older(std::uint16_t version, UpgradePayload upgrade) {
  return {Body::kType, version, nullptr, upgrade};
}

// Every (type, version) that was ever written. Never remove a line; a version that is no longer the
// newest becomes older<T>(N, upgrade_function).
constexpr std::array kForms{
    older<RunCreated>(1, upgrades::run_created_1),
    newest<RunCreated>(),
    newest<RunQueued>(),
    newest<RunAdmitted>(),
    newest<RunStarted>(),
    older<RunPaused>(1, upgrades::with_nothing_added),
    newest<RunPaused>(),
    older<RunResumed>(1, upgrades::with_nothing_added),
    newest<RunResumed>(),
    newest<RunRetried>(),
    newest<RunOverdue>(),
    older<RunCancelRequested>(1, upgrades::with_nothing_added),
    newest<RunCancelRequested>(),
    newest<RunCanceled>(),
    older<RunSucceeded>(1, upgrades::with_nothing_added),
    newest<RunSucceeded>(),
    newest<RunFailed>(),
    newest<TaskExpanded>(),
    older<TaskReady>(1, upgrades::with_nothing_added),
    newest<TaskReady>(),
    newest<TaskSkipped>(),
    newest<TaskChildStarted>(),
    newest<TaskApprovalRequested>(),
    newest<TaskApproved>(),
    newest<TaskRejected>(),
    newest<TaskReviewRequested>(),
    newest<TaskReviewed>(),
    older<TaskLeased>(1, upgrades::with_nothing_added),
    newest<TaskLeased>(),
    newest<TaskProgressed>(),
    newest<TaskEmitted>(),
    newest<TaskLogged>(),
    older<TaskStepCompleted>(1, upgrades::task_step_completed_1),
    newest<TaskStepCompleted>(),
    older<TaskWaiting>(1, upgrades::with_nothing_added),
    newest<TaskWaiting>(),
    newest<TaskLeaseLost>(),
    newest<TaskRetryScheduled>(),
    newest<TaskSucceeded>(),
    newest<TaskFailed>(),
    newest<TaskTimedOut>(),
    newest<TaskCanceled>(),
    newest<TaskReused>(),
    newest<RemoteIntended>(),
    newest<RemoteSubmitted>(),
    newest<RemoteFailed>(),
    newest<RemoteUnknown>(),
    newest<RemoteResolved>(),
    newest<RemoteCancelRequested>(),
    older<ResourceCreated>(1, upgrades::with_nothing_added),
    newest<ResourceCreated>(),
    older<ResourceSucceeded>(1, upgrades::with_nothing_added),
    newest<ResourceSucceeded>(),
    newest<ResourceFailed>(),
    newest<TokenCreated>(),
    newest<TaskTypeRegistered>(),
    newest<WorkerRegistered>(),
    newest<WorkflowDefined>(),
    newest<WorkflowArchived>(),
    newest<ScheduleDefined>(),
    newest<ScheduleFired>(),
    newest<ScheduleDeleted>(),
};

}  // namespace

const EventRegistry& event_registry() {
  static const EventRegistry registry(kForms);
  return registry;
}

}  // namespace runledger::core

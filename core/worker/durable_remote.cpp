// The part of the durable calls about jobs at other people's servers.
#include <cstddef>
#include <utility>

#include "core/protocol/remote_names.h"
#include "core/worker/durable_calls.h"
#include "core/worker/host_text.h"
#include "core/worker/remote_memo.h"

namespace runledger::core::worker {

runledger_text DurableCalls::kept(std::string text) {
  const std::string& there = texts_.emplace_back(std::move(text));
  return {there.data(), there.size()};
}

runledger_status DurableCalls::not_begun() {
  if (suspended_) return RUNLEDGER_SUSPENDED;
  if (open_ && open_->kind == "remote" && !remote_key_.empty()) return RUNLEDGER_OK;
  return refuse(RUNLEDGER_INVALID, "Expected a remote call to have been begun");
}

runledger_status DurableCalls::remote_begin(const Remote& call, runledger_remote_job& job) {
  if (!protocol::is_provider_name(call.provider)) {
    return refuse(RUNLEDGER_INVALID,
                  "Expected the provider to have a name such as coze, of at most " +
                      std::to_string(protocol::kProviderNameBytesMax) +
                      " letters a-z, digits, '_', '-' and '.'");
  }
  const std::size_t at = finished_;
  const auto status = enter({"remote", call.provider}, nullptr);
  if (status == RUNLEDGER_OK) {
    const auto memo = remote_in(task_.memos[at]);
    if (!memo) return refuse(RUNLEDGER_UNAVAILABLE, "the recorded job cannot be read");
    job.idempotency_key = kept(memo->idempotency_key);
    job.execute_id = kept(memo->execute_id);
    job.resource_id = kept(memo->resource_id);
  }
  if (status != RUNLEDGER_NOT_DONE) return status;
  remote_ = call;
  if (pending_remote_) remote_key_ = pending_remote_->idempotency_key;
  if (remote_key_.empty()) return intend(false, job);
  job.idempotency_key = kept(remote_key_);
  return RUNLEDGER_UNSURE;
}

runledger_status DurableCalls::intend(bool found_nothing, runledger_remote_job& job) {
  remote_key_.clear();
  const auto recorded = record_(
      protocol::RemoteIntentReport{remote_calls_ + 1, remote_.provider, remote_.resource_name,
                                   remote_.resource_media_type, found_nothing});
  // Without a key it does not hold: the task has ended meanwhile.
  if (!recorded || recorded->idempotency_key.empty()) return RUNLEDGER_STOPPED;
  pending_remote_.reset();
  remote_key_ = recorded->idempotency_key;
  job.idempotency_key = kept(remote_key_);
  return RUNLEDGER_NOT_DONE;
}

runledger_status DurableCalls::remote_not_found(runledger_remote_job& job) {
  const auto status = not_begun();
  return status == RUNLEDGER_OK ? intend(true, job) : status;
}

runledger_status DurableCalls::remote_submitted(const std::string& execute_id, bool found,
                                                runledger_remote_job& job) {
  const auto status = not_begun();
  if (status != RUNLEDGER_OK) return status;
  if (!protocol::is_execute_id(execute_id)) {
    return refuse(RUNLEDGER_INVALID, "Expected the execute_id to have from 1 to " +
                                         std::to_string(protocol::kExecuteIdBytesMax) +
                                         " bytes and no control characters");
  }
  const auto recorded = record_(protocol::RemoteSubmittedReport{remote_calls_ + 1, remote_.provider,
                                                                remote_key_, execute_id, found});
  if (!recorded) return RUNLEDGER_STOPPED;
  job.idempotency_key = kept(std::exchange(remote_key_, {}));
  job.execute_id = kept(execute_id);
  job.resource_id = kept(recorded->resource_id);
  pending_remote_.reset();
  open_.reset();
  ++remote_calls_;
  ++finished_;
  return RUNLEDGER_OK;
}

// The call stays open: what follows is the end of the attempt, or the same call again.
runledger_status DurableCalls::remote_failed(std::string code, std::string message) {
  const auto status = not_begun();
  if (status != RUNLEDGER_OK) return status;
  const auto recorded =
      record_(protocol::RemoteFailedReport{remote_calls_ + 1, std::move(code), std::move(message)});
  if (!recorded) return RUNLEDGER_STOPPED;
  pending_remote_.reset();
  remote_key_.clear();
  return RUNLEDGER_OK;
}

runledger_status DurableCalls::remote_unknown(std::string message) {
  const auto status = not_begun();
  if (status != RUNLEDGER_OK) return status;
  return suspend(protocol::RemoteUnknownReport{remote_calls_ + 1, std::move(message)});
}

}  // namespace runledger::core::worker

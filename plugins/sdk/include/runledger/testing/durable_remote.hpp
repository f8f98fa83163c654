// The part of the durable calls about jobs at other people's servers. Included by durable_run.hpp.
#pragma once

#include <runledger/testing/durable_run.hpp>

namespace runledger::testing::detail {

inline runledger_text DurableRun::kept(std::string text) {
  return detail::text_of(texts_.emplace_back(std::move(text)));
}

inline runledger_status DurableRun::job_not_begun() const {
  if (suspended_) return RUNLEDGER_SUSPENDED;
  if (open_ && open_->kind == "remote" && !remote_key_.empty()) return RUNLEDGER_OK;
  return refuse(RUNLEDGER_INVALID, "Expected a remote call to have been begun");
}

inline runledger_status DurableRun::remote_begin(const Remote& call, runledger_remote_job& job) {
  if (!is_provider_name(call.provider)) {
    return refuse(RUNLEDGER_INVALID,
                  "Expected the provider to have a name such as coze, of at most " +
                      std::to_string(kProviderNameBytesMax) +
                      " letters a-z, digits, '_', '-' and '.'");
  }
  const std::size_t at = finished_;
  const auto status = enter({"remote", call.provider}, nullptr);
  if (status == RUNLEDGER_OK) {
    const json memo = json::parse(task_.memos[at].result);
    job.idempotency_key = kept(memo.at("idempotency_key").get<std::string>());
    job.execute_id = kept(memo.at("execute_id").get<std::string>());
    job.resource_id = kept(memo.at("resource_id").get<std::string>());
  }
  if (status != RUNLEDGER_NOT_DONE) return status;
  remote_ = call;
  if (pending_remote_) remote_key_ = pending_remote_->key;
  if (remote_key_.empty()) return intend(job);
  job.idempotency_key = kept(remote_key_);
  return RUNLEDGER_UNSURE;
}

inline bool DurableRun::may_intend() {
  const std::size_t kMemoBytes = 1024;  // of a submitted job, at most
  const auto jobs = std::count_if(task_.memos.begin(), task_.memos.end(),
                                  [](const MemoText& memo) { return memo.kind == "remote"; });
  if (!task_.open_job && static_cast<std::size_t>(jobs) >= kRemoteCallsMax) {
    failure_ = Outcome::failed_with(
        "too_many_remote_calls",
        "A task makes at most " + std::to_string(kRemoteCallsMax) + " remote calls", false);
  }
  return !failure_ && has_room(remote_.provider.size() + kMemoBytes);
}

inline runledger_status DurableRun::intend(runledger_remote_job& job) {
  remote_key_.clear();
  if (dies(Crash::kBeforeItIsIntended)) return die();
  // Without a key nothing is handed over: the task has ended meanwhile, or ends now.
  if (task_.stop || task_.cut_off || !may_intend()) return RUNLEDGER_STOPPED;
  const std::scoped_lock lock(task_.mutex);
  auto& open = task_.open_job;
  if (!open) {
    const auto ordinal = 1 + std::count_if(task_.memos.begin(), task_.memos.end(),
                                           [](const auto& memo) { return memo.kind == "remote"; });
    open.emplace();
    open->idempotency_key = task_.task_id + "-0-" + std::to_string(ordinal);
  }
  open->provider = remote_.provider;
  if (!open->resource && !remote_.resource_name.empty()) {
    open->resource = Placeholder{new_resource_id(task_), remote_.resource_name,
                                 remote_.resource_media_type, "pending", ""};
  }
  open->status = TaskRecord::OpenJob::Status::kIntended;
  open->lost_execute_id.reset();
  open->may_be_handed_over = false;
  pending_remote_.reset();
  if (dies(Crash::kAfterItIsIntended)) return die();
  open->may_be_handed_over = true;
  remote_key_ = open->idempotency_key;
  job.idempotency_key = kept(remote_key_);
  return RUNLEDGER_NOT_DONE;
}

inline runledger_status DurableRun::remote_not_found(runledger_remote_job& job) {
  const auto status = job_not_begun();
  return status == RUNLEDGER_OK ? intend(job) : status;
}

inline runledger_status DurableRun::remote_submitted(const std::string& execute_id, bool found,
                                                     runledger_remote_job& job) {
  const auto status = job_not_begun();
  if (status != RUNLEDGER_OK) return status;
  if (!is_execute_id(execute_id)) {
    return refuse(RUNLEDGER_INVALID, "Expected the execute_id to have from 1 to " +
                                         std::to_string(kExecuteIdBytesMax) +
                                         " bytes and no control characters");
  }
  const std::scoped_lock lock(task_.mutex);
  const bool lost = dies(Crash::kBeforeItIsRecorded) || task_.cut_off;
  task_.submissions.push_back({remote_.provider, remote_key_, execute_id, found, !lost});
  if (lost) {
    task_.open_job->lost_execute_id = execute_id;
    return task_.cut_off ? RUNLEDGER_STOPPED : die();
  }
  job.resource_id = kept(submit(task_, execute_id));
  if (dies(Crash::kAfterItIsRecorded)) return die();
  job.idempotency_key = kept(std::exchange(remote_key_, {}));
  job.execute_id = kept(execute_id);
  pending_remote_.reset();
  open_.reset();
  ++finished_;
  return RUNLEDGER_OK;
}

// The call stays open: what follows is the end of the attempt, or the same call again.
inline runledger_status DurableRun::remote_failed() {
  const auto status = job_not_begun();
  if (status != RUNLEDGER_OK) return status;
  if (task_.cut_off) return RUNLEDGER_STOPPED;
  task_.open_job->status = TaskRecord::OpenJob::Status::kFailed;
  pending_remote_.reset();
  remote_key_.clear();
  return RUNLEDGER_OK;
}

inline runledger_status DurableRun::remote_unknown(std::string message) {
  const auto status = job_not_begun();
  if (status != RUNLEDGER_OK) return status;
  Wait wait{"remote", remote_.provider};
  wait.doubt = std::move(message);
  return suspend(std::move(wait));
}

}  // namespace runledger::testing::detail

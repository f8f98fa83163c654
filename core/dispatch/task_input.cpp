#include "core/dispatch/task_input.h"

namespace runledger::core {

protocol::LeasedTask leased_task(const LeasesGranted::Grant& grant) {
  protocol::LeasedTask task{grant.run_id,    grant.task_id,    grant.lease_id,    grant.attempt,
                            grant.task_type, grant.input.text, grant.session.text};
  for (const Memo& memo : grant.memos) {
    task.memos.push_back({std::string(to_text(memo.kind)), memo.name, memo.result.text});
  }
  if (!grant.poll.empty()) task.pending_poll = protocol::PendingPoll{grant.poll, grant.waited_ms};
  if (grant.remote) {
    task.pending_remote =
        protocol::PendingRemote{grant.remote->provider, grant.remote->idempotency_key};
  }
  return task;
}

}  // namespace runledger::core

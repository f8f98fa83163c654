#include "core/dispatch/task_input.h"

namespace runledger::core {

protocol::LeasedTask leased_task(const LeasesGranted::Grant& grant) {
  return {grant.run_id,    grant.task_id,    grant.lease_id,    grant.attempt,
          grant.task_type, grant.input.text, grant.session.text};
}

}  // namespace runledger::core

// Videos made by a workflow of a Coze-like service. Its address is RUNLEDGER_COZE_URL in the
// plugin's environment (--plugin-env), its token the credential "coze".
#pragma once

#include <runledger/plugin.hpp>

namespace runledger::plugins::video {

// Hands the run of the workflow over once, waits until it has ended and stores what it has made.
json make_at_coze(TaskContext& task);
void cancel_at_coze(RemoteCancel& job);

}  // namespace runledger::plugins::video

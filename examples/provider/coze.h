// The asynchronous workflow runs of a Coze-like service. Errors are answered with a code in the
// body, as that service does, most of them with the status 200.
#pragma once

#include "examples/provider/state.h"

namespace runledger::provider {

inline constexpr int kCozeBadRequest = 4000;
inline constexpr int kCozeBusy = 4013;
inline constexpr int kCozeUnauthorized = 4100;
inline constexpr int kCozeNotFound = 4200;

Answer coze_error(int status, int code, const std::string& message);

// POST /v1/workflow/run. A workflow whose id has "video" in it makes the clip, others the picture.
Answer run_workflow(State& state, const Call& call);
// GET /v1/workflow/run?idempotency_key=
Answer find_run(State& state, const Call& call);
// GET /v1/workflows/{workflow}/run_histories/{subject}
Answer run_history(State& state, const Call& call);
// POST /v1/workflow/cancel
Answer cancel_run(State& state, const Call& call);

}  // namespace runledger::provider

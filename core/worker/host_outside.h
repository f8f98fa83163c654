// The calls of the host table that go to other people's servers: what the C functions do.
#pragma once

#include <runledger/plugin.h>

#include "core/worker/outside_link.h"

namespace runledger::core::worker {

// Any thread of the plugin. Texts of an answer live until the next call on the same thread.
runledger_status make_call(OutsideLink& link, const runledger_http_request* request,
                           runledger_http_answer* answer);
// What became of it is in `stored`; RUNLEDGER_OK when it is to be looked at.
runledger_status fetch_artifact(OutsideLink& link, runledger_text name, runledger_text media_type,
                                const runledger_http_request* request,
                                runledger_http_answer* answer, FetchedArtifact& fetched);

}  // namespace runledger::core::worker

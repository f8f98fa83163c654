// 202 with the run's id, its status and the offset: the answer of whatever changes a run.
#pragma once

#include "api/http/message.h"
#include "core/domain/decide.h"

namespace runledger::api {

Answer accepted_answer(const core::CommandReply& reply);
// The same of a new run; says when an idempotency key has given an earlier one.
Answer batch_answer(const core::CommandReply& reply);
Answer submitted_answer(const core::CommandReply& reply);

}  // namespace runledger::api

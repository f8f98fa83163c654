// A job that a provider has, as it is recorded of a task. Plain functions.
#pragma once

#include <optional>
#include <string>

#include "core/protocol/messages.h"

namespace runledger::core::worker {

struct RemoteMemo {
  std::string provider;
  std::string idempotency_key;
  std::string execute_id;
  std::string resource_id;  // that it is to become; empty: none
};

protocol::TaskMemo remote_memo(const RemoteMemo& job);
// Nothing: the memo is of another kind, or not one that the server has made.
std::optional<RemoteMemo> remote_in(const protocol::TaskMemo& memo);

}  // namespace runledger::core::worker

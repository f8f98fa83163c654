// What a worker is given for a task.
#pragma once

#include "core/domain/decide.h"
#include "core/protocol/messages.h"

namespace runledger::core {

protocol::LeasedTask leased_task(const LeasesGranted::Grant& grant);

}  // namespace runledger::core

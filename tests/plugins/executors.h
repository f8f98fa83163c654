// Executors for tests, in this process: what they do is a function that the test gives.
#pragma once

#include <functional>
#include <map>
#include <runledger/plugin.hpp>
#include <string>

namespace runledger::core::worker::testing {

using Behaviour = std::function<runledger::json(runledger::TaskContext&)>;

// What executors of the task type `name` do from now on. Before any task of it runs.
void set_behaviour(const std::string& name, Behaviour behaviour);

// How they cancel jobs from now on; nothing: they decline.
using Cancel = std::function<void(runledger::RemoteCancel&)>;
void set_cancel(Cancel cancel);

// A plugin whose executors behave as was set for the task's type.
const runledger_plugin* scripted_plugin();
// One that cannot even make an executor.
const runledger_plugin* unmakable_plugin();
// What a test puts into the C table itself.
runledger_plugin raw_plugin(runledger_status (*execute)(void*, const runledger_host*));

}  // namespace runledger::core::worker::testing

// A task type that does nothing: what is left is what a task costs by itself.
#include <runledger/plugin.hpp>

namespace {

constexpr std::string_view kManifest = R"json({
  "name": "noop", "version": "1.0.0",
  "task_types": [{"name": "noop", "description": "Does nothing.",
                  "input_schema": {"type": "object"}, "output_schema": {"type": "object"}}]
})json";

class Noop : public runledger::Executor {
  runledger::json execute(runledger::TaskContext&) override { return runledger::json::object(); }
};

}  // namespace

RUNLEDGER_PLUGIN(Noop, kManifest)

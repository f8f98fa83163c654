#include "tests/plugins/executors.h"

#include <mutex>

namespace runledger::core::worker::testing {
namespace {

std::mutex mutex;
std::map<std::string, Behaviour> behaviours;
Cancel canceling;

class Scripted : public Executor {
 public:
  json execute(TaskContext& task) override {
    Behaviour behaviour;
    {
      const std::scoped_lock lock(mutex);
      behaviour = behaviours.at(std::string(task.task_type()));
    }
    return behaviour(task);
  }
  void cancel_remote(RemoteCancel& job) override {
    Cancel cancel;
    {
      const std::scoped_lock lock(mutex);
      cancel = canceling;
    }
    cancel ? cancel(job) : job.decline();
  }
};

class Unmakable : public Executor {
 public:
  Unmakable() { throw std::runtime_error("there is no font"); }
  json execute(TaskContext&) override { return {}; }
};

}  // namespace

void set_behaviour(const std::string& name, Behaviour behaviour) {
  const std::scoped_lock lock(mutex);
  behaviours[name] = std::move(behaviour);
}

void set_cancel(Cancel cancel) {
  const std::scoped_lock lock(mutex);
  canceling = std::move(cancel);
}

const runledger_plugin* scripted_plugin() {
  static constexpr runledger_plugin kPlugin = describe_plugin<Scripted>("{}");
  return &kPlugin;
}

const runledger_plugin* unmakable_plugin() {
  static constexpr runledger_plugin kPlugin = describe_plugin<Unmakable>("{}");
  return &kPlugin;
}

runledger_plugin raw_plugin(runledger_status (*execute)(void*, const runledger_host*)) {
  runledger_plugin plugin = *scripted_plugin();
  plugin.execute = execute;
  return plugin;
}

}  // namespace runledger::core::worker::testing

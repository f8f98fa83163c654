// Testing a plugin with GoogleTest, without a server and without waiting: PluginTest runs tasks of
// it in a FakeHost. plugins/README.md shows one; `runledger plugin new` writes one.
//
// With CMake, runledger_add_plugin_test(name PLUGIN plugin SOURCES ...) says which library is
// tested. Otherwise define RUNLEDGER_TEST_PLUGIN as its path, or override plugin().
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <runledger/testing/fake_host.hpp>
#include <set>
#include <stdexcept>

namespace runledger::testing {

// Loads a plugin for good. Throws std::runtime_error when it is none that this SDK speaks with.
inline const runledger_plugin& load_plugin(const std::string& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  const void* symbol = ::dlsym(library, RUNLEDGER_PLUGIN_SYMBOL);
  if (symbol == nullptr) {
    throw std::runtime_error(file + " does not export " RUNLEDGER_PLUGIN_SYMBOL);
  }
  const auto& plugin = *static_cast<const runledger_plugin*>(symbol);
  if (plugin.magic != RUNLEDGER_PLUGIN_MAGIC || plugin.abi != RUNLEDGER_PLUGIN_ABI) {
    throw std::runtime_error(file + " is built for plugin ABI " + std::to_string(plugin.abi) +
                             ", this test speaks " + std::to_string(RUNLEDGER_PLUGIN_ABI));
  }
  return plugin;
}

class PluginTest : public ::testing::Test {
 protected:
  virtual const runledger_plugin& plugin() {
#ifdef RUNLEDGER_TEST_PLUGIN
    return load_plugin(RUNLEDGER_TEST_PLUGIN);
#else
    throw std::logic_error("Expected RUNLEDGER_TEST_PLUGIN to be defined, or plugin() overridden");
#endif
  }

  Outcome run(std::string_view task_type, const json& input) {
    return host.run(plugin(), task_type, input);
  }
  Outcome go_on() {
    return host.go_on(plugin());
  }

  json manifest() {
    const runledger_text text = plugin().manifest;
    return json::parse(std::string_view(text.data, text.size));
  }

  // Every example of the manifest succeeds. Reviews without an answer are approved.
  void run_examples() {
    host.approve_reviews();
    std::size_t examples = 0;
    const json all = manifest();
    for (const json& type : all.at("task_types")) {
      for (const json& example : type.value("examples", json::array())) {
        const Outcome outcome = run(type.at("name").get<std::string>(), example);
        EXPECT_TRUE(outcome.succeeded()) << example.dump() << " " << outcome;
        ++examples;
      }
    }
    EXPECT_GT(examples, 0U) << "The manifest has no examples";
  }

  // However often and wherever its process dies, the task makes the same durable calls and, when
  // their results are the same, comes to the same outcome; and no job is handed over twice. Reviews
  // are approved; an operator who looks for the job finds what was handed over. Names of a task,
  // such as a provider makes of a job's key, may differ.
  void expect_survives_crashes(std::string_view task_type, const json& input) {
    host.approve_reviews();
    host.resolve_crashed_remotes();
    const Outcome whole = run(task_type, input);
    const std::string task_id = host.task_id();
    const auto calls = host.durable_calls();
    for (std::size_t call = 1; call <= calls.size(); ++call) {
      for (const Crash side : sides_of(calls[call - 1])) {
        host.crash_at(call, side);
        const Outcome outcome = run(task_type, input);
        const std::string place = "crash at call " + std::to_string(call) + ", " + name_of(side);
        EXPECT_EQ(names_of(host.durable_calls()), names_of(calls)) << place;
        EXPECT_EQ(outcome.succeeded(), whole.succeeded()) << place << ": " << outcome;
        EXPECT_EQ(outcome.failure_code(), whole.failure_code()) << place;
        expect_no_job_handed_over_twice(place);
        const auto was = [&](const json& value) {
          return without_id(value, task_id);
        };
        const auto is = [&](const json& value) {
          return without_id(value, host.task_id());
        };
        if (is(results_of(host.durable_calls())) != was(results_of(calls))) continue;
        EXPECT_EQ(is(outcome.output()), was(whole.output())) << place;
      }
    }
  }

  FakeHost host;

 private:
  static std::vector<Crash> sides_of(const Memo& call) {
    std::vector<Crash> sides{Crash::kBeforeItIsRecorded, Crash::kAfterItIsRecorded};
    if (call.kind != "remote") return sides;
    sides.push_back(Crash::kBeforeItIsIntended);
    sides.push_back(Crash::kAfterItIsIntended);
    return sides;
  }
  static std::string name_of(Crash side) {
    switch (side) {
      case Crash::kBeforeItIsRecorded:
        return "before it is recorded";
      case Crash::kAfterItIsRecorded:
        return "after it is recorded";
      case Crash::kBeforeItIsIntended:
        return "before it is intended";
      case Crash::kAfterItIsIntended:
        return "after it is intended";
    }
    return "";
  }
  void expect_no_job_handed_over_twice(const std::string& place) {
    std::set<std::string> keys;
    for (const Submission& job : host.submissions()) {
      if (job.found) continue;
      EXPECT_TRUE(keys.insert(job.idempotency_key).second)
          << place << ": " << job.provider << " was given a job twice, as " << job.execute_id
          << " the second time";
    }
  }
  // Two tasks have two ids.
  static std::string without_id(const json& value, const std::string& task_id) {
    std::string text = value.dump();
    for (std::size_t at = 0; (at = text.find(task_id, at)) != std::string::npos;) {
      text.replace(at, task_id.size(), "task");
    }
    return text;
  }
  static json results_of(const std::vector<Memo>& calls) {
    json results = json::array();
    for (const Memo& call : calls) results.push_back({call.kind, call.name, call.result});
    return results;
  }
  static std::vector<std::string> names_of(const std::vector<Memo>& calls) {
    std::vector<std::string> names;
    for (const Memo& call : calls) names.push_back(call.kind + " " + call.name);
    return names;
  }
};

}  // namespace runledger::testing

// Testing a plugin with GoogleTest, without a server and without waiting: PluginTest runs tasks of
// it in a FakeHost. plugins/README.md shows one; `runledger plugin new` writes one.
//
// With CMake, runledger_add_plugin_test(name PLUGIN plugin SOURCES ...) says which library is
// tested. Otherwise define RUNLEDGER_TEST_PLUGIN as its path, or override plugin().
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <runledger/testing/fake_host.hpp>
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
  // their results are the same, comes to the same outcome. Reviews are approved.
  void expect_survives_crashes(std::string_view task_type, const json& input) {
    host.approve_reviews();
    const Outcome whole = run(task_type, input);
    const auto calls = host.durable_calls();
    for (std::size_t call = 1; call <= calls.size(); ++call) {
      for (const Crash side : {Crash::kBeforeItIsRecorded, Crash::kAfterItIsRecorded}) {
        host.crash_at(call, side);
        const Outcome outcome = run(task_type, input);
        const bool same_results = host.durable_calls() == calls;
        EXPECT_EQ(names_of(host.durable_calls()), names_of(calls)) << "crash at call " << call;
        EXPECT_EQ(outcome.succeeded(), whole.succeeded()) << outcome;
        EXPECT_EQ(outcome.failure_code(), whole.failure_code()) << "crash at call " << call;
        if (!same_results) continue;
        EXPECT_EQ(outcome.output(), whole.output()) << "crash at call " << call;
      }
    }
  }

  FakeHost host;

 private:
  static std::vector<std::string> names_of(const std::vector<Memo>& calls) {
    std::vector<std::string> names;
    for (const Memo& call : calls) names.push_back(call.kind + " " + call.name);
    return names;
  }
};

}  // namespace runledger::testing

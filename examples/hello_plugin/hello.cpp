// A whole plugin: greets somebody as often as it is asked to. plugins/README.md walks through it.
#include <runledger/plugin.hpp>

namespace {

using runledger::json;

constexpr std::string_view kManifest = R"json({
  "name": "hello",
  "version": "1.0.0",
  "task_types": [{
    "name": "hello",
    "description": "Greets somebody.",
    "input_schema": {
      "type": "object",
      "required": ["who"],
      "properties": {
        "who": {"type": "string", "minLength": 1},
        "times": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1}
      }
    },
    "output_schema": {"type": "object", "required": ["greetings"]},
    "examples": [{"who": "world", "times": 3}]
  }]
})json";

class Hello : public runledger::Executor {
  json execute(runledger::TaskContext& task) override {
    const auto who = task.input().at("who").get<std::string>();
    const int times = task.input().value("times", 1);
    if (who == "nobody")
      throw runledger::Failure("nobody_there", "There is nobody to greet", false);
    for (int done = 1; done <= times; ++done) {
      task.throw_if_stopped();
      task.emit("hello.greeted", {{"who", who}, {"number", done}});
      task.progress(100.0 * done / times, "greeted " + who);
    }
    return {{"greetings", times}};
  }
};

}  // namespace

RUNLEDGER_PLUGIN(Hello, kManifest)

// Durable calls: drafts a notice, lets it rest, waits for a sign, asks a person, stores it. Kill
// the server or the worker at any moment: what is finished is not done again.
#include <chrono>
#include <filesystem>
#include <runledger/plugin.hpp>

namespace {

using namespace std::chrono_literals;
using runledger::Failure;
using runledger::json;
using runledger::TaskContext;
using runledger::Verdict;

constexpr std::string_view kManifest = R"json({
  "name": "notice",
  "version": "1.0.0",
  "task_types": [{
    "name": "notice",
    "description": "Writes a notice that a person has approved.",
    "input_schema": {
      "type": "object",
      "required": ["title"],
      "properties": {
        "title": {"type": "string", "minLength": 1},
        "rest_ms": {"type": "integer", "minimum": 0, "default": 100},
        "go_file": {"type": "string", "default": "/"}
      }
    },
    "output_schema": {"type": "object", "required": ["resource_id"]},
    "examples": [{"title": "The lift is out of order"}]
  }]
})json";

json draft_of(const std::string& title, const std::string& feedback) {
  if (title == "?") throw Failure("no_title", "There is nothing to say", false);
  return {{"title", title}, {"text", feedback.empty() ? "Take notice." : feedback}};
}

class Notice : public runledger::Executor {
 public:
  json execute(TaskContext& task) override {
    const auto title = task.input().at("title").get<std::string>();
    json draft = task.step("draft", [&] { return draft_of(title, ""); });

    task.sleep("rest", std::chrono::milliseconds(task.input().value("rest_ms", 100)));

    const auto go_file = task.input().value("go_file", "/");
    task.poll("go", {.every = 1s, .timeout = 20min, .factor = 2, .every_max = 1min},
              [&]() -> std::optional<json> {
                if (!std::filesystem::exists(go_file)) return std::nullopt;
                return json(go_file);
              });

    for (;;) {
      const Verdict verdict = task.review({.name = "notice",
                                           .body = draft,
                                           .validation = {{"words", 2}},
                                           .schema = json{{"required", {"title", "text"}}}});
      if (verdict.approved) return store(task, verdict);
      draft = task.step("revise", [&] { return draft_of(title, verdict.feedback); });
    }
  }

 private:
  static json store(TaskContext& task, const Verdict& verdict) {
    task.log("info", "approved by " + verdict.by);
    const std::string text = verdict.body.dump();
    const auto stored =
        task.artifact({"notice.json", "application/json"}, std::as_bytes(std::span(text)));
    return {{"resource_id", stored.resource_id}, {"approved_by", verdict.by}};
  }
};

}  // namespace

RUNLEDGER_PLUGIN(Notice, kManifest)

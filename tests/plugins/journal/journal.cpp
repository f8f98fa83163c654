// A plugin that makes the durable calls that its input names, and leaves a line in a file for all
// that it does: a test can see what was done how often.
//   {"file": PATH, "calls": ["step:NAME", "sleep:MS", "poll:LOOKS", "review:NAME", "work:MS",
//    "store:TEXT", "read:RESOURCE_ID", …]}
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <fstream>
#include <runledger/plugin.hpp>

namespace {

using namespace std::chrono_literals;
using runledger::json;
using runledger::TaskContext;

constexpr std::string_view kManifest = R"json({
  "name": "journal",
  "version": "1.0.0",
  "task_types": [{
    "name": "journal",
    "description": "Makes durable calls and keeps a journal of them.",
    "input_schema": {
      "type": "object",
      "required": ["file", "calls"],
      "properties": {
        "file": {"type": "string"},
        "calls": {"type": "array", "items": {"type": "string"}},
        "every_ms": {"type": "integer", "minimum": 1, "default": 20},
        "forgetful": {"type": "boolean", "default": false}
      }
    },
    "output_schema": {"type": "object", "required": ["results"]}
  }]
})json";

class Journal : public runledger::Executor {
 public:
  json execute(TaskContext& task) override {
    file_ = task.input().at("file").get<std::string>();
    every_ = std::chrono::milliseconds(task.input().value("every_ms", 20));
    task_id_ = task.task_id();
    json results = json::array();
    for (const json& call : task.input().at("calls")) {
      const auto text = call.get<std::string>();
      const auto colon = text.find(':');
      results.push_back(make(task, text.substr(0, colon), text.substr(colon + 1)));
    }
    return {{"results", std::move(results)}};
  }

 private:
  json make(TaskContext& task, const std::string& kind, const std::string& what) {
    if (kind == "step") {
      // Called again, it has forgotten what it was.
      const bool forgotten = task.input().value("forgetful", false) && lines_of(what) > 0;
      return task.step(forgotten ? what + "-again" : what, [&] { return write_line(what); });
    }
    if (kind == "work") return work(task, std::chrono::milliseconds(std::stoi(what)));
    if (kind == "sleep") {
      task.sleep("pause", std::chrono::milliseconds(std::stoi(what)));
      return nullptr;
    }
    if (kind == "poll") {
      return task.poll("look", {.every = every_, .timeout = 10min}, [&]() -> std::optional<json> {
        write_line("look");
        const auto looks = lines_of("look");
        if (looks < std::stoul(what)) return std::nullopt;
        return json(looks);
      });
    }
    if (kind == "store") {
      return task.artifact({"note.txt", "text/plain"}, std::as_bytes(std::span(what))).resource_id;
    }
    if (kind == "read") {
      const auto content = task.resource(what);
      return {{"media_type", content.media_type},
              {"text", std::string(reinterpret_cast<const char*>(content.bytes.data()),
                                   content.bytes.size())}};
    }
    const runledger::Verdict verdict =
        task.review({.name = what,
                     .body = {{"draft", what}},
                     .validation = {{"complete", true}},
                     .schema = json{{"type", "object"}, {"required", {"draft"}}}});
    return {{"approved", verdict.approved},
            {"body", verdict.body},
            {"corrected", verdict.corrected},
            {"feedback", verdict.feedback},
            {"by", verdict.by}};
  }

  // No durable call: it keeps its process for so long.
  json work(TaskContext& task, std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    const std::string doing = write_line("work");
    while (std::chrono::steady_clock::now() < until) {
      task.throw_if_stopped();
      constexpr int kLookEveryMs = 5;
      poll(nullptr, 0, kLookEveryMs);
    }
    return doing;
  }

  // "TASK WHAT PID-NUMBER": the last word names this very doing, and is what it gives.
  std::string write_line(const std::string& what) {
    static int number = 0;
    const std::string doing = std::to_string(getpid()) + "-" + std::to_string(++number);
    const std::string line = task_id_ + " " + what + " " + doing + "\n";
    const int file = open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const bool written = write(file, line.data(), line.size()) == std::ssize(line);
    close(file);
    if (!written) throw runledger::Failure("no_journal", "The journal cannot be written", false);
    return doing;
  }

  std::size_t lines_of(const std::string& what) const {
    std::ifstream in(file_);
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) {
      count += line.starts_with(task_id_ + " " + what + " ") ? 1 : 0;
    }
    return count;
  }

  std::string file_;
  std::string task_id_;
  std::chrono::milliseconds every_{};
};

}  // namespace

RUNLEDGER_PLUGIN(Journal, kManifest)

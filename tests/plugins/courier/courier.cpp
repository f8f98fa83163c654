// A plugin that hands parcels to a courier who is a file, one line for each parcel: a test can see
// how often. It hangs once at the moment that its input names, for the test to kill it there.
//   {"dir": DIR, "find": true, "hang": "before" | "between" | "submitted" | "after",
//    "unknown": true, "refused": true, "find_fails": true, "enclose": RESOURCE,
//    "then": "poll" | "wait" | "artifact"}
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <runledger/plugin.hpp>

namespace {

using namespace std::chrono_literals;
using runledger::json;
using runledger::RemoteCall;
using runledger::TaskContext;

constexpr std::string_view kManifest = R"json({
  "name": "courier",
  "version": "1.0.0",
  "task_types": [{
    "name": "courier",
    "description": "Hands over a parcel.",
    "input_schema": {"type": "object", "required": ["dir"]},
    "output_schema": {"type": "object", "required": ["execute_id"]}
  }]
})json";

void append_line(const std::string& path, const std::string& line) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool written = write(file, line.data(), line.size()) == std::ssize(line);
  close(file);
  if (!written) throw std::runtime_error(path + " cannot be written");
}

class Courier : public runledger::Executor {
 public:
  json execute(TaskContext& task) override {
    dir_ = task.input().at("dir").get<std::string>();
    hang(task, "before");
    if (task.input().contains("enclose")) {
      const auto content = task.resource(task.input().at("enclose").get<std::string>());
      task.emit("enclosed", {content.media_type, content.bytes.size()});
    }
    runledger::RemoteOptions options{
        .provider = "courier", .resource = {{.name = "parcel.txt", .media_type = "text/plain"}}};
    if (task.input().value("find", false)) {
      options.find = [&](std::string_view key) {
        if (!task.input().value("find_fails", false)) return parcel_of(key);
        throw runledger::Failure("no_answer", "The courier says nothing", true);
      };
    }
    const auto job = task.remote(options, [&](RemoteCall& call) {
      hang(task, "between");
      if (task.input().value("refused", false) && task.attempt() == 1) {
        throw runledger::Failure("no_courier", "Nobody comes today", true);
      }
      const std::string id = hand_over(call.idempotency_key());
      if (task.input().value("unknown", false)) {
        throw runledger::OutcomeUnknown("The courier did not answer");
      }
      hang(task, "submitted");
      return id;
    });
    hang(task, "after");
    go_on(task);
    return {{"execute_id", job.execute_id()}, {"resource_id", job.resource_id()}};
  }

  void cancel_remote(runledger::RemoteCancel& job) override {
    append_line(job.input().at("dir").get<std::string>() + "/canceled",
                std::string(job.execute_id()) + "\n");
  }

 private:
  void go_on(TaskContext& task) {
    const std::string then = task.input().value("then", "artifact");
    if (then == "poll") {
      task.poll("delivered", {.every = 1h}, [] { return std::optional<json>(); });
    } else if (then == "wait") {
      task.emit("waiting", nullptr);
      for (;;) {
        task.throw_if_stopped();
        poll(nullptr, 0, 5);
      }
    }
    const std::string content = "here it is\n";
    task.artifact({"parcel.txt", "text/plain"}, std::as_bytes(std::span(content)));
  }

  void hang(TaskContext& task, const std::string& moment) const {
    if (task.input().value("hang", "") != moment) return;
    const std::string marker = dir_ + "/hung";
    const int file = open(marker.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return;  // it has been here
    close(file);
    task.emit("hanging", moment);
    for (;;) pause();
  }

  std::string hand_over(const std::string& key) const {
    const std::string id = "parcel-" + std::to_string(getpid());
    append_line(dir_ + "/parcels", key + " " + id + "\n");
    return id;
  }

  std::optional<std::string> parcel_of(std::string_view key) const {
    std::ifstream in(dir_ + "/parcels");
    for (std::string known, id; in >> known >> id;) {
      if (known == key) return id;
    }
    return std::nullopt;
  }

  std::string dir_;
};

}  // namespace

RUNLEDGER_PLUGIN(Courier, kManifest)

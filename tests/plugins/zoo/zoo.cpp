// A plugin that misbehaves as its input says: {"do": "segfault"}. With a definition it does so when
// it is loaded.
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <runledger/plugin.hpp>
#include <thread>
#include <vector>

#include "forgery.h"

#ifndef ZOO_NAME
#define ZOO_NAME "zoo"
#endif
#ifndef ZOO_PROCESSES
#define ZOO_PROCESSES "false"
#endif

namespace {

using runledger::json;
using runledger::TaskContext;

volatile char* nowhere() {
  volatile char* volatile pointer = nullptr;
  return pointer;
}

#ifdef ZOO_AT_LOAD
[[gnu::constructor]] void at_load() {
  ZOO_AT_LOAD;
}
#endif

json segfault(TaskContext& task) {
  task.log("info", "about to write to nowhere");
  std::fprintf(stderr, "the zoo says goodbye\n");
  *nowhere() = 1;
  return {};
}

json allocate_for_ever(TaskContext&) {
  std::vector<std::vector<char>> all;
  for (;;) all.emplace_back(64 << 20);
}

// Not through the allocator: the kernel refuses, and what is written there is nowhere.
json map_for_ever(TaskContext&) {
  constexpr std::size_t kBytes = 64 << 20;
  for (;;) {
    void* more = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *static_cast<volatile char*>(more) = 1;
  }
}

volatile int depth_max = 1 << 30;  // never reached

int deeper(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return depth == depth_max ? 0 : deeper(depth + 1) + frame[0];
}

json overflow(TaskContext&) {
  return {{"depth", deeper(0)}};
}

json close_everything(TaskContext& task) {
  for (int fd = 0; fd < 4096; ++fd) close(fd);
  task.progress(50);
  return json::object();
}

json scribble(TaskContext&) {
  std::vector<char*> blocks;
  for (int i = 0; i < 100; ++i) blocks.push_back(static_cast<char*>(std::malloc(64)));
  for (char* block : blocks) {
    volatile char* bytes = block;
    for (int i = -64; i < 512; ++i) bytes[i] = 'x';
  }
  for (char* block : blocks) std::free(block);
  return json::object();
}

// Ends by itself at a number that is far beyond what is allowed, should nobody else end it.
json fork_bomb(TaskContext&) {
  constexpr int kForksMax = 2000;
  auto* forks =
      static_cast<std::atomic<int>*>(mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                                          MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  while (forks->fetch_add(1) < kForksMax) {
    if (fork() < 0 && errno == EPERM) return {{"fork", "EPERM"}};
  }
  for (;;) pause();
}

json run_program(TaskContext&) {
  const pid_t child = fork();
  if (child < 0) return {{"fork", std::strerror(errno)}};
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "exit 7", nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {{"exit", WEXITSTATUS(status)}};
}

// A child that outlives its executor, were it let.
json leave_child(TaskContext& task) {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  task.emit("child", child);
  task.throw_if_stopped();
  *nowhere() = 1;
  return {};
}

json flood_stdout(TaskContext&) {
  const std::string block(64 << 10, 'x');
  for (int i = 0; i < 4096; ++i) std::fwrite(block.data(), 1, block.size(), stdout);
  for (int i = 0; i < 100'000; ++i) std::fprintf(stderr, "line %d\n", i);
  return json::object();
}

// Only its parent for good: were it let, the others would be everybody.
json kill_parent(TaskContext& task) {
  const auto tried = [](pid_t whom, int signal) {
    return kill(whom, signal) == 0 ? "done" : std::strerror(errno);
  };
  const pid_t parent = getppid();
  json said = {{"group", tried(-parent, 0)}, {"everybody", tried(-1, 0)}, {"first", tried(1, 0)}};
  said["parent"] = parent > 1 ? tried(parent, SIGKILL) : "it has none";
  task.emit("kill", said);
  return said;
}

// An outcome of its own before the real one.
json speak_twice(TaskContext&) {
  zoo::send_frame(22, zoo::report(R"("kind":"succeeded","output":{"forged":true})"));
  return {{"real", true}, {"pid", getpid()}};
}

// A log line that a file comes along with.
json leave_file(TaskContext&) {
  const int file = memfd_create("left", MFD_ALLOW_SEALING);
  [[maybe_unused]] const auto put = write(file, "EVIL", 4);
  fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  zoo::send_frame(19, zoo::report(R"("kind":"log","level":"info","text":"look")"), file);
  close(file);
  return {{"pid", getpid()}};
}

// A resource that it has not uploaded, as if it were only to be reported.
json forge_resource(TaskContext&) {
  zoo::send_frame(19, zoo::report(R"("kind":"resource","name":"a","media_type":"b/c","sha256":")" +
                                  std::string(64, 'a') + R"(","size":1)"));
  return json::object();
}

// Signals that the kernel would send for it; limits and priorities of others.
json reach_others(TaskContext&) {
  const auto said = [](long result) {
    return result == 0 ? "done" : std::strerror(errno);
  };
  const int socket = zoo::worker_socket();
  const pid_t parent = getppid();
  int owner = parent;
  const rlimit none{0, 0};
  return {{"owner", said(fcntl(socket, F_SETOWN, parent))},
          {"signal", said(fcntl(socket, F_SETSIG, SIGKILL))},
          {"ioctl", said(ioctl(socket, FIOSETOWN, &owner))},
          {"limit", said(prlimit(parent, RLIMIT_NOFILE, &none, nullptr))},
          {"priority", said(setpriority(PRIO_PROCESS, static_cast<id_t>(parent), 19))}};
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

json look_for_token(TaskContext&) {
  std::string everything;
  for (char** each = environ; *each != nullptr; ++each) everything += std::string(*each) + "\n";
  const std::string parent = "/proc/" + std::to_string(getppid());
  everything += content_of(parent + "/environ");
  std::ifstream memory(parent + "/mem");
  return {{"found", everything.find("RUNLEDGER_TOKEN") != std::string::npos},
          {"memory", memory.is_open()},
          {"path", std::getenv("PATH") != nullptr}};
}

json spin(TaskContext& task) {
  task.log("info", "begun");
  for (volatile int forever = 1; forever != 0;) {
  }
  return json::object();
}

// As spin, but it stops.
json wait_for_stop(TaskContext& task) {
  task.log("info", "begun");
  for (;;) {
    task.throw_if_stopped();
    std::this_thread::yield();
  }
}

json leave_thread(TaskContext&) {
  std::thread([] {
    for (;;) pause();
  }).detach();
  return {{"pid", getpid()}};
}

// Another durable call in each process.
json wander(TaskContext& task) {
  return {{"done", task.step("step of " + std::to_string(getpid()), [] { return true; })}};
}

// Does not look up for a while.
json be_deaf(TaskContext&) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::milliseconds(400);
  while (Clock::now() < until) std::this_thread::yield();
  return json::object();
}

json be_good(TaskContext& task) {
  const std::string content = "content of " + task.input().value("name", "nobody");
  const auto artifact =
      task.artifact({"good.txt", "text/plain"}, std::as_bytes(std::span(content)));
  return {{"resource_id", artifact.resource_id}, {"pid", getpid()}};
}

using Deed = json (*)(TaskContext&);
const std::map<std::string, Deed> kDeeds = {{"segfault", segfault},
                                            {"abort",
                                             [](TaskContext&) -> json {
                                               std::abort();
                                             }},
                                            {"exit",
                                             [](TaskContext&) -> json {
                                               std::exit(3);
                                             }},
                                            {"spin", spin},
                                            {"wait_for_stop", wait_for_stop},
                                            {"allocate", allocate_for_ever},
                                            {"map", map_for_ever},
                                            {"overflow", overflow},
                                            {"throw",
                                             [](TaskContext&) -> json {
                                               throw 42;
                                             }},
                                            {"terminate",
                                             [](TaskContext&) -> json {
                                               std::thread([] { throw 42; }).join();
                                               return {};
                                             }},
                                            {"close", close_everything},
                                            {"scribble", scribble},
                                            {"fork", fork_bomb},
                                            {"program", run_program},
                                            {"leave_child", leave_child},
                                            {"leave_thread", leave_thread},
                                            {"flood", flood_stdout},
                                            {"large",
                                             [](TaskContext&) -> json {
                                               return {{"text", std::string(100 << 20, 'x')}};
                                             }},
                                            {"kill_parent", kill_parent},
                                            {"speak_twice", speak_twice},
                                            {"leave_file", leave_file},
                                            {"forge_resource", forge_resource},
                                            {"reach_others", reach_others},
                                            {"token", look_for_token},
                                            {"nothing",
                                             [](TaskContext&) -> json {
                                               return json::object();
                                             }},
                                            {"wander", wander},
                                            {"deaf", be_deaf},
                                            {"wrong",
                                             [](TaskContext&) -> json {
                                               return {{"depth", "deep"}};
                                             }},
                                            {"good", be_good}};

class Zoo : public runledger::Executor {
 public:
  json execute(TaskContext& task) override {
    return kDeeds.at(task.input().value("do", "good"))(task);
  }
};

constexpr std::string_view kManifest =
    R"({"name": ")" ZOO_NAME R"(", "version": "1.0.0", "processes": )" ZOO_PROCESSES R"(,
        "task_types": [{"name": ")" ZOO_NAME R"(", "description": "Does what it should not.",
                        "input_schema": {"type": "object"},
                        "output_schema": {"properties": {"depth": {"type": "integer"}}}}]})";

}  // namespace

RUNLEDGER_PLUGIN(Zoo, kManifest)

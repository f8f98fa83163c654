// Tasks that do nothing, end to end: submitted over HTTP, leased, run by a plugin in a worker
// process, completed, each change durable before it is answered. Beside it the floor: one thread
// that appends 300 bytes and calls fdatasync. Prints JSON.
//   task_bench [--tasks N] [--clients N] [--workers N] [--batch N] [--later 1]
//              [-- arguments of `runledger serve`]
// With --batch N so many are submitted by one request. With --later 1 the runs start in the far
// future: the submissions alone.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <future>
#include <iostream>
#include <sstream>

#include "tests/e2e/server_process.h"

namespace runledger::bench {
namespace {

using e2e::HttpSession;
using e2e::Json;
using e2e::ServerProcess;
using SteadyClock = std::chrono::steady_clock;

constexpr int kFloorAppends = 500;

struct Settings {
  int tasks = 20'000;
  int clients = 16;
  int batch = 1;  // runs of one request
  bool later = false;
  ServerProcess::Options server;
};

Settings read_arguments(int argc, char** argv) {
  Settings settings;
  settings.server.workers = 2;
  settings.server.more = {"--plugins", RUNLEDGER_BENCH_PLUGINS};
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") {
      settings.server.more.insert(settings.server.more.end(), argv + i + 1, argv + argc);
      break;
    }
    if (i + 1 == argc) throw std::invalid_argument("expected a number after " + argument);
    const int number = std::stoi(argv[++i]);
    if (argument == "--tasks") settings.tasks = number;
    if (argument == "--clients") settings.clients = number;
    if (argument == "--batch") settings.batch = number;
    if (argument == "--later") settings.later = number != 0;
    if (argument == "--workers") settings.server.workers = number;
  }
  return settings;
}

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// Of a process and all below it, in seconds.
double cpu_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(in, text);
  std::istringstream rest(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  double user = 0;
  double system = 0;
  double dead_user = 0;  // of children that have ended
  double dead_system = 0;
  rest >> user >> system >> dead_user >> dead_system;
  double sum = user + system + dead_user + dead_system;
  sum /= static_cast<double>(sysconf(_SC_CLK_TCK));
  std::error_code gone;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(tasks, gone)) {
    std::ifstream children(thread.path() / "children");
    for (pid_t child = 0; children >> child;) sum += cpu_of(child);
  }
  return sum;
}

double floor_appends_per_second(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const std::string bytes(300, 'x');
  const auto start = SteadyClock::now();
  for (int i = 0; i < kFloorAppends; ++i) {
    if (write(descriptor, bytes.data(), bytes.size()) < 0 || fdatasync(descriptor) != 0) {
      throw std::runtime_error("cannot write to " + file.string());
    }
  }
  const double seconds = seconds_since(start);
  close(descriptor);
  return kFloorAppends / seconds;
}

std::string body_of(bool later) {
  if (!later) return R"({"task":"noop","input":{}})";
  const std::time_t when = std::time(nullptr) + 30 * 86'400;
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return R"({"task":"noop","input":{},"start_at":")" + std::string(text.data()) + R"("})";
}

std::string batch_of(int count, const std::string& body) {
  std::string text = R"({"runs":[)";
  for (int i = 0; i < count; ++i) text.append(i == 0 ? "" : ",").append(body);
  return text + "]}";
}

void submit(const ServerProcess& server, int count, int batch, const std::string& body) {
  HttpSession http = server.session();
  const std::string target = batch > 1 ? "/v1/runs:batch" : "/v1/runs";
  for (int done = 0; done < count;) {
    const int next = std::min(batch, count - done);
    const auto answer = http.post(target, batch > 1 ? batch_of(next, body) : body);
    if (answer.status == 202) {
      done += next;
    } else if (answer.status != 503) {
      throw std::runtime_error("expected 202, but got " + answer.body);
    }
  }
}

// The server answers when there is news of the run.
void wait_for_end(HttpSession& http, const std::string& run_id) {
  const std::string target = "/v1/runs/" + run_id + "/events?wait=30&from=";
  std::string from = "0";
  while (true) {
    const Json page = http.get(target + from).json();
    const std::string status = page["status"];
    if (status != "pending" && status != "running") return;
    from = std::to_string(page["next_offset"].get<std::uint64_t>());
  }
}

void wait_for_all(const ServerProcess& server) {
  HttpSession http = server.session();
  for (const char* status : {"pending", "running"}) {
    const std::string target = std::string("/v1/runs?limit=1&status=") + status;
    for (Json runs = http.get(target).json(); !runs["items"].empty();
         runs = http.get(target).json()) {
      wait_for_end(http, runs["items"][0]["run_id"]);
    }
  }
  if (!http.get("/v1/runs?limit=1&status=failed").json()["items"].empty()) {
    throw std::runtime_error("a run failed: " + server.log());
  }
}

int run(const Settings& settings) {
  ServerProcess server;
  server.start(settings.server);
  const double floor = floor_appends_per_second(server.directory() / "floor");
  const double cpu_before = cpu_of(server.pid());
  const auto start = SteadyClock::now();
  const std::string body = body_of(settings.later);
  std::vector<std::future<void>> clients;
  for (int i = 0; i < settings.clients; ++i) {
    const int share = settings.tasks / settings.clients + (i < settings.tasks % settings.clients);
    clients.push_back(std::async(std::launch::async,
                                 [&, share] { submit(server, share, settings.batch, body); }));
  }
  for (auto& client : clients) client.get();
  const double submitted_s = seconds_since(start);
  if (!settings.later) wait_for_all(server);
  const double ended_s = seconds_since(start);
  const double cpu = cpu_of(server.pid()) - cpu_before;
  const Json report = {{"tasks", settings.tasks},
                       {"clients", settings.clients},
                       {"runs_a_request", settings.batch},
                       {"workers", settings.server.workers},
                       {"submitted_per_second", settings.tasks / submitted_s},
                       {"ended_per_second", settings.tasks / ended_s},
                       {"cpu_us_per_task", cpu / settings.tasks * 1e6},
                       {"floor_fdatasync_per_second", floor},
                       {"ended_to_floor", settings.tasks / ended_s / floor}};
  std::cout << report.dump(2) << '\n';
  return 0;
}

}  // namespace
}  // namespace runledger::bench

int main(int argc, char** argv) {
  try {
    return runledger::bench::run(runledger::bench::read_arguments(argc, argv));
  } catch (const std::exception& problem) {
    std::cerr << "task_bench: " << problem.what() << '\n';
    return 1;
  }
}

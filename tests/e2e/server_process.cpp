#include "tests/e2e/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

extern char** environ;

namespace runledger::e2e {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(30);

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

pid_t spawn(std::vector<std::string> arguments, std::vector<std::string> environment,
            const std::filesystem::path& out, const std::filesystem::path& err) {
  for (char** each = environ; *each != nullptr; ++each) {
    if (!std::string_view(*each).starts_with("RUNLEDGER_")) environment.emplace_back(*each);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), flags, 0600);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, arguments[0].c_str(), &actions, nullptr,
                                 pointers(arguments).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + arguments[0]);
  return pid;
}

int wait_for_end(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

template <typename Condition>
void wait_until(const char* what, const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error(what);
    std::this_thread::yield();
  }
}

}  // namespace

std::string runledger_binary() {
  return RUNLEDGER_BINARY;
}

ServerProcess::~ServerProcess() {
  if (running()) kill_now();
}

void ServerProcess::start(const Options& options) {
  const auto out = directory() / ("out-" + std::to_string(++starts_));
  std::vector<std::string> arguments = {
      runledger_binary(), "serve",
      "--data",           data().string(),
      "--listen",         "127.0.0.1:" + std::to_string(options.port),
      "--workers",        std::to_string(options.workers)};
  arguments.insert(arguments.end(), options.more.begin(), options.more.end());
  pid_ = spawn(std::move(arguments), options.environment, out, directory() / "log");
  port_ = 0;
  wait_until("the server did not tell its address", [&] {
    if (waitpid(pid_, nullptr, WNOHANG) != 0) throw std::runtime_error("ended: " + log());
    const std::string text = content_of(out);
    const std::size_t colon = text.rfind(':');
    if (!text.ends_with('\n') || colon == std::string::npos) return false;
    port_ = static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)));
    return true;
  });
  if (!options.wait_until_ready || options.workers == 0) return;
  HttpSession probe(port_, "");
  wait_until("no worker has registered", [&] { return probe.get("/readyz").status == 200; });
}

void ServerProcess::halt() {
  kill(pid_, SIGSTOP);
  int status = 0;
  while (waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status)) {
  }
}

void ServerProcess::kill_now() {
  kill(pid_, SIGKILL);
  wait_for_end(pid_);
  pid_ = -1;
}

int ServerProcess::stop() {
  kill(pid_, SIGTERM);
  const int code = wait_for_end(pid_);
  pid_ = -1;
  return code;
}

int ServerProcess::join() {
  const int code = wait_for_end(pid_);
  pid_ = -1;
  return code;
}

std::vector<pid_t> ServerProcess::children() const {
  return children_of(pid_);
}

std::string ServerProcess::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::string ServerProcess::admin_token() const {
  std::string token = content_of(data() / "admin-token");
  while (token.ends_with('\n')) token.pop_back();
  return token;
}

std::string ServerProcess::log() const {
  return content_of(directory() / "log");
}

Finished ServerProcess::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {runledger_binary()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_command(command, {"RUNLEDGER_SERVER=" + url(), "RUNLEDGER_TOKEN=" + admin_token()},
                     directory());
}

BackgroundProcess::BackgroundProcess(std::vector<std::string> arguments,
                                     std::vector<std::string> environment,
                                     std::filesystem::path log)
    : pid_(spawn(std::move(arguments), std::move(environment), log, log)), log_(std::move(log)) {}

BackgroundProcess::~BackgroundProcess() {
  if (pid_ <= 0) return;
  signal(SIGKILL);
  join();
}

void BackgroundProcess::signal(int number) const {
  kill(pid_, number);
}

int BackgroundProcess::join() {
  const int code = wait_for_end(pid_);
  pid_ = -1;
  return code;
}

std::string BackgroundProcess::log() const {
  return content_of(log_);
}

Finished run_command(const std::vector<std::string>& arguments,
                     const std::vector<std::string>& environment,
                     const std::filesystem::path& scratch) {
  const auto out = scratch / "command-out";
  const auto err = scratch / "command-err";
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  const pid_t pid = spawn(arguments, environment, out, err);
  Finished finished;
  finished.exit_code = wait_for_end(pid);
  finished.out = content_of(out);
  finished.err = content_of(err);
  return finished;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  std::error_code gone;
  const std::filesystem::path tasks = "/proc/" + std::to_string(parent) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(tasks, gone)) {
    std::ifstream in(thread.path() / "children");
    for (pid_t child = 0; in >> child;) found.push_back(child);
  }
  return found;
}

}  // namespace runledger::e2e

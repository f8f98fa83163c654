// The real server as a child process: its own data directory, a free port of loopback, ended by its
// pid.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/core/temporary_directory.h"
#include "tests/e2e/http_session.h"

namespace runledger::e2e {

using Json = nlohmann::ordered_json;

// A finished command: what it printed and how it ended.
struct Finished {
  int exit_code = -1;
  std::string out;
  std::string err;
};

class ServerProcess {
 public:
  struct Options {
    int workers = 1;
    std::vector<std::string> more;
    bool wait_until_ready = true;  // a worker has registered
    std::uint16_t port = 0;        // 0: any free one
    // "NAME=VALUE", beside that of the test.
    std::vector<std::string> environment = {};
  };

  ServerProcess() = default;
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  void start() { start(Options{}); }
  void start(const Options& options);
  void kill_now();  // SIGKILL; its workers end with it
  // SIGSTOP; returns when every thread has stopped, none of them within a call to the disk.
  void halt();
  int stop();       // SIGTERM; the exit code
  int join();       // waits until it ends by itself; the exit code, 128 + N for signal N
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  std::vector<pid_t> children() const;  // its worker process

  const std::filesystem::path& directory() const { return directory_.path(); }
  std::filesystem::path data() const { return directory_.path() / "data"; }
  std::string url() const;
  std::uint16_t port() const { return port_; }
  std::string admin_token() const;
  std::string log() const;  // what it wrote to stderr

  HttpSession session() const { return HttpSession(port_, admin_token()); }
  HttpSession session(const std::string& token) const { return HttpSession(port_, token); }

  // runledger ARGUMENTS…, with this server and its admin token in the environment.
  Finished run(const std::vector<std::string>& arguments) const;

 private:
  void wait_for_address();

  core::testing::TemporaryDirectory directory_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  int starts_ = 0;
};

// A program that goes on beside the test. Its destructor kills it.
class BackgroundProcess {
 public:
  BackgroundProcess(std::vector<std::string> arguments, std::vector<std::string> environment,
                    std::filesystem::path log);
  ~BackgroundProcess();
  BackgroundProcess(const BackgroundProcess&) = delete;
  BackgroundProcess& operator=(const BackgroundProcess&) = delete;

  void signal(int number) const;
  int join();               // as ServerProcess::join()
  std::string log() const;  // what it wrote to stdout and stderr

 private:
  pid_t pid_ = -1;
  const std::filesystem::path log_;
};

// Runs a program to its end.
Finished run_command(const std::vector<std::string>& arguments,
                     const std::vector<std::string>& environment,
                     const std::filesystem::path& scratch);

std::string runledger_binary();

// Processes that it has started and that have not been waited for.
std::vector<pid_t> children_of(pid_t parent);

}  // namespace runledger::e2e

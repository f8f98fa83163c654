#include "tests/provider/provider_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace runledger::provider::testing {
namespace {

constexpr std::size_t kLineBytesMax = 256;

pid_t spawn(std::vector<std::string> arguments, int out) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

std::string first_line(int file) {
  std::string line;
  for (char byte = 0; line.size() < kLineBytesMax && read(file, &byte, 1) == 1;) {
    if (byte == '\n') return line;
    line += byte;
  }
  return "";
}

}  // namespace

ProviderProcess::ProviderProcess(const std::vector<std::string>& more, const std::string& listen) {
  std::vector<std::string> arguments = {RUNLEDGER_PROVIDER_BINARY, "--listen", listen};
  arguments.insert(arguments.end(), more.begin(), more.end());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("There is no pipe");
  pid_ = spawn(arguments, ends[1]);
  close(ends[1]);
  url_ = first_line(ends[0]);
  close(ends[0]);
  if (url_.empty()) throw std::runtime_error("The provider ended with " + std::to_string(stop()));
}

ProviderProcess::~ProviderProcess() {
  if (pid_ > 0) stop();
}

std::uint16_t ProviderProcess::port() const {
  return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
}

int ProviderProcess::stop() {
  kill(pid_, SIGTERM);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool ProviderProcess::fault(const std::string& body) const {
  return session().post("/_control/faults", body).status == 200;
}

nlohmann::ordered_json ProviderProcess::counters() const {
  return session().get("/_control/counters").json();
}

}  // namespace runledger::provider::testing

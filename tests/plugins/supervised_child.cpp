// Stands in for a worker: writes down how it was started into the directory given as --plugins,
// then does what is given as --server: exit, wait, or ignore (its SIGTERM).
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

extern char** environ;

namespace {

namespace fs = std::filesystem;

std::string option(int count, char** arguments, const std::string& name) {
  for (int i = 1; i + 1 < count; ++i) {
    if (arguments[i] == name) return arguments[i + 1];
  }
  return {};
}

void write_down(const fs::path& directory, int count, char** arguments) {
  const std::string name = std::to_string(getpid());
  {
    std::ofstream out(directory / ("." + name));
    for (int i = 1; i < count; ++i) out << "argument " << arguments[i] << '\n';
    for (char** each = environ; *each != nullptr; ++each) {
      if (std::string(*each).starts_with("RUNLEDGER_")) out << "variable " << *each << '\n';
    }
    for (int fd = 0; fd < 1024; ++fd) {
      std::error_code none;
      const auto target = fs::read_symlink("/proc/self/fd/" + std::to_string(fd), none);
      if (!none && target.string().starts_with("pipe:") && fd > 2) out << "pipe " << fd << '\n';
    }
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("SigBlk:")) out << "blocked " << line.substr(8) << '\n';
    }
  }
  fs::rename(directory / ("." + name), directory / name);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string behaviour = option(count, arguments, "--server");
  if (behaviour == "ignore") signal(SIGTERM, SIG_IGN);
  write_down(option(count, arguments, "--plugins"), count, arguments);
  if (behaviour == "exit") return 7;
  for (;;) pause();
}

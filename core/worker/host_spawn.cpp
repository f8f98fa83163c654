#include "core/worker/host_spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "core/worker/host_exit.h"
#include "core/worker/plugin_host.h"

extern char** environ;

namespace runledger::core::worker {
namespace {

// What libraries look at. RUNLEDGER_… is the worker's own: its token is among it.
constexpr std::array kVariables = {"PATH",
                                   "HOME",
                                   "USER",
                                   "LOGNAME",
                                   "LANG",
                                   "LANGUAGE",
                                   "TZ",
                                   "TMPDIR",
                                   "LD_LIBRARY_PATH",
                                   "SSL_CERT_FILE",
                                   "SSL_CERT_DIR",
                                   "FONTCONFIG_FILE",
                                   "FONTCONFIG_PATH",
                                   "XDG_CACHE_HOME",
                                   "ASAN_OPTIONS",
                                   "UBSAN_OPTIONS",
                                   "TSAN_OPTIONS"};

bool is_handed_on(std::string_view name, const std::vector<std::string>& more) {
  if (name == "RUNLEDGER_TOKEN") return false;
  if (name.starts_with("LC_")) return true;
  return std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end() ||
         std::find(more.begin(), more.end(), name) != more.end();
}

std::vector<char*> environment_for(const std::vector<std::string>& more) {
  std::vector<char*> chosen;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each);
    if (is_handed_on(variable.substr(0, variable.find('=')), more)) chosen.push_back(*each);
  }
  chosen.push_back(nullptr);
  return chosen;
}

class Start {
 public:
  explicit Start(const HostDescriptors& descriptors) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files_, descriptors.out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files_, descriptors.err, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&files_, descriptors.socket, kHostSocketNumber);
    posix_spawn_file_actions_adddup2(&files_, descriptors.trace, kHostTraceNumber);
    posix_spawn_file_actions_addclosefrom_np(&files_, kHostTraceNumber + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Start() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

// Above the numbers that they are given in the child.
FileDescriptor out_of_the_way(int descriptor) {
  FileDescriptor copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, kHostTraceNumber + 1));
  if (!copy) throw std::system_error(errno, std::generic_category(), "dup");
  return copy;
}

}  // namespace

pid_t spawn_host(const HostSettings& settings, const HostArguments& arguments,
                 const HostDescriptors& descriptors) {
  std::vector<std::string> texts = {settings.program.string(),
                                    kPluginHostCommand,
                                    arguments.purpose,
                                    arguments.plugin.string(),
                                    std::to_string(arguments.memory_bytes),
                                    arguments.processes ? "1" : "0",
                                    std::to_string(::getpid())};
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  const FileDescriptor socket = out_of_the_way(descriptors.socket);
  const FileDescriptor out = out_of_the_way(descriptors.out);
  const FileDescriptor err = out_of_the_way(descriptors.err);
  const FileDescriptor trace = out_of_the_way(descriptors.trace);
  const Start start({socket.get(), out.get(), err.get(), trace.get()});
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, texts[0].c_str(), start.files(), start.attributes(),
                                 pointers.data(), environment_for(settings.variables).data());
  if (failed != 0) throw std::system_error(failed, std::generic_category(), "posix_spawn");
  return pid;
}

}  // namespace runledger::core::worker

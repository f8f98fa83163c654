#include "core/worker/confinement.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

std::string failed(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

bool limit(__rlimit_resource resource, rlim_t most) {
  rlimit now{};
  if (getrlimit(resource, &now) != 0) return false;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
  const rlimit wanted{most, most};
  return setrlimit(resource, &wanted) == 0;
}

std::string set_limits([[maybe_unused]] const Confinement& wanted) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // The sanitizers map terabytes that they never touch.
  if (!limit(RLIMIT_AS, wanted.memory_bytes)) return failed("RLIMIT_AS");
#endif
  if (!limit(RLIMIT_NOFILE, kHostOpenFilesMax)) return failed("RLIMIT_NOFILE");
  if (!limit(RLIMIT_FSIZE, kHostFileBytesMax)) return failed("RLIMIT_FSIZE");
  if (!limit(RLIMIT_STACK, kHostStackBytes)) return failed("RLIMIT_STACK");
  if (!limit(RLIMIT_CORE, 0)) return failed("RLIMIT_CORE");
  return {};
}

// Root without capabilities is an ordinary owner of root's files: it cannot look into the worker,
// whose capabilities are more than its own.
std::string drop_capabilities() {
  for (int each = 0; prctl(PR_CAPBSET_READ, each, 0, 0, 0) >= 0; ++each) {
    prctl(PR_CAPBSET_DROP, each, 0, 0, 0);  // only root has what it takes, and what to drop
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  if (syscall(SYS_capset, &header, none.data()) != 0) return failed("capset");
  return {};
}

}  // namespace

std::string confine(const Confinement& wanted) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != wanted.worker) return "the worker has gone";
  signal(SIGPIPE, SIG_IGN);
  if (auto problem = set_limits(wanted); !problem.empty()) return problem;
  if (auto problem = drop_capabilities(); !problem.empty()) return problem;
  // Nor can another plugin's process of the same user look into this one.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("PR_SET_NO_NEW_PRIVS");
  return filter_system_calls(wanted);
}

}  // namespace runledger::core::worker

// The part of the confinement that is a seccomp filter. A deny list: plugins and what they link are
// too many to list what they need.
#include <asm/sockios.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "core/worker/confinement.h"

namespace runledger::core::worker {
namespace {

// Looking into others, the machine's configuration, namespaces, the kernel's larger doors. io_uring
// works beside the filter. By name: one that this kernel or architecture lacks is passed over.
constexpr const char* kNever[] = {
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "kexec_load", "kexec_file_load", "bpf", "perf_event_open",
    "keyctl", "add_key", "request_key", "reboot", "init_module", "finit_module", "delete_module",
    "setns", "unshare", "swapon", "swapoff", "acct", "quotactl", "settimeofday", "clock_settime",
    "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm", "userfaultfd",
    "name_to_handle_at", "syslog", "open_by_handle_at", "vhangup", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "lookup_dcookie", "nfsservctl",
    // Out of the reach of what ends the process and all that it has started.
    "setsid", "setpgid",
    // Ways to signal others that cannot be told apart by their arguments.
    "tkill", "pidfd_open"};

constexpr const char* kProcesses[] = {"fork", "vfork", "execve", "execveat"};

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

class Rules {
 public:
  explicit Rules(const Confinement& wanted)
      : wanted_(wanted), filter_(seccomp_init(SCMP_ACT_ALLOW)) {}

  int install() {
    if (!filter_) return -ENOMEM;
    seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    for (const char* name : kNever) deny(name);
    deny_processes();
    deny_signals();
    deny_reaching_others();
    // The signal that ends it with its worker, and its being closed to others, stay.
    deny("prctl", SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG));
    deny("prctl", SCMP_A0(SCMP_CMP_EQ, PR_SET_DUMPABLE));
    return result_ != 0 ? result_ : seccomp_load(filter_.get());
  }

 private:
  template <typename... Conditions>
  void add(std::uint32_t action, const char* name, Conditions... conditions) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return;
    const int added =
        seccomp_rule_add(filter_.get(), action, number, sizeof...(conditions), conditions...);
    if (added != 0 && result_ == 0) result_ = added;
  }
  template <typename... Conditions>
  void deny(const char* name, Conditions... conditions) {
    add(SCMP_ACT_ERRNO(EPERM), name, conditions...);
  }

  void deny_processes() {
    if (wanted_.processes) return;
    for (const char* name : kProcesses) deny(name);
    deny("clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    // Its flags are in memory, where a filter cannot look: the C library falls back to clone.
    add(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  }

  // pid_t is 32 bits of the argument; the upper half is whatever the register held.
  static scmp_arg_cmp pid_is(unsigned argument, pid_t pid) {
    return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, 0xffff'ffff, static_cast<std::uint32_t>(pid)};
  }

  static scmp_arg_cmp is(unsigned argument, std::uint32_t value) {
    return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, 0xffff'ffff, value};
  }
  static scmp_arg_cmp is_other(unsigned argument) {
    return scmp_arg_cmp{argument, SCMP_CMP_NE, 0, 0};
  }

  // Signals that the kernel sends for whoever asks, and limits and priorities of other processes.
  void deny_reaching_others() {
    for (const int command : {F_SETOWN, F_SETOWN_EX, F_SETSIG}) deny("fcntl", is(1, command));
    for (const unsigned request : {FIOSETOWN, SIOCSPGRP}) deny("ioctl", is(1, request));
    for (const char* name : {"prlimit64", "sched_setaffinity", "sched_setscheduler",
                             "sched_setparam", "sched_setattr", "migrate_pages", "move_pages"}) {
      deny(name, is_other(0));
    }
    for (const char* name : {"setpriority", "ioprio_set"}) deny(name, is_other(1));
  }

  // One that starts processes has to be able to end them, and their numbers are not known here: it
  // may signal all but the worker and everybody.
  void deny_signals() {
    for (const char* name : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"}) {
      if (wanted_.processes) {
        for (const pid_t other : {wanted_.worker, -wanted_.worker, -1, 1}) {
          deny(name, pid_is(0, other));
        }
      } else {
        deny_all_but_own(name);
      }
    }
    if (!wanted_.processes) deny("pidfd_send_signal");
  }

  // Every other number: above, or below. The process leads its group, so 0 and -pid are the group.
  void deny_all_but_own(const char* name) {
    const auto own = static_cast<std::uint32_t>(getpid());
    const auto group = static_cast<std::uint32_t>(-getpid());
    deny_range(name, 1, own - 1);
    deny_range(name, own + 1, group - 1);
    deny_range(name, group + 1, 0xffff'ffff);
  }

  // libseccomp compares 64 bits, and a chain of conditions may name an argument only once: a range
  // becomes blocks of one masked value each.
  void deny_range(const char* name, std::uint64_t first, std::uint64_t last) {
    while (first <= last) {
      std::uint64_t size = 1;
      while (first % (size * 2) == 0 && first + size * 2 - 1 <= last) size *= 2;
      deny(name, scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, 0xffff'ffff & ~(size - 1), first});
      first += size;
    }
  }

  const Confinement& wanted_;
  Filter filter_;
  int result_ = 0;
};

}  // namespace

std::string filter_system_calls(const Confinement& wanted) {
  const int failed = Rules(wanted).install();
  return failed == 0 ? "" : std::string("seccomp: ") + std::strerror(-failed);
}

}  // namespace runledger::core::worker

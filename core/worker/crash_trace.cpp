#include "core/worker/crash_trace.h"

#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace runledger::core::worker {
namespace {

constexpr std::size_t kModulesMax = 192;
constexpr std::size_t kModuleNameMax = 64;
constexpr int kFramesMax = 48;
constexpr unsigned kTraceSecondsMax = 1;  // then the process ends without more of it
constexpr std::size_t kSignalStackBytes = 64 * 1024;
constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGABRT};

struct Module {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uintptr_t base = 0;
  std::array<char, kModuleNameMax> name{};
};

// Made beforehand: a handler must not allocate or take locks.
std::array<Module, kModulesMax> modules;
std::size_t module_count = 0;
int trace_pipe = -1;
std::atomic_flag tracing;
alignas(16) std::array<std::byte, kSignalStackBytes> signal_stack;

class Line {
 public:
  Line& operator<<(std::string_view text) {
    for (const char c : text) {
      if (used_ < text_.size() - 1) text_[used_++] = c;
    }
    return *this;
  }
  Line& hex(std::uintptr_t number) {
    *this << "0x";
    int shift = 60;
    while (shift > 0 && (number >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4)
      *this << std::string_view(&"0123456789abcdef"[number >> shift & 15], 1);
    return *this;
  }
  Line& decimal(int number) {
    std::array<char, 12> digits{};
    std::size_t at = digits.size();
    auto left = static_cast<unsigned>(number < 0 ? -number : number);
    do {
      digits[--at] = static_cast<char>('0' + left % 10);
      left /= 10;
    } while (left > 0);
    if (number < 0) digits[--at] = '-';
    return *this << std::string_view(&digits[at], digits.size() - at);
  }
  void write() {
    text_[used_++] = '\n';
    [[maybe_unused]] const auto put = ::write(trace_pipe, text_.data(), used_);
    used_ = 0;
  }

 private:
  std::array<char, 256> text_{};
  std::size_t used_ = 0;
};

std::uintptr_t stack_pointer(const void* context) {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(
      static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return static_cast<const ucontext_t*>(context)->uc_mcontext.sp;
#else
  return 0;
#endif
}

void write_place(std::uintptr_t address) {
  Line line;
  for (std::size_t i = 0; i < module_count; ++i) {
    const Module& module = modules[i];
    if (address < module.begin || address >= module.end) continue;
    (line << module.name.data() << "+").hex(address - module.base).write();
    return;
  }
  line.hex(address).write();
}

void end_by(int signal) {
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void on_deadly_signal(int signal, siginfo_t* info, void* context) {
  if (tracing.test_and_set()) {  // another thread is at it: it ends all of them
    for (;;) ::pause();
  }
  ::signal(SIGALRM, SIG_DFL);
  ::alarm(kTraceSecondsMax);  // unwinding what was overwritten may never end
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  Line line;
  line << "signal ";
  line.decimal(signal) << " code ";
  line.decimal(info->si_code) << " address ";
  line.hex(address) << " stack ";
  line.hex(stack_pointer(context)).write();
  std::array<void*, kFramesMax> frames{};
  const int count = ::backtrace(frames.data(), kFramesMax);
  // This function and the kernel's way into it come first.
  for (int i = 2; i < count; ++i) {
    write_place(reinterpret_cast<std::uintptr_t>(frames[static_cast<std::size_t>(i)]));
  }
  end_by(signal);
}

int note_module(dl_phdr_info* info, std::size_t, void*) {
  const char* path = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  const char* slash = std::strrchr(path, '/');
  const std::string_view name = *path == '\0' ? "host" : slash == nullptr ? path : slash + 1;
  for (int i = 0; i < info->dlpi_phnum && module_count < kModulesMax; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    Module& module = modules[module_count];
    module.base = info->dlpi_addr;
    module.begin = info->dlpi_addr + part.p_vaddr;
    module.end = module.begin + part.p_memsz;
    module.name = {};
    name.copy(module.name.data(), kModuleNameMax - 1);
    ++module_count;
  }
  return 0;
}

}  // namespace

void note_modules() {
  module_count = 0;
  dl_iterate_phdr(note_module, nullptr);
}

void trace_crashes(int pipe) {
  trace_pipe = pipe;
  std::array<void*, 1> once{};
  ::backtrace(once.data(), 1);  // loads what it needs now rather than in the handler
  note_modules();
  stack_t stack{};
  stack.ss_sp = signal_stack.data();
  stack.ss_size = signal_stack.size();
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = &on_deadly_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

}  // namespace runledger::core::worker

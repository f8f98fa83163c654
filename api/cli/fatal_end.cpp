#include "api/cli/fatal_end.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "api/cli/exit_codes.h"

namespace runledger::cli {
namespace {

std::atomic<bool> begun = false;

// The last net: what still runs while the process ends may hit an assertion of RocksDB, and the
// cause is told already.
extern "C" void on_abort(int) {
  ::_exit(kExitIo);
}

void catch_abort() {
  struct sigaction action {};
  action.sa_handler = on_abort;
  sigemptyset(&action.sa_mask);
  sigaction(SIGABRT, &action, nullptr);
}

}  // namespace

void begin_fatal_end(const std::string& reason) {
  if (begun.exchange(true)) return;
  catch_abort();
  spdlog::critical(
      "The server ends with exit code {}: {}. Nothing that was acknowledged is lost; start it "
      "again when the cause is gone",
      kExitIo, reason);
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(kFatalEndMs));
    ::_exit(kExitIo);
  }).detach();
  ::kill(::getpid(), kFatalEndSignal);
}

bool fatal_end_begun() {
  return begun;
}

void finish_fatal_end() {
  ::_exit(kExitIo);
}

}  // namespace runledger::cli

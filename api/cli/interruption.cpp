#include "api/cli/interruption.h"

#include <atomic>

namespace runledger::cli {
namespace {

std::atomic<int> signal_that_came = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

}  // namespace

Interruption::Interruption() {
  signal_that_came = 0;
  struct ::sigaction action {};
  action.sa_handler = [](int signal) {
    signal_that_came = signal;
  };
  // No SA_RESTART: a read that waits has to end.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, &before_int_);
  ::sigaction(SIGTERM, &action, &before_term_);
}

Interruption::~Interruption() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
}

bool Interruption::asked() {
  return signal_that_came != 0;
}

void Interruption::check() {
  if (asked()) throw Interrupted();
}

void end_by_signal() {
  ::signal(signal_that_came, SIG_DFL);
  ::raise(signal_that_came);
}

}  // namespace runledger::cli

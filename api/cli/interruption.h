// Ends a long command that was interrupted (SIGINT, SIGTERM) where it can clean up. One at a time;
// the second signal ends the process at once.
#pragma once

#include <signal.h>

#include <stdexcept>

namespace runledger::cli {

class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("Interrupted") {}
};

class Interruption {
 public:
  Interruption();
  ~Interruption();  // what the signals did before, they do again
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  static bool asked();
  // Throws Interrupted if a signal came.
  static void check();

 private:
  struct ::sigaction before_int_ {};
  struct ::sigaction before_term_ {};
};

// Ends the process as the signal would have done; call it after the cleaning up.
void end_by_signal();

}  // namespace runledger::cli

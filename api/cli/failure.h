// A command that cannot go on: what the user is told, and the exit code.
#pragma once

#include <stdexcept>
#include <string>

namespace runledger::cli {

class Failure : public std::runtime_error {
 public:
  Failure(int exit_code, const std::string& message)
      : std::runtime_error(message), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

}  // namespace runledger::cli

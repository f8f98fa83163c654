// What a simulated history breaks.
#pragma once

#include <stdexcept>
#include <string>

namespace runledger::simulation {

class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw Violation(what);
}

}  // namespace runledger::simulation

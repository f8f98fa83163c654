// What disk_fault_test.cpp and its child agree on.
#pragma once

#include <string>

#include "eventlog/record.h"

namespace runledger::eventlog::test {

inline constexpr int kChildFinished = 0;    // the fault was not met
inline constexpr int kChildDidNotOpen = 3;  // the fault was met by the open, which refused
inline constexpr int kChildFailed = 4;      // the fault was met, and told as it must be
inline constexpr int kChildBroken = 5;      // something was not as it must be

inline std::string faulty_child_stream(Offset offset) {
  return "s" + std::to_string(offset % 7);
}
inline std::string faulty_child_payload(Offset offset) {
  return std::to_string(offset) + std::string(300, '.');
}

}  // namespace runledger::eventlog::test

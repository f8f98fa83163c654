// Ids for what follows from a command: the same command gives the same ids, and no others do. One
// object a command, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runledger::core {

class DerivedIds {
 public:
  DerivedIds(std::string_view command_id, std::int64_t time_us)
      : command_id_(command_id), time_us_(time_us) {}

  std::string make(std::string_view prefix);  // make("task") -> "task_01jd…"

 private:
  std::string command_id_;
  std::int64_t time_us_;
  std::uint64_t made_ = 0;
};

// A number in [0, 1) that the command's id stands for: jitter that can be decided without chance.
double fraction_of(std::string_view command_id, std::string_view salt);

}  // namespace runledger::core

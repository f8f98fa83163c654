// Reports of workers have numbers under their lease, and the command of a numbered one has both as
// its id. So each event tells which report it came of, and one that is sent again, because its
// acknowledgement was lost, is known to be in the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::core {

struct ReportId {
  std::string_view lease_id;
  std::uint64_t number = 0;  // from 1
};

// "lease_01…/17". It is persisted as the command of events: the form never changes.
std::string report_command_id(std::string_view lease_id, std::uint64_t number);
// nullopt: the command is no numbered report. Points into the text.
std::optional<ReportId> report_of(std::string_view command_id);

}  // namespace runledger::core

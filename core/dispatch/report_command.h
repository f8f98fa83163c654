// A worker's report as a command, or why it is not taken.
#pragma once

#include <string>
#include <variant>

#include "core/artifacts/artifact_store.h"
#include "core/base/id_source.h"
#include "core/domain/commands.h"
#include "core/protocol/messages.h"

namespace runledger::core {

inline constexpr std::size_t kReportJsonBytesMax = 256 * 1024;  // output, emitted data
inline constexpr std::size_t kReportTextBytesMax = 64 * 1024;   // messages, log lines
inline constexpr std::size_t kReportNameBytesMax = 200;  // names, media types, event types, codes

struct UnusableReport {
  std::string reason;
};

std::variant<CommandBody, UnusableReport> command_of(const protocol::Report& report,
                                                     const ArtifactStore& artifacts, IdSource& ids);

// Whether the lease ends with it.
bool is_final(const protocol::ReportBody& body);

}  // namespace runledger::core

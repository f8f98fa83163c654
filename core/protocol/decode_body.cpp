#include <limits>

#include "core/protocol/decode.h"

namespace runledger::core::protocol {
namespace {

std::string log_level(const Fields& report) {
  std::string level = report.text("level");
  const bool known = level == "debug" || level == "info" || level == "warning" || level == "error";
  if (!known) report.refuse("level", "debug, info, warning or error");
  return level;
}

ReportBody durable_call(const Fields& report, const std::string& kind) {
  if (kind == "step") {
    return StepReport{report.flag("poll"), report.text("name"), report.json_value("result"),
                      report.flag("release")};
  }
  if (kind == "sleep") {
    return SleepReport{report.text("name"), report.number("delay_ms", 0, kDelayMsMax)};
  }
  if (kind == "poll_wait") {
    return PollWaitReport{report.text("name"), report.number("every_ms", 0, kDelayMsMax),
                          report.number("timeout_ms", 0, kDelayMsMax), report.flag("keep_lease")};
  }
  if (kind == "review") {
    return ReviewReport{report.text("name"), report.json_value("body"),
                        report.json_value("validation"), report.optional_json_object("schema")};
  }
  report.refuse("kind", "one of the kinds of report");
}

}  // namespace

ReportBody decode_body(const Fields& report) {
  const std::string kind = report.text("kind");
  if (kind == "progress") {
    return ProgressReport{report.percent("percent"), report.text("message")};
  }
  if (kind == "emit") return EmitReport{report.text("event_type"), report.json_value("data")};
  if (kind == "log") return LogReport{log_level(report), report.text("text")};
  if (kind == "resource") {
    constexpr auto kAnySize = std::numeric_limits<std::uint64_t>::max();
    return ResourceReport{report.text("name"), report.text("media_type"), report.sha256("sha256"),
                          report.number("size", 0, kAnySize)};
  }
  if (kind == "succeeded") return SucceededReport{report.json_object("output")};
  if (kind == "failed") {
    return FailedReport{report.text("code"), report.text("message"), report.flag("retryable"),
                        report.optional_number("retry_after_ms", kDelayMsMax)};
  }
  if (kind == "canceled") return CanceledReport{};
  return durable_call(report, kind);
}

}  // namespace runledger::core::protocol

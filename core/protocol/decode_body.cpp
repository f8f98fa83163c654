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

std::uint32_t ordinal(const Fields& report) {
  return static_cast<std::uint32_t>(
      report.number("ordinal", 1, std::numeric_limits<std::uint32_t>::max()));
}

ReportBody remote_call(const Fields& report, const std::string& kind) {
  if (kind == "remote_intent") {
    return RemoteIntentReport{
        ordinal(report), report.text("provider"), report.optional_text("resource_name"),
        report.optional_text("resource_media_type"), report.flag("found_nothing")};
  }
  if (kind == "remote_submitted") {
    return RemoteSubmittedReport{ordinal(report), report.text("provider"),
                                 report.text("idempotency_key"), report.text("execute_id"),
                                 report.flag("found")};
  }
  if (kind == "remote_failed") {
    return RemoteFailedReport{ordinal(report), report.text("code"), report.text("message")};
  }
  if (kind == "remote_unknown") {
    return RemoteUnknownReport{ordinal(report), report.text("message")};
  }
  report.refuse("kind", "one of the kinds of report");
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
  return remote_call(report, kind);
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

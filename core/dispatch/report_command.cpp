#include "core/dispatch/report_command.h"

#include <algorithm>

#include <optional>

#include "core/protocol/remote_names.h"
#include "core/schema/input_schema.h"

namespace runledger::core {
namespace {

using Result = std::variant<CommandBody, UnusableReport>;
using namespace protocol;

UnusableReport too_long(const char* what, std::size_t bytes_max) {
  return {std::string(what) + " has more than " + std::to_string(bytes_max) + " bytes"};
}

class Translate {
 public:
  Translate(LeaseRef lease, const ArtifactStore& artifacts, IdSource& ids)
      : lease_(std::move(lease)), artifacts_(artifacts), ids_(ids) {}

  Result operator()(const ProgressReport& report) const {
    if (report.message.size() > kReportTextBytesMax)
      return too_long("message", kReportTextBytesMax);
    return RecordProgress{lease_, report.percent, report.message};
  }
  Result operator()(const EmitReport& report) const {
    if (report.event_type.empty()) return UnusableReport{"an emitted event has no type"};
    if (report.event_type.size() > kReportNameBytesMax) {
      return too_long("event_type", kReportNameBytesMax);
    }
    if (report.data.size() > kReportJsonBytesMax) return too_long("data", kReportJsonBytesMax);
    return RecordEmitted{lease_, report.event_type, {report.data}};
  }
  Result operator()(const LogReport& report) const {
    if (report.level.size() > kReportNameBytesMax) return too_long("level", kReportNameBytesMax);
    if (report.text.size() > kReportTextBytesMax) return too_long("text", kReportTextBytesMax);
    return RecordLog{lease_, report.level, report.text};
  }
  Result operator()(const ResourceReport& report) const {
    if (auto wrong = wrong_resource(report.name, report.media_type)) return *wrong;
    // An event may only name what is there.
    const auto stored = artifacts_.find(report.sha256);
    if (!stored || stored->size != report.size) {
      return UnusableReport{"no artifact of " + std::to_string(report.size) +
                            " bytes with SHA-256 " + report.sha256 + " has been uploaded"};
    }
    return StoreResource{lease_,        ids_.make("res"), report.name, report.media_type,
                         report.sha256, report.size};
  }
  Result operator()(const SucceededReport& report) const {
    if (report.output.size() > kReportJsonBytesMax) return too_long("output", kReportJsonBytesMax);
    return CompleteTask{lease_, {report.output}};
  }
  Result operator()(const FailedReport& report) const {
    if (report.code.size() > kReportNameBytesMax) return too_long("code", kReportNameBytesMax);
    if (report.message.size() > kReportTextBytesMax)
      return too_long("message", kReportTextBytesMax);
    return FailTask{lease_, {report.code, report.message, report.retryable}, report.retry_after_ms};
  }
  Result operator()(const CanceledReport&) const { return AcknowledgeCancel{lease_}; }
  Result operator()(const StepReport& report) const {
    if (auto wrong = wrong_name(report.name)) return *wrong;
    if (report.result.size() > kReportJsonBytesMax) return too_long("result", kReportJsonBytesMax);
    const MemoKind kind = report.poll ? MemoKind::kPoll : MemoKind::kStep;
    return CompleteStep{lease_, kind, report.name, {report.result}, report.release};
  }
  Result operator()(const SleepReport& report) const {
    if (auto wrong = wrong_name(report.name)) return *wrong;
    return Sleep{lease_, report.name, report.delay_ms};
  }
  Result operator()(const PollWaitReport& report) const {
    if (auto wrong = wrong_name(report.name)) return *wrong;
    return WaitForPoll{lease_, report.name, report.every_ms, report.timeout_ms, report.keep_lease};
  }
  Result operator()(const ReviewReport& report) const {
    if (auto wrong = wrong_name(report.name)) return *wrong;
    for (const std::string* part : {&report.body, &report.validation, &report.schema}) {
      if (part->size() > kReportJsonBytesMax) return too_long("a review", kReportJsonBytesMax);
    }
    RequestReview review{lease_, report.name, {report.body}, {report.validation}, {}};
    if (report.schema.empty()) return review;
    // A correction is checked against it.
    const auto schema = InputSchema::compile(report.schema);
    if (const auto* wrong = std::get_if<SchemaError>(&schema)) return UnusableReport{wrong->reason};
    review.schema = JsonText{report.schema};
    return review;
  }
  Result operator()(const RemoteIntentReport& report) const {
    if (!is_provider_name(report.provider)) return UnusableReport{"a provider has no usable name"};
    IntendRemote intend{lease_, report.ordinal, report.provider, {}, report.found_nothing};
    if (report.resource_name.empty()) return intend;
    if (auto wrong = wrong_resource(report.resource_name, report.resource_media_type)) {
      return *wrong;
    }
    intend.resource =
        RemotePlaceholder{ids_.make("res"), report.resource_name, report.resource_media_type};
    return intend;
  }
  Result operator()(const RemoteSubmittedReport& report) const {
    if (!is_execute_id(report.execute_id)) return UnusableReport{"an execute_id is not usable"};
    return ConfirmRemote{lease_, report.ordinal, report.idempotency_key, report.execute_id,
                         report.found};
  }
  Result operator()(const RemoteFailedReport& report) const {
    if (report.code.size() > kReportNameBytesMax) return too_long("code", kReportNameBytesMax);
    if (report.message.size() > kReportTextBytesMax)
      return too_long("message", kReportTextBytesMax);
    return RefuteRemote{lease_, report.ordinal, {report.code, report.message, false}};
  }
  Result operator()(const RemoteUnknownReport& report) const {
    if (report.message.size() > kReportTextBytesMax)
      return too_long("message", kReportTextBytesMax);
    return DoubtRemote{lease_, report.ordinal, report.message};
  }

 private:
  static std::optional<UnusableReport> wrong_resource(const std::string& name,
                                                      const std::string& media_type) {
    const auto usable = [](const std::string& text) {
      return !text.empty() && text.size() <= kReportNameBytesMax &&
             std::none_of(text.begin(), text.end(),
                          [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    };
    if (usable(name) && usable(media_type)) return std::nullopt;
    return UnusableReport{"a resource needs a name and a media type of at most " +
                          std::to_string(kReportNameBytesMax) +
                          " bytes, without control characters"};
  }
  static std::optional<UnusableReport> wrong_name(const std::string& name) {
    if (name.empty()) return UnusableReport{"a durable call has no name"};
    if (name.size() > kReportNameBytesMax) return too_long("name", kReportNameBytesMax);
    return std::nullopt;
  }

  LeaseRef lease_;
  const ArtifactStore& artifacts_;
  IdSource& ids_;
};

}  // namespace

std::variant<CommandBody, UnusableReport> command_of(const Report& report,
                                                     const ArtifactStore& artifacts,
                                                     IdSource& ids) {
  return std::visit(Translate({report.run_id, report.task_id, report.lease_id}, artifacts, ids),
                    report.body);
}

bool is_final(const ReportBody& body) {
  if (const auto* step = std::get_if<StepReport>(&body)) return step->release;
  if (const auto* poll = std::get_if<PollWaitReport>(&body)) return !poll->keep_lease;
  return std::holds_alternative<SucceededReport>(body) ||
         std::holds_alternative<FailedReport>(body) ||
         std::holds_alternative<CanceledReport>(body) ||
         std::holds_alternative<SleepReport>(body) || std::holds_alternative<ReviewReport>(body) ||
         std::holds_alternative<RemoteUnknownReport>(body);
}

}  // namespace runledger::core

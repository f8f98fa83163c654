#include <limits>

#include "core/protocol/decode.h"

namespace runledger::core::protocol {
namespace {

constexpr std::uint64_t kPidMax = std::numeric_limits<std::int64_t>::max();

Register read_register(const Fields& fields) {
  Register message;
  message.session_version =
      static_cast<int>(fields.number("session_version", 1, std::numeric_limits<int>::max()));
  message.name = fields.text("name");
  message.pid = static_cast<std::int64_t>(fields.number("pid", 0, kPidMax));
  message.slots = static_cast<std::uint32_t>(fields.number("slots", 1, kSlotsMax));
  for (const Fields& offer : fields.objects("task_types", kTaskTypesMax)) {
    message.task_types.push_back(
        {offer.text("name"), offer.text("version"), offer.json_object("manifest"),
         offer.sha256("plugin_sha256"),
         static_cast<std::uint32_t>(offer.optional_number("slots", kSlotsMax))});
  }
  for (const Fields& held : fields.optional_objects("held", kHeldMax)) {
    message.held.push_back(
        {held.text("run_id"), held.text("task_id"), held.text("lease_id"), held.flag("ended")});
  }
  return message;
}

Reports read_reports(const Fields& fields) {
  constexpr auto kAnySeq = std::numeric_limits<std::uint64_t>::max();
  Reports message;
  for (const Fields& report : fields.objects("reports", kReportsInFlightMax)) {
    message.reports.push_back({report.text("run_id"), report.text("task_id"),
                               report.text("lease_id"), report.number("seq", 0, kAnySeq),
                               report.optional_number("number", kAnySeq), decode_body(report)});
  }
  return message;
}

}  // namespace

std::variant<WorkerMessage, ProtocolError> decode_worker_message(std::string_view frame) {
  return decode_frame<WorkerMessage>(
      frame, [](const Fields& fields, const std::string& type) -> WorkerMessage {
        if (type == "register") return read_register(fields);
        if (type == "lease") {
          return Lease{static_cast<std::uint32_t>(fields.number("room", 0, kRoomMax))};
        }
        if (type == "return") return Return{fields.texts("lease_ids", kRoomMax)};
        if (type == "report") return read_reports(fields);
        fields.refuse("type", "register, lease, return or report");
      });
}

}  // namespace runledger::core::protocol

#include <limits>

#include "core/protocol/decode.h"

namespace runledger::core::protocol {
namespace {

constexpr std::uint64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kUint64Max = std::numeric_limits<std::uint64_t>::max();

Leased read_leased(const Fields& fields) {
  Leased message;
  for (const Fields& task : fields.objects("tasks", kSlotsMax)) {
    message.tasks.push_back({task.text("run_id"), task.text("task_id"), task.text("lease_id"),
                             static_cast<std::uint32_t>(task.number("attempt", 1, kUint32Max)),
                             task.text("task_type"), task.json_object("input"),
                             task.json_object("session")});
  }
  return message;
}

Acknowledged read_acknowledged(const Fields& fields) {
  Acknowledged message;
  for (const Fields& result : fields.objects("results", kReportsInFlightMax)) {
    message.results.push_back(
        {result.number("seq", 0, kUint64Max), result.optional_text("resource_id")});
  }
  return message;
}

}  // namespace

std::variant<ServerMessage, ProtocolError> decode_server_message(std::string_view frame) {
  return decode_frame<ServerMessage>(
      frame, [](const Fields& fields, const std::string& type) -> ServerMessage {
        if (type == "registered") return Registered{fields.text("worker_id")};
        if (type == "refused") return Refused{fields.text("code"), fields.text("reason")};
        if (type == "leased") return read_leased(fields);
        if (type == "acknowledged") return read_acknowledged(fields);
        if (type == "cancel") {
          return Cancel{fields.text("lease_id"),
                        static_cast<std::uint32_t>(fields.number("grace_ms", 0, kUint32Max))};
        }
        if (type == "fenced") return Fenced{fields.text("lease_id"), fields.text("reason")};
        if (type == "drain") return Drain{};
        fields.refuse("type", "one of the server's messages");
      });
}

}  // namespace runledger::core::protocol

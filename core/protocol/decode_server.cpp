#include <limits>

#include "core/protocol/decode.h"

namespace runledger::core::protocol {
namespace {

constexpr std::uint64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kUint64Max = std::numeric_limits<std::uint64_t>::max();

LeasedTask read_task(const Fields& fields) {
  LeasedTask task{fields.text("run_id"),
                  fields.text("task_id"),
                  fields.text("lease_id"),
                  static_cast<std::uint32_t>(fields.number("attempt", 1, kUint32Max)),
                  fields.text("task_type"),
                  fields.json_object("input"),
                  fields.json_object("session")};
  for (const Fields& memo : fields.objects("memos", kTaskMemosMax)) {
    task.memos.push_back({memo.text("kind"), memo.text("name"), memo.json_value("result")});
  }
  if (const auto poll = fields.optional_object("pending_poll")) {
    task.pending_poll = PendingPoll{poll->text("name"), poll->number("waited_ms", 0, kUint64Max),
                                    poll->flag("lease_kept")};
  }
  if (const auto remote = fields.optional_object("pending_remote")) {
    task.pending_remote = PendingRemote{remote->text("provider"), remote->text("idempotency_key")};
  }
  task.canceling = fields.optional_flag("canceling");
  return task;
}

Leased read_leased(const Fields& fields) {
  Leased message;
  for (const Fields& task : fields.objects("tasks", kRoomMax)) {
    message.tasks.push_back(read_task(task));
  }
  return message;
}

Acknowledged read_acknowledged(const Fields& fields) {
  Acknowledged message;
  for (const Fields& result : fields.objects("results", kReportsInFlightMax)) {
    message.results.push_back({result.number("seq", 0, kUint64Max),
                               result.optional_text("resource_id"),
                               result.optional_text("idempotency_key")});
  }
  return message;
}

}  // namespace

std::variant<ServerMessage, ProtocolError> decode_server_message(std::string_view frame) {
  return decode_frame<ServerMessage>(
      frame, [](const Fields& fields, const std::string& type) -> ServerMessage {
        if (type == "registered") {
          return Registered{fields.text("worker_id"),
                            static_cast<std::uint32_t>(fields.number("grace_ms", 0, kUint32Max)),
                            fields.texts("fenced", kHeldMax)};
        }
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

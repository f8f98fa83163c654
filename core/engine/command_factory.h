// Makes commands out of their bodies: adds the id, the time and who asks. Any thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/domain/commands.h"
#include "core/domain/report_id.h"

namespace runledger::core {

class CommandFactory {
 public:
  CommandFactory(const Clock& clock, IdSource& ids) : clock_(clock), ids_(ids) {}

  Command from_user(const Principal& by, CommandBody body) const {
    return {ids_.make("cmd"), clock_.now_us(), by, std::string(kUserActorPrefix) + by.user,
            std::move(body)};
  }
  Command from_worker(const std::string& worker_name, CommandBody body) const {
    return {ids_.make("cmd"), clock_.now_us(), {}, "worker:" + worker_name, std::move(body)};
  }
  // The `number`-th report under its lease; 0: it has no number, and is another one each time.
  Command reported(const std::string& worker_name, std::string_view lease_id, std::uint64_t number,
                   CommandBody body) const {
    Command command = from_worker(worker_name, std::move(body));
    if (number != 0) command.command_id = report_command_id(lease_id, number);
    return command;
  }
  Command from_system(CommandBody body) const {
    return {ids_.make("cmd"), clock_.now_us(), {}, std::string(kSystemActor), std::move(body)};
  }

 private:
  const Clock& clock_;
  IdSource& ids_;
};

}  // namespace runledger::core

// Makes commands out of their bodies: adds the id, the time and who asks. Any thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/domain/commands.h"

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
  Command from_system(CommandBody body) const {
    return {ids_.make("cmd"), clock_.now_us(), {}, std::string(kSystemActor), std::move(body)};
  }

 private:
  const Clock& clock_;
  IdSource& ids_;
};

}  // namespace runledger::core

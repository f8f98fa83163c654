// What the dispatcher knows of one connected worker. The dispatcher thread's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/dispatch/worker_gateway.h"
#include "core/domain/commands.h"
#include "core/protocol/messages.h"

namespace runledger::core {

struct HeldLease {
  std::string run_id;
  std::string task_id;
  std::string task_type;
  bool reported = false;  // the worker has said something about it
  bool ending = false;    // what ends it is with the sequencer: there is room for another
  // When the task was asked to stop: it is taken away then.
  std::optional<std::chrono::steady_clock::time_point> stop_by;
  std::chrono::milliseconds heartbeat{0};  // how long the task may be silent; 0: for ever
  bool parked = false;                     // it polls: silence says that there is no news
  std::optional<std::chrono::steady_clock::time_point>
      silent_by;  // it has to be heard of until then

  void heard(std::chrono::steady_clock::time_point now) {
    silent_by.reset();
    if (heartbeat.count() > 0 && !parked) silent_by = now + heartbeat;
  }
  bool takes_room() const { return !parked && !ending; }
};

struct OfferedType {
  GrantLeases::TypeOffer offer;
  std::uint32_t slots = 0;  // at most so many of it at once; 0: any number
};

struct Worker {
  std::uint64_t session = 0;
  std::shared_ptr<WorkerConnection> connection;
  std::string worker_id;  // empty until registered
  std::string name;
  bool remote = false;  // no child of the server
  std::vector<OfferedType> types;
  std::uint32_t room = 0;        // tasks that it would have at once, parked ones not counted
  bool grant_in_flight = false;  // the sequencer is deciding on its room
  bool wake = false;             // there may be tasks for it, or room
  bool introduced = false;       // has asked to be registered
  bool withdrawn = false;        // takes no more; is told when nothing is on its way to it
  bool closing = false;          // nothing that it says counts any more
  std::map<std::string, HeldLease> leases;
  std::set<std::string> watched;  // those that have a deadline, and some that had one
  // Leases that it held when it came, and that have ended: what it reports of them may be in the
  // log already, and it has not heard of it.
  std::set<std::string> settling;
  std::vector<std::string> fenced;  // of what it held when it came; said when it is registered
  std::size_t reports_in_flight = 0;
  std::vector<protocol::Acknowledgement> acknowledgements;  // to be sent together

  // The lease may have a deadline now.
  void watch(const std::string& lease_id, const HeldLease& held) {
    if (held.stop_by || held.silent_by) watched.insert(lease_id);
  }
  bool registered() const { return !worker_id.empty(); }
  bool should_ask() const { return wake && registered() && !closing && !grant_in_flight; }
  // Tasks that it would take now.
  std::uint32_t free_room() const;
  std::vector<GrantLeases::TypeOffer> offers_now() const;
  void send(const protocol::ServerMessage& message) { connection->send(protocol::encode(message)); }
};

}  // namespace runledger::core

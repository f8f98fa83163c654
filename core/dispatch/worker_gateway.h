// Where the transport hands worker sessions to the dispatcher. The transport moves text frames and
// knows nothing of what they say.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/access/principal.h"

namespace runledger::core {

// The transport's side of one session. Any thread may call; nothing blocks. Calls after the
// connection has gone do nothing.
class WorkerConnection {
 public:
  virtual ~WorkerConnection() = default;
  virtual void send(std::string frame) = 0;
  virtual void close(std::string reason) = 0;  // after what was sent before has been written
};

// The dispatcher's side. The transport calls from one thread at a time, on_closed() exactly once,
// last.
class WorkerSession {
 public:
  virtual ~WorkerSession() = default;
  virtual void on_message(std::string_view frame) = 0;
  virtual void on_closed() = 0;
};

class WorkerGateway {
 public:
  virtual ~WorkerGateway() = default;
  // nullptr: no more sessions are taken (limit reached, or shutting down).
  virtual std::shared_ptr<WorkerSession> connect(const Principal& principal,
                                                 std::shared_ptr<WorkerConnection> connection) = 0;
};

}  // namespace runledger::core

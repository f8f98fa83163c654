// The server's side of a worker session, one step at a time on the test's thread.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <variant>

#include "core/protocol/messages.h"

namespace runledger::core::worker::testing {

// One session that a worker has opened. Its destructor cuts the connection.
class WorkerPeer {
 public:
  struct Socket;
  explicit WorkerPeer(std::unique_ptr<Socket> socket);
  WorkerPeer(WorkerPeer&&) noexcept;
  ~WorkerPeer();

  std::string target() const;         // of the upgrade
  std::string authorization() const;  // its header
  std::string host() const;

  // The next message, which has to be of that type. How many tasks the worker would have it may say
  // at any time.
  template <typename Message>
  Message expect() {
    auto message = read();
    if constexpr (!std::is_same_v<Message, protocol::Lease>) {
      while (std::holds_alternative<protocol::Lease>(message)) message = read();
    }
    if (const auto* expected = std::get_if<Message>(&message)) return *expected;
    throw std::runtime_error("the worker sent another message, number " +
                             std::to_string(message.index()));
  }
  // The next message of that type, whatever comes before it.
  template <typename Message>
  Message skip_to() {
    for (;;) {
      const auto message = read();
      if (const auto* expected = std::get_if<Message>(&message)) return *expected;
    }
  }
  protocol::WorkerMessage next() { return read(); }
  void send(const protocol::ServerMessage& message);
  void send_text(const std::string& text);
  // Reads to the end; true if the worker said goodbye.
  bool wait_for_close();
  void cut();  // without a goodbye

 private:
  protocol::WorkerMessage read();

  std::unique_ptr<Socket> socket_;
};

// Listens on a free port of 127.0.0.1.
class WorkerDoor {
 public:
  WorkerDoor();
  ~WorkerDoor();
  std::string url() const;
  WorkerPeer accept();
  void refuse(unsigned status);  // answers the next upgrade with it
  void close();

 private:
  struct Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace runledger::core::worker::testing

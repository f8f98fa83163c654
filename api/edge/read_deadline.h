// Ends reads from a client that take too long, but leaves the connection fit for a last answer,
// which the time-out of tcp_stream itself does not: that one closes it.
#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "api/edge/client.h"

namespace runledger::api {

// Covers all reads while it lives. The lane's thread.
class ReadDeadline {
 public:
  ReadDeadline(Client& client, std::chrono::steady_clock::time_point when)
      : timer_(client.stream.get_executor(), when) {
    client.stream.expires_never();
    timer_.async_wait([state = state_, stream = &client.stream](boost::system::error_code error) {
      if (error || state->is_over) return;
      state->has_expired = true;
      stream->cancel();
    });
  }
  ~ReadDeadline() { state_->is_over = true; }
  ReadDeadline(const ReadDeadline&) = delete;
  ReadDeadline& operator=(const ReadDeadline&) = delete;

  bool has_expired() const { return state_->has_expired; }

 private:
  // Outlives us in a handler that is already on its way.
  struct State {
    bool is_over = false;
    bool has_expired = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
  boost::asio::steady_timer timer_;
};

}  // namespace runledger::api

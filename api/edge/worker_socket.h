// A worker session on the wire: text frames both ways over a WebSocket.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "api/edge/settings.h"
#include "api/edge/wakeup.h"
#include "core/dispatch/worker_gateway.h"

namespace runledger::api {

class WorkerSocket : public core::WorkerConnection,
                     public std::enable_shared_from_this<WorkerSocket> {
 public:
  WorkerSocket(boost::asio::any_io_executor executor, const EdgeLimits& limits);
  ~WorkerSocket() override;  // run() or detach() was called

  // Any thread. A frame too many for the queue ends the session instead.
  void send(std::string frame) override;
  void close(std::string reason) override;

  // The lane's thread. Returns when the session is over and has been told so. Called at most once.
  boost::asio::awaitable<void> run(boost::beast::tcp_stream stream, std::string head_text,
                                   std::string request_id,
                                   std::shared_ptr<core::WorkerSession> session);
  void cut_off();
  // When run() will not be called: whoever holds the connection may outlive the lane.
  void detach();

 private:
  struct Stream;

  boost::asio::awaitable<bool> shake_hands(const std::string& head_text,
                                           const std::string& request_id);
  boost::asio::awaitable<void> read_frames(core::WorkerSession& session);
  boost::asio::awaitable<void> write_frames();
  boost::asio::awaitable<bool> write_frame(const std::string& frame);
  boost::asio::awaitable<void> cut_off_on_overflow();
  // What to do next, taken from the queue.
  struct Step {
    std::optional<std::string> frame;
    std::optional<std::string> close_reason;  // after the last frame
    bool is_over = false;
  };
  Step next_step();
  bool is_ending();  // over, or about to be cut off
  void end();

  const std::size_t queue_frames_max_;
  const std::size_t queue_bytes_max_;
  const EdgeLimits limits_;
  std::shared_ptr<Wakeup> wakeup_;           // of the writer
  std::shared_ptr<Wakeup> overflow_wakeup_;  // a writer that is stuck cannot look at the queue
  std::unique_ptr<Stream> stream_;           // while run() runs

  std::mutex mutex_;  // guards the rest
  std::deque<std::string> queue_;
  std::size_t queue_bytes_ = 0;
  std::optional<std::string> close_reason_;
  bool has_overflowed_ = false;
  bool is_over_ = false;
};

}  // namespace runledger::api

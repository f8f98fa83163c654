#include "api/edge/worker_socket.h"

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace runledger::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kCloseReasonBytesMax = 120;  // a control frame holds 125 with the code

}  // namespace

struct WorkerSocket::Stream {
  explicit Stream(beast::tcp_stream tcp) : socket(std::move(tcp)) {}
  websocket::stream<beast::tcp_stream> socket;
};

WorkerSocket::WorkerSocket(asio::any_io_executor executor, const EdgeLimits& limits)
    : queue_frames_max_(limits.session_queue_frames_max),
      queue_bytes_max_(limits.session_queue_bytes_max),
      limits_(limits),
      wakeup_(std::make_shared<Wakeup>(executor)),
      overflow_wakeup_(std::make_shared<Wakeup>(executor)) {}

WorkerSocket::~WorkerSocket() = default;

void WorkerSocket::detach() {
  end();
  wakeup_->detach();
  overflow_wakeup_->detach();
}

void WorkerSocket::send(std::string frame) {
  bool fits = false;
  {
    std::scoped_lock lock(mutex_);
    if (is_over_ || close_reason_ || has_overflowed_) return;
    fits = queue_.size() < queue_frames_max_ &&
           frame.size() <= queue_bytes_max_ - std::min(queue_bytes_max_, queue_bytes_);
    if (fits) {
      queue_bytes_ += frame.size();
      queue_.push_back(std::move(frame));
    } else {
      has_overflowed_ = true;
    }
  }
  (fits ? wakeup_ : overflow_wakeup_)->notify();
}

void WorkerSocket::close(std::string reason) {
  {
    std::scoped_lock lock(mutex_);
    if (!close_reason_) close_reason_ = std::move(reason);
  }
  wakeup_->notify();
}

asio::awaitable<void> WorkerSocket::run(beast::tcp_stream stream, std::string head_text,
                                        std::string request_id,
                                        std::shared_ptr<core::WorkerSession> session) {
  using namespace asio::experimental::awaitable_operators;
  auto self = shared_from_this();
  stream_ = std::make_unique<Stream>(std::move(stream));
  if (co_await shake_hands(head_text, request_id)) {
    auto reading = read_frames(*session);
    auto writing = write_frames();
    auto watching = cut_off_on_overflow();
    auto sending = std::move(writing) && std::move(watching);
    co_await (std::move(reading) && std::move(sending));
  }
  detach();
  stream_.reset();
  session->on_closed();
}

asio::awaitable<bool> WorkerSocket::shake_hands(const std::string& head_text,
                                                const std::string& request_id) {
  auto& socket = stream_->socket;
  // The WebSocket layer has its own time-outs, which cover pings too.
  beast::get_lowest_layer(socket).expires_never();
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = limits_.session_handshake_timeout;
  timeouts.idle_timeout = limits_.session_idle_timeout;
  timeouts.keep_alive_pings = true;
  socket.set_option(timeouts);
  socket.set_option(
      websocket::stream_base::decorator([request_id](websocket::response_type& response) {
        response.set("X-Request-Id", request_id);
      }));
  socket.read_message_max(limits_.session_frame_bytes_max);
  socket.text(true);
  socket.auto_fragment(false);
  auto [error] = co_await socket.async_accept(asio::buffer(head_text), kResult);
  co_return !error;
}

asio::awaitable<void> WorkerSocket::read_frames(core::WorkerSession& session) {
  auto& socket = stream_->socket;
  beast::flat_buffer buffer;
  for (;;) {
    auto [error, size] = co_await socket.async_read(buffer, kResult);
    if (error) break;
    if (!socket.got_text()) {
      close("expected text frames");
      break;
    }
    std::string_view frame(static_cast<const char*>(buffer.data().data()), size);
    try {
      session.on_message(frame);
    } catch (const std::exception& reason) {
      spdlog::error("a worker session failed on a message: {}", reason.what());
      close("the server failed to handle a message");
      break;
    }
    buffer.consume(buffer.size());
  }
  // The writer sends what is due, then says goodbye or finds the socket closed.
  if (!socket.is_open()) {
    end();
  } else {
    close("");
  }
}

asio::awaitable<void> WorkerSocket::write_frames() {
  for (;;) {
    Step step = next_step();
    if (step.frame) {
      if (!co_await write_frame(*step.frame)) break;
    } else if (step.close_reason) {
      websocket::close_reason reason(websocket::close_code::normal);
      reason.reason = step.close_reason->substr(0, kCloseReasonBytesMax);
      co_await stream_->socket.async_close(reason, kResult);
      break;
    } else if (step.is_over) {
      break;
    } else {
      co_await wakeup_->wait_until(Wakeup::Clock::time_point::max());
    }
  }
  end();
  // Ends the reader, too, when it has not ended already.
  beast::get_lowest_layer(stream_->socket).close();
}

asio::awaitable<bool> WorkerSocket::write_frame(const std::string& frame) {
  auto [error, size] = co_await stream_->socket.async_write(asio::buffer(frame), kResult);
  co_return !error;
}

asio::awaitable<void> WorkerSocket::cut_off_on_overflow() {
  while (!is_ending()) co_await overflow_wakeup_->wait_until(Wakeup::Clock::time_point::max());
  end();
  beast::get_lowest_layer(stream_->socket).close();
}

bool WorkerSocket::is_ending() {
  std::scoped_lock lock(mutex_);
  return is_over_ || has_overflowed_;
}

WorkerSocket::Step WorkerSocket::next_step() {
  std::scoped_lock lock(mutex_);
  Step step;
  if (is_over_) {
    step.is_over = true;
  } else if (!queue_.empty()) {
    step.frame = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= step.frame->size();
  } else {
    step.close_reason = close_reason_;
  }
  return step;
}

void WorkerSocket::cut_off() {
  end();
  if (stream_) beast::get_lowest_layer(stream_->socket).close();
}

void WorkerSocket::end() {
  {
    std::scoped_lock lock(mutex_);
    is_over_ = true;
    queue_.clear();
    queue_bytes_ = 0;
  }
  wakeup_->notify();
  overflow_wakeup_->notify();
}

}  // namespace runledger::api

#include "api/edge/pair_pool.h"

#include <algorithm>
#include <array>

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/http/field.h"

namespace runledger::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kAnswerHeadBytesMax = 64 * 1024;

std::string request_head(const Exchange& exchange, std::string_view target, std::size_t length,
                         std::uint64_t id) {
  std::string head;
  head.append(exchange.request.method).append(" ").append(target).append(" HTTP/1.1\r\n");
  head.append(kExchangeField).append(": ").append(std::to_string(id)).append("\r\n");
  head.append("Connection: Keep-Alive\r\n");
  head.append("Content-Length: ").append(std::to_string(length)).append("\r\n\r\n");
  return head;
}

// Pistache has mixed answers up before; one that does not name its request is nobody's.
bool belongs_to(const http::response<http::string_body>& response, std::uint64_t id) {
  return response[kExchangeField] == std::to_string(id);
}

Answer to_answer(http::response<http::string_body>& response) {
  Answer answer;
  answer.status = static_cast<int>(response.result_int());
  for (const auto& field : response) {
    if (field.name() == http::field::content_length || field.name() == http::field::connection ||
        field.name_string() == kExchangeField) {
      continue;
    }
    std::string value(field.value());
    if (field.name() == http::field::content_type) {
      answer.content_type = std::move(value);
    } else {
      answer.headers.emplace_back(std::string(field.name_string()), std::move(value));
    }
  }
  answer.body = std::move(response.body());
  return answer;
}

}  // namespace

struct PairPool::Pair {
  Pair(const asio::any_io_executor& executor, int fd)
      : socket(executor, asio::local::stream_protocol(), fd) {}
  asio::local::stream_protocol::socket socket;
  boost::beast::flat_buffer buffer;
};

struct PairPool::Call {
  Call(const asio::any_io_executor& executor, Clock::time_point deadline)
      : done(executor, deadline) {}
  std::shared_ptr<Exchange> exchange;
  Body body;
  std::uint64_t id = 0;
  std::string head;
  std::unique_ptr<Pair> pair;
  std::variant<std::monostate, Reply, CallFailure> outcome;
  asio::steady_timer done;  // cancelled when a pair, or the outcome, has been set
};

PairPool::PairPool(asio::any_io_executor executor, PistacheApplication& application,
                   std::size_t pairs, std::size_t in_flight_max)
    : executor_(executor), application_(application), in_flight_max_(in_flight_max) {
  while (idle_.size() < pairs) {
    int fd = application.take_pair();
    if (fd < 0) break;
    idle_.push_back(std::make_unique<Pair>(executor_, fd));
  }
}

PairPool::~PairPool() {
  close();
}

asio::awaitable<std::variant<Reply, CallFailure>> PairPool::call(std::shared_ptr<Exchange> exchange,
                                                                 std::string_view target, Body body,
                                                                 Clock::time_point deadline) {
  using Outcome = std::variant<Reply, CallFailure>;
  if (in_flight_ >= in_flight_max_ || is_closed_) co_return Outcome(CallFailure::kOverloaded);
  struct InFlight {
    explicit InFlight(std::size_t& counter) : count(counter) { ++count; }
    ~InFlight() { --count; }
    std::size_t& count;
  } in_flight(in_flight_);

  auto call = std::make_shared<Call>(executor_, deadline);
  if (!co_await wait_for_pair(call)) co_return Outcome(CallFailure::kOverloaded);
  call->exchange = exchange;
  call->body = std::move(body);
  call->id = application_.admit(std::move(exchange));
  call->head = request_head(*call->exchange, target, call->body->size(), call->id);
  asio::co_spawn(executor_, run(call), asio::detached);
  if (std::holds_alternative<std::monostate>(call->outcome)) {
    co_await call->done.async_wait(kResult);
  }
  application_.dismiss(call->id);
  if (auto* reply = std::get_if<Reply>(&call->outcome)) co_return Outcome(std::move(*reply));
  auto* failure = std::get_if<CallFailure>(&call->outcome);
  co_return Outcome(failure ? *failure : CallFailure::kTimedOut);
}

asio::awaitable<bool> PairPool::wait_for_pair(const std::shared_ptr<Call>& call) {
  if (!idle_.empty()) {
    call->pair = std::move(idle_.back());
    idle_.pop_back();
    co_return true;
  }
  waiting_.push_back(call);
  co_await call->done.async_wait(kResult);
  if (call->pair) co_return true;
  std::erase(waiting_, call);
  co_return false;
}

// Belongs to no caller: it reads the answer to its end whether or not somebody still waits for it.
asio::awaitable<void> PairPool::run(std::shared_ptr<Call> call) {
  Pair* pair = call->pair.get();
  busy_.insert(pair);
  co_await transfer(*call);
  busy_.erase(pair);
  call->done.cancel();
  release(std::move(call->pair));
}

asio::awaitable<void> PairPool::transfer(Call& call) {
  Pair& pair = *call.pair;
  std::array<asio::const_buffer, 2> message = {asio::buffer(call.head), asio::buffer(*call.body)};
  http::response_parser<http::string_body> parser;
  parser.body_limit(application_.settings().answer_bytes_max);
  parser.header_limit(kAnswerHeadBytesMax);
  auto [error, size] = co_await asio::async_write(pair.socket, message, kResult);
  if (!error) {
    std::tie(error, size) = co_await http::async_read(pair.socket, pair.buffer, parser, kResult);
  }
  if (error || pair.buffer.size() != 0 || !belongs_to(parser.get(), call.id)) {
    if (!is_closed_) spdlog::error("a pair to the application is broken: {}", error.message());
    // An answer may still be under way in it.
    application_.retire_pair(pair.socket.release());
    call.outcome = CallFailure::kBroken;
  } else if (call.exchange->reply) {
    call.outcome = std::move(*call.exchange->reply);
  } else {
    call.outcome = Reply(to_answer(parser.get()));
  }
}

void PairPool::release(std::unique_ptr<Pair> pair) {
  if (!pair->socket.is_open()) return;
  if (is_closed_) return application_.give_back_pair(pair->socket.release());
  if (waiting_.empty()) {
    idle_.push_back(std::move(pair));
    return;
  }
  std::shared_ptr<Call> next = std::move(waiting_.front());
  waiting_.pop_front();
  next->pair = std::move(pair);
  next->done.cancel();
}

void PairPool::close() {
  is_closed_ = true;
  for (auto& pair : idle_) application_.give_back_pair(pair->socket.release());
  idle_.clear();
  for (const auto& call : waiting_) call->done.cancel();
  for (Pair* pair : busy_) pair->socket.cancel();
}

}  // namespace runledger::api

#include "api/edge/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/edge/file_content.h"
#include "api/edge/read_deadline.h"
#include "api/edge/request_id.h"
#include "api/edge/upload.h"
#include "api/edge/worker_socket.h"

namespace runledger::api {

namespace asio = boost::asio;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 8 * 1024;
constexpr std::size_t kBufferBytesMax = 64 * 1024;

// A braced temporary inside a co_await expression is destroyed twice by g++ 12, so these are
// functions.
Problem malformed_lines() {
  return {.status = 400,
          .code = "bad_request",
          .detail = "Expected lines that end in CR LF, and no NUL"};
}

Problem too_large_head(bool is_target, std::size_t bytes_max) {
  return {.status = is_target ? 414 : 431,
          .code = is_target ? "target_too_long" : "head_too_large",
          .detail = "Expected a request line and fields of at most " + std::to_string(bytes_max) +
                    " bytes"};
}

Problem slow_head() {
  return {.status = 408,
          .code = "request_timeout",
          .detail = "Expected the whole head sooner",
          .retryable = true};
}

}  // namespace

Connection::Connection(Lane& lane, asio::ip::tcp::socket socket)
    : lane_(lane),
      limits_(lane.services.settings.limits),
      client_(std::move(socket), std::max(kBufferBytesMax, limits_.head_bytes_max)) {
  boost::system::error_code ignored;
  client_.stream.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

Connection::~Connection() = default;

asio::awaitable<void> Connection::run() {
  auto self = shared_from_this();
  bool goes_on = true;
  while (goes_on && !is_draining_) {
    std::optional<std::string> head_text = co_await read_head_text();
    if (!head_text) break;
    goes_on = co_await serve_one(std::move(*head_text));
  }
  if (worker_) co_return;  // the socket is no longer ours
  if (owes_polite_close_) {
    co_await close_politely(client_, limits_);
  } else {
    client_.stream.close();
  }
}

void Connection::begin_drain() {
  is_draining_ = true;
  if (is_waiting_for_request_) client_.stream.close();
  if (ask_) ask_->stop_holding();
  if (worker_) worker_->close("the server is stopping");
}

void Connection::cut_off() {
  is_draining_ = true;
  if (ask_) ask_->abandon();
  if (worker_) {
    worker_->cut_off();
  } else {
    client_.stream.close();
  }
}

// nullopt: the connection is over, answered where an answer is due.
asio::awaitable<std::optional<std::string>> Connection::read_head_text() {
  using enum HeadEnd::State;
  if (client_.buffer.size() == 0 && !co_await first_of_head()) co_return std::nullopt;
  // Not wound up by later bytes.
  head_deadline_ = std::chrono::steady_clock::now() + limits_.head_timeout;
  for (;;) {
    HeadEnd end = find_head_end(client_.unread());
    if (end.state == kComplete && end.size <= limits_.head_bytes_max) {
      std::string text(client_.unread().substr(0, end.size));
      client_.buffer.consume(end.size);
      co_return text;
    }
    if (end.state == kMalformed) {
      co_await refuse_head(malformed_lines());
      co_return std::nullopt;
    }
    if (client_.buffer.size() >= limits_.head_bytes_max) {
      bool is_target = client_.unread().find('\n') == std::string_view::npos;
      co_await refuse_head(too_large_head(is_target, limits_.head_bytes_max));
      co_return std::nullopt;
    }
    if (!co_await more_of_head()) co_return std::nullopt;
  }
}

asio::awaitable<bool> Connection::first_of_head() {
  client_.stream.expires_after(limits_.idle_timeout);
  is_waiting_for_request_ = true;
  auto space = client_.buffer.prepare(std::min(limits_.head_bytes_max, kReadBytes));
  auto [error, size] = co_await client_.stream.async_read_some(space, kResult);
  is_waiting_for_request_ = false;
  client_.buffer.commit(size);
  co_return !error;
}

asio::awaitable<bool> Connection::more_of_head() {
  ReadDeadline deadline(client_, head_deadline_);
  std::size_t room = limits_.head_bytes_max - client_.buffer.size();
  auto space = client_.buffer.prepare(std::min(room, kReadBytes));
  auto [error, size] = co_await client_.stream.async_read_some(space, kResult);
  client_.buffer.commit(size);
  if (error && deadline.has_expired()) co_await refuse_head(slow_head());
  co_return !error;
}

asio::awaitable<bool> Connection::refuse_head(Problem problem) {
  Turn turn;
  turn.delivery.request_id = lane_.services.settings.make_request_id();
  Answer answer = to_answer(problem, turn.delivery.request_id);
  co_return co_await refuse_unread(turn, answer);
}

asio::awaitable<bool> Connection::serve_one(std::string head_text) {
  auto parsed = parse_head(head_text, limits_.head_fields_max);
  if (auto* problem = std::get_if<Problem>(&parsed)) {
    co_return co_await refuse_head(std::move(*problem));
  }
  Turn turn{std::move(head_text), std::move(std::get<Head>(parsed)), {}};
  std::string_view wished = turn.head.field("x-request-id");
  turn.delivery.request_id =
      is_request_id(wished) ? std::string(wished) : lane_.services.settings.make_request_id();
  turn.delivery.is_head = turn.head.method == "HEAD";
  turn.delivery.closes = turn.head.wants_close;

  auto decision = admit(turn.head, lane_.services.routes, lane_.services.authenticator,
                        turn.delivery.request_id);
  if (auto* refusal = std::get_if<Answer>(&decision)) {
    if (turn.head.has_body()) co_return co_await refuse_unread(turn, *refusal);
    co_return co_await respond(turn, *refusal);
  }
  Admitted admitted = std::move(std::get<Admitted>(decision));
  co_return co_await serve_admitted(turn, std::move(admitted));
}

asio::awaitable<bool> Connection::serve_admitted(Turn& turn, Admitted admitted) {
  switch (admitted.route->served) {
    case Served::kApplication:
      co_return co_await serve_application(turn, std::move(admitted));
    case Served::kWorkerSession:
      co_return co_await serve_worker(turn, std::move(admitted));
    case Served::kArtifactUpload:
      break;
  }
  UploadResult result =
      co_await receive_upload(client_, lane_, turn.head_text, turn.head, admitted.request);
  if (std::holds_alternative<ClientGone>(result)) co_return false;
  if (auto* refusal = std::get_if<Problem>(&result)) {
    Answer answer = to_answer(*refusal, turn.delivery.request_id);
    co_return co_await refuse_unread(turn, answer);
  }
  co_return co_await respond(turn, std::get<Answer>(result));
}

asio::awaitable<bool> Connection::serve_application(Turn& turn, Admitted admitted) {
  std::string body;
  if (turn.head.has_body()) {
    if (!co_await send_continue(client_, turn.head, limits_)) co_return false;
    BodyResult result =
        co_await read_body(client_, turn.head_text, admitted.route->body_bytes_max, limits_);
    if (std::holds_alternative<ClientGone>(result)) co_return false;
    if (auto* problem = std::get_if<Problem>(&result)) {
      Answer answer = to_answer(*problem, turn.delivery.request_id);
      co_return co_await refuse_unread(turn, answer);
    }
    body = std::move(std::get<std::string>(result));
  }
  Request conditions;
  conditions.headers = admitted.request.headers;
  ask_ = std::make_shared<Ask>(lane_.executor(), lane_.pool(), lane_.services.news, limits_);
  if (is_draining_) ask_->stop_holding();
  client_.stream.expires_never();
  FinalReply reply = co_await ask_->run(std::move(admitted), turn.head.target, std::move(body));
  ask_.reset();
  turn.delivery.closes = turn.delivery.closes || is_draining_;
  if (auto* file = std::get_if<FileReply>(&reply)) {
    co_return co_await send_file(client_, lane_, *file, conditions, turn.delivery);
  }
  co_return co_await respond(turn, std::get<Answer>(reply));
}

asio::awaitable<bool> Connection::serve_worker(Turn& turn, Admitted admitted) {
  if (!turn.head.has_field("sec-websocket-key")) {
    Answer answer = to_answer(
        {.status = 426, .code = "upgrade_required", .detail = "Expected a WebSocket handshake"},
        turn.delivery.request_id);
    answer.headers.emplace_back("Upgrade", "websocket");
    co_return co_await respond(turn, answer);
  }
  worker_ = std::make_shared<WorkerSocket>(lane_.executor(), limits_);
  auto session = lane_.services.gateway.connect(admitted.request.principal, worker_);
  if (!session) {
    worker_->detach();
    worker_.reset();
    Answer answer = to_answer({.status = 503,
                               .code = "no_more_sessions",
                               .detail = "The server takes no more worker sessions now",
                               .retryable = true,
                               .retry_after_s = 5},
                              turn.delivery.request_id);
    co_return co_await respond(turn, answer);
  }
  if (is_draining_) worker_->close("the server is stopping");
  co_await worker_->run(std::move(client_.stream), turn.head_text, turn.delivery.request_id,
                        std::move(session));
  co_return false;
}

asio::awaitable<bool> Connection::respond(Turn& turn, const Answer& answer) {
  turn.delivery.closes = turn.delivery.closes || is_draining_;
  std::string bytes = response_head(answer, answer.body.size(), turn.delivery);
  bool has_body = !turn.delivery.is_head && answer.status != 204 && answer.status != 304;
  if (has_body) bytes += answer.body;
  bool is_written = co_await write_all(client_, bytes, limits_);
  if (is_written && turn.delivery.closes) owes_polite_close_ = true;
  co_return is_written && !turn.delivery.closes;
}

asio::awaitable<bool> Connection::refuse_unread(Turn& turn, const Answer& answer) {
  turn.delivery.closes = true;
  co_return co_await respond(turn, answer);
}

}  // namespace runledger::api

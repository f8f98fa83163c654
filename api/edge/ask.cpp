#include "api/edge/ask.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>

#include <spdlog/spdlog.h>

#include "api/http/problem.h"

namespace runledger::api {
namespace {

namespace asio = boost::asio;

using Clock = Wakeup::Clock;

class PendingAnswer : public LaterAnswer {
 public:
  explicit PendingAnswer(std::shared_ptr<Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}

  void give(Answer answer) override {
    {
      std::scoped_lock lock(mutex_);
      if (is_given_) return;
      is_given_ = true;
      answer_ = std::move(answer);
    }
    wakeup_->notify();
  }

  std::optional<Answer> take() {
    std::scoped_lock lock(mutex_);
    return std::exchange(answer_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  bool is_given_ = false;
  std::optional<Answer> answer_;
  std::shared_ptr<Wakeup> wakeup_;
};

Problem outcome_unknown() {
  return {.status = 504,
          .code = "outcome_unknown",
          .detail =
              "No answer came in time; the request may still take effect. Repeat it with the "
              "same Idempotency-Key, or look up the result",
          .retryable = true};
}

}  // namespace

Ask::Ask(asio::any_io_executor executor, PairPool& pool, core::News& news, const EdgeLimits& limits)
    : executor_(executor),
      pool_(pool),
      news_(news),
      limits_(limits),
      wakeup_(std::make_shared<Wakeup>(executor)) {}

Ask::~Ask() {
  wakeup_->detach();
}

asio::awaitable<FinalReply> Ask::run(Admitted admitted, std::string target, std::string body) {
  exchange_ = std::make_shared<Exchange>();
  exchange_->route = admitted.route;
  exchange_->request = std::move(admitted.request);
  target_ = target.substr(0, target.find('?'));
  body_ = std::make_shared<const std::string>(std::move(body));

  Reply reply = co_await forward();
  if (auto* first = std::get_if<Hold>(&reply)) {
    Hold first_hold = std::move(*first);
    reply = co_await hold(std::move(first_hold));
  }
  if (auto* later = std::get_if<Later>(&reply)) {
    Later started = std::move(*later);
    co_return co_await wait_for(std::move(started));
  }
  if (auto* file = std::get_if<FileReply>(&reply)) co_return std::move(*file);
  co_return std::move(std::get<Answer>(reply));
}

void Ask::stop_holding() {
  holds_no_more_ = true;
  wakeup_->notify();
}

void Ask::abandon() {
  is_abandoned_ = true;
  stop_holding();
}

asio::awaitable<Reply> Ask::forward() {
  exchange_->reply.reset();
  auto outcome =
      co_await pool_.call(exchange_, target_, body_, Clock::now() + limits_.application_timeout);
  if (auto* reply = std::get_if<Reply>(&outcome)) co_return std::move(*reply);
  co_return refusal(std::get<CallFailure>(outcome));
}

asio::awaitable<Answer> Ask::wait_for(Later later) {
  auto pending = std::make_shared<PendingAnswer>(wakeup_);
  try {
    later.start(pending);
  } catch (const std::exception& error) {
    spdlog::error("{} [{}] failed to start: {}", exchange_->route->pattern, request_id(),
                  error.what());
    co_return to_answer({.status = 500,
                         .code = "internal_error",
                         .detail = "The server failed to handle the request",
                         .retryable = true},
                        request_id());
  }
  auto deadline = Clock::now() + limits_.later_timeout;
  for (;;) {
    if (auto answer = pending->take()) co_return std::move(*answer);
    if (is_abandoned_ || Clock::now() >= deadline) break;
    co_await wakeup_->wait_until(deadline);
  }
  co_return to_answer(outcome_unknown(), request_id());
}

// The watch begins before the application is asked again, so news that comes between the first
// question and the watch is found by the second one.
asio::awaitable<Reply> Ask::hold(Hold hold) {
  int seconds = std::clamp(hold.seconds, 0, limits_.hold_seconds_max);
  auto deadline = Clock::now() + std::chrono::seconds(seconds);
  std::weak_ptr<Wakeup> weak = wakeup_;
  auto on_news = [weak] {
    if (auto wakeup = weak.lock()) wakeup->notify();
  };
  std::unique_ptr<core::News::Watch> watch = news_.watch(hold.stream, on_news);
  for (;;) {
    bool is_last = holds_no_more_ || Clock::now() >= deadline;
    Reply reply = co_await forward();
    if (!std::holds_alternative<Hold>(reply)) co_return reply;
    if (is_last) co_return std::move(std::get<Hold>(reply).empty);
    if (!holds_no_more_) co_await wakeup_->wait_until(deadline);
  }
}

Answer Ask::refusal(CallFailure failure) const {
  switch (failure) {
    case CallFailure::kOverloaded:
      return to_answer({.status = 503,
                        .code = "overloaded",
                        .detail = "The server has as many requests in flight as it takes; nothing "
                                  "was done",
                        .retryable = true,
                        .retry_after_s = 1},
                       request_id());
    case CallFailure::kTimedOut:
      return to_answer(outcome_unknown(), request_id());
    case CallFailure::kBroken:
      break;
  }
  return to_answer({.status = 500,
                    .code = "internal_error",
                    .detail = "The answer got lost; the request may have taken effect",
                    .retryable = true},
                   request_id());
}

}  // namespace runledger::api

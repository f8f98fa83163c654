// Gets the application's final word on a request: waits for what is given later, holds what has
// nothing to say yet.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "api/edge/admission.h"
#include "api/edge/pair_pool.h"
#include "api/edge/settings.h"
#include "api/edge/wakeup.h"
#include "core/engine/news.h"

namespace runledger::api {

using FinalReply = std::variant<Answer, FileReply>;

class Ask {
 public:
  // All of it on the lane's thread, which `executor` stands for.
  Ask(boost::asio::any_io_executor executor, PairPool& pool, core::News& news,
      const EdgeLimits& limits);
  ~Ask();

  boost::asio::awaitable<FinalReply> run(Admitted admitted, std::string target, std::string body);
  // A hold ends at once, now or as soon as it begins.
  void stop_holding();
  // Waiting ends at once; the reply is for nobody.
  void abandon();

 private:
  boost::asio::awaitable<Reply> forward();
  boost::asio::awaitable<Answer> wait_for(Later later);
  boost::asio::awaitable<Reply> hold(Hold hold);
  Answer refusal(CallFailure failure) const;
  std::string request_id() const { return exchange_->request.request_id; }

  boost::asio::any_io_executor executor_;
  PairPool& pool_;
  core::News& news_;
  const EdgeLimits& limits_;
  std::shared_ptr<Exchange> exchange_;
  std::string target_;
  PairPool::Body body_;
  std::shared_ptr<Wakeup> wakeup_;
  bool holds_no_more_ = false;
  bool is_abandoned_ = false;
};

}  // namespace runledger::api

// The lane's share of the socket pairs: sends requests to the application, one at a time on each
// pair. One lane's thread.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "api/rest/transport/pistache_application.h"

namespace runledger::api {

enum class CallFailure {
  kOverloaded,  // the application has not seen the request
  kTimedOut,    // it may have, and may still act on it
  kBroken,      // it may have; nothing that makes sense came back
};

class PairPool {
 public:
  using Clock = std::chrono::steady_clock;
  using Body = std::shared_ptr<const std::string>;

  // Takes up to `pairs` of the application's pairs.
  PairPool(boost::asio::any_io_executor executor, PistacheApplication& application,
           std::size_t pairs, std::size_t in_flight_max);
  ~PairPool();  // close() was called and its executor has run dry

  // `target` is the raw path. The exchange may still be in use after a failure. A caller that gives
  // up at the deadline leaves its pair to read the late answer; only then is the pair free again.
  boost::asio::awaitable<std::variant<Reply, CallFailure>> call(std::shared_ptr<Exchange> exchange,
                                                                std::string_view target, Body body,
                                                                Clock::time_point deadline);
  // Ends all calls and gives all pairs back. Calls that come after it fail.
  void close();

 private:
  struct Pair;
  struct Call;

  boost::asio::awaitable<bool> wait_for_pair(const std::shared_ptr<Call>& call);
  boost::asio::awaitable<void> run(std::shared_ptr<Call> call);
  boost::asio::awaitable<void> transfer(Call& call);
  void release(std::unique_ptr<Pair> pair);

  boost::asio::any_io_executor executor_;
  PistacheApplication& application_;
  const std::size_t in_flight_max_;
  std::size_t in_flight_ = 0;
  bool is_closed_ = false;
  std::vector<std::unique_ptr<Pair>> idle_;
  std::set<Pair*> busy_;
  std::deque<std::shared_ptr<Call>> waiting_;
};

}  // namespace runledger::api

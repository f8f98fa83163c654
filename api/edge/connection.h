// One client connection: reads requests one after the other and answers each before the next, so
// pipelined requests are answered in order. One lane's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "api/edge/admission.h"
#include "api/edge/ask.h"
#include "api/edge/client.h"
#include "api/edge/lane.h"
#include "api/edge/wire.h"

namespace runledger::api {

class WorkerSocket;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Lane& lane, boost::asio::ip::tcp::socket socket);
  ~Connection();

  boost::asio::awaitable<void> run();
  void begin_drain();  // the request at hand is the last
  void cut_off();

 private:
  // One request and how its answer goes out.
  struct Turn {
    std::string head_text;
    Head head;
    Delivery delivery;
  };

  boost::asio::awaitable<std::optional<std::string>> read_head_text();
  boost::asio::awaitable<bool> first_of_head();
  boost::asio::awaitable<bool> more_of_head();
  boost::asio::awaitable<bool> refuse_head(Problem problem);
  // The next ones say whether the connection goes on.
  boost::asio::awaitable<bool> serve_one(std::string head_text);
  boost::asio::awaitable<bool> serve_admitted(Turn& turn, Admitted admitted);
  boost::asio::awaitable<bool> serve_application(Turn& turn, Admitted admitted);
  boost::asio::awaitable<bool> serve_worker(Turn& turn, Admitted admitted);
  boost::asio::awaitable<bool> respond(Turn& turn, const Answer& answer);
  boost::asio::awaitable<bool> refuse_unread(Turn& turn, const Answer& answer);

  Lane& lane_;
  const EdgeLimits& limits_;
  Client client_;
  std::chrono::steady_clock::time_point head_deadline_;  // of the head whose first bytes are here
  bool is_draining_ = false;
  bool is_waiting_for_request_ = false;
  bool owes_polite_close_ = false;
  std::shared_ptr<Ask> ask_;              // the one under way
  std::shared_ptr<WorkerSocket> worker_;  // the one that the connection has become
};

}  // namespace runledger::api

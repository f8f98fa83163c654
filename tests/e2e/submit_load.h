// Clients that submit runs as fast as they can until the connection breaks; they note what was
// answered.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {

class SubmitLoad {
 public:
  SubmitLoad(const ServerProcess& server, int clients, std::size_t prompt_bytes = 1);
  ~SubmitLoad();  // joins
  SubmitLoad(const SubmitLoad&) = delete;
  SubmitLoad& operator=(const SubmitLoad&) = delete;

  void stop() { stopping_ = true; }
  void join();
  std::size_t acknowledged_count() const { return count_; }
  // After join().
  const std::set<std::string>& acknowledged() const { return acknowledged_; }
  // How often each code came that was no acknowledgement, e.g. "queue_full".
  const std::map<std::string, int>& refusals() const { return refusals_; }

 private:
  void submit(HttpSession& http, const std::string& body);

  std::mutex mutex_;
  std::set<std::string> acknowledged_;
  std::map<std::string, int> refusals_;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace runledger::e2e

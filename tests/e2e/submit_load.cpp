#include "tests/e2e/submit_load.h"

namespace runledger::e2e {

SubmitLoad::SubmitLoad(const ServerProcess& server, int clients, std::size_t prompt_bytes) {
  const std::string body = R"({"task":"image","input":{"prompt":")" +
                           std::string(prompt_bytes, 'x') + R"(","width":16,"height":16}})";
  for (int i = 0; i < clients; ++i) {
    threads_.emplace_back([this, body, http = server.session()]() mutable { submit(http, body); });
  }
}

SubmitLoad::~SubmitLoad() {
  stop();
  join();
}

void SubmitLoad::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void SubmitLoad::submit(HttpSession& http, const std::string& body) {
  try {
    while (!stopping_) {
      const HttpResult answer = http.post("/v1/runs", body);
      const Json json = answer.json();
      const std::scoped_lock lock(mutex_);
      if (answer.status != 202) {
        ++refusals_[json["code"].get<std::string>()];
        continue;
      }
      acknowledged_.insert(json["run_id"].get<std::string>());
      ++count_;
    }
  } catch (const ConnectionLost&) {
  }
}

}  // namespace runledger::e2e

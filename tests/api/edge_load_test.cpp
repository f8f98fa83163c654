// Many clients at once, some of which leave early: every answer belongs to its request.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/api/edge_fixture.h"

namespace runledger::api {
namespace {

constexpr int kClientThreads = 8;
constexpr int kRequestsPerThread = 600;

class EdgeLoad : public EdgeTest {
 protected:
  // Each thread talks over its own connections and leaves every seventh request unanswered.
  void run_client(int thread) {
    auto http = std::make_unique<HttpClient>(port());
    for (int i = 0; i < kRequestsPerThread; ++i) {
      std::string nonce = std::to_string(thread) + "-" + std::to_string(i);
      std::string fields = "X-Nonce: " + nonce + "\r\n";
      std::string text = i % 5 == 0
                             ? request_text("POST", "/echo", fields, "{\"n\":\"" + nonce + "\"}")
                         : i % 5 == 1 ? request_text("GET", "/early", fields)
                                      : request_text("GET", "/echo", fields);
      if (i % 7 == 0) {
        http->send(text);
        if (i % 2 == 0) http->reset();
        http = std::make_unique<HttpClient>(port());
        continue;
      }
      auto response = http->exchange(text);
      if (!response || response->field("x-nonce") != nonce) {
        ++wrong_;
      } else {
        ++right_;
      }
    }
  }

  void run_clients() {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kClientThreads; ++i) threads.emplace_back([this, i] { run_client(i); });
  }

  std::atomic<int> right_ = 0;
  std::atomic<int> wrong_ = 0;
};

TEST_F(EdgeLoad, EveryAnswerBelongsToItsRequest) {
  application_settings_.pairs_max = 4;  // fewer than clients, so that some wait for one
  start();
  run_clients();
  EXPECT_EQ(wrong_, 0);
  EXPECT_GT(right_, kClientThreads * kRequestsPerThread * 4 / 5);
}

TEST_F(EdgeLoad, EveryAnswerBelongsToItsRequestOnSeveralThreads) {
  settings_.threads = 3;
  start();
  run_clients();
  EXPECT_EQ(wrong_, 0);
  EXPECT_GT(right_, kClientThreads * kRequestsPerThread * 4 / 5);
}

TEST_F(EdgeLoad, StopUnderLoadReturns) {
  start();
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kClientThreads; ++i) {
    threads.emplace_back([&] {
      while (!is_over) {
        try {
          HttpClient http(port());
          while (http.get("/early")) ++right_;
        } catch (const std::runtime_error&) {
          return;  // nobody listens any more
        }
      }
    });
  }
  while (right_ < 500) std::this_thread::yield();
  stop();
  is_over = true;
}

}  // namespace
}  // namespace runledger::api

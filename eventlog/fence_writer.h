// Keeps the fence file up to date from a thread of its own, so that no commit waits for it. At most
// one write in an interval, none while nothing changes.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "eventlog/seal.h"

namespace runledger::eventlog {

class FenceWriter {
 public:
  // durable_chain says how far the log is durable; it is called by the writer's thread.
  FenceWriter(std::filesystem::path file, const ChainHead& written,
              std::chrono::milliseconds interval, std::function<ChainHead()> durable_chain);
  ~FenceWriter();  // stops

  // Ends the thread. Nothing is written afterwards, except by write().
  void stop();
  // Of the thread that has stopped it.
  void write(const ChainHead& chain);

  // After a write has failed nothing is written again. Any thread.
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  std::string failure() const;

 private:
  void run();

  std::filesystem::path file_;
  ChainHead written_;
  std::chrono::milliseconds interval_;
  std::function<ChainHead()> durable_chain_;
  std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stopping_ = false;
  std::string failure_;
  std::thread thread_;
};

}  // namespace runledger::eventlog

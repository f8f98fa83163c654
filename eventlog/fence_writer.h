// Keeps the fence file up to date from a thread of its own, so that no commit waits for it: soon
// after the last commit before a pause, and once in an interval while commits go on. Nothing is
// written while nothing changes.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "eventlog/failure_latch.h"
#include "eventlog/seal.h"

namespace runledger::eventlog {

class FenceWriter {
 public:
  struct Times {
    std::chrono::milliseconds interval;  // between writes while commits go on
    std::chrono::milliseconds pause;     // without a commit, that is taken for the end of the load
  };

  // durable_chain says how far the log is durable; it is called by the writer's thread. A write
  // that fails is told to the latch, and nothing is written once that has failed.
  FenceWriter(std::filesystem::path file, const ChainHead& written, Times times,
              std::function<ChainHead()> durable_chain, std::shared_ptr<FailureLatch> latch);
  ~FenceWriter();  // stops

  // durable_chain has changed. Of the committing thread; cheap.
  void note_commit();

  // Ends the thread. Nothing is written afterwards, except by write().
  void stop();
  // Of the thread that has stopped it.
  void write(const ChainHead& chain);

 private:
  void run();
  bool wait_for_pause();  // false: stopping

  std::filesystem::path file_;
  ChainHead written_;
  Times times_;
  std::function<ChainHead()> durable_chain_;
  std::shared_ptr<FailureLatch> latch_;
  std::atomic<bool> behind_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace runledger::eventlog

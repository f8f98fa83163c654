#include "eventlog/fence_writer.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "eventlog/fence.h"

namespace runledger::eventlog {

FenceWriter::FenceWriter(std::filesystem::path file, const ChainHead& written, Times times,
                         std::function<ChainHead()> durable_chain,
                         std::shared_ptr<FailureLatch> latch)
    : file_(std::move(file)),
      written_(written),
      times_(times),
      durable_chain_(std::move(durable_chain)),
      latch_(std::move(latch)),
      thread_([this] { run(); }) {}

FenceWriter::~FenceWriter() {
  stop();
}

void FenceWriter::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FenceWriter::note_commit() {
  if (behind_.exchange(true)) return;
  // The lock makes sure that the thread is either before its look at behind_ or waiting.
  { const std::scoped_lock lock(mutex_); }
  wake_.notify_one();
}

void FenceWriter::run() {
  while (wait_for_pause()) {
    behind_ = false;  // before the chain is asked for: a commit after it wakes the thread again
    write(durable_chain_());
  }
}

bool FenceWriter::wait_for_pause() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || behind_; });
  const auto latest = std::chrono::steady_clock::now() + times_.interval;
  ChainHead before;
  ChainHead now = durable_chain_();
  do {
    const auto until = std::min(latest, std::chrono::steady_clock::now() + times_.pause);
    if (wake_.wait_until(lock, until, [this] { return stopping_; })) return false;
    before = std::exchange(now, durable_chain_());
  } while (before != now && std::chrono::steady_clock::now() < latest);
  return true;
}

void FenceWriter::write(const ChainHead& chain) {
  if (chain == written_ || latch_->failed()) return;
  try {
    write_fence(file_, chain);
    written_ = chain;
  } catch (const std::system_error& failed) {
    latch_->fail(fence_failure(failed));
  }
}

}  // namespace runledger::eventlog

#include "eventlog/fence_writer.h"

#include <system_error>

#include "eventlog/fence.h"

namespace runledger::eventlog {

FenceWriter::FenceWriter(std::filesystem::path file, const ChainHead& written,
                         std::chrono::milliseconds interval,
                         std::function<ChainHead()> durable_chain)
    : file_(std::move(file)),
      written_(written),
      interval_(interval),
      durable_chain_(std::move(durable_chain)),
      thread_([this] { run(); }) {}

FenceWriter::~FenceWriter() {
  stop();
}

void FenceWriter::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stop_asked_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FenceWriter::run() {
  std::unique_lock lock(mutex_);
  while (!stop_asked_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    write(durable_chain_());
    lock.lock();
  }
}

void FenceWriter::write(const ChainHead& chain) {
  if (chain == written_ || failed()) return;
  try {
    write_fence(file_, chain);
    written_ = chain;
  } catch (const std::system_error& error) {
    const std::scoped_lock lock(mutex_);
    failure_ = std::string("The fence file could not be written: ") + error.what();
    failed_.store(true, std::memory_order_release);
  }
}

std::string FenceWriter::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

}  // namespace runledger::eventlog

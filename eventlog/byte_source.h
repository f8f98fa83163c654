// Where bytes come from, read once from front to back. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace runledger::eventlog {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills from the front; 0 is the end. Throws std::system_error if reading fails, LogError if what
  // is read is damaged.
  virtual std::size_t read(std::span<char> into) = 0;
};

// read(2); the descriptor stays the caller's. A signal that interrupts it (EINTR) ends it too:
// whoever handles signals without SA_RESTART wants a read that waits for somebody else's bytes to
// stop.
class FileSource final : public ByteSource {
 public:
  explicit FileSource(int fd) : fd_(fd) {}
  std::size_t read(std::span<char> into) override;

 private:
  int fd_;
};

}  // namespace runledger::eventlog

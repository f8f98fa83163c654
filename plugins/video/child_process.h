// A program that reads from us and writes to us, started by its arguments and never by a shell.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace runledger::plugins::video {

inline constexpr std::size_t kErrorTextBytesMax = 2000;  // of what it says on stderr, the last ones

// One thread. The destructor kills what still runs.
class ChildProcess {
 public:
  using Output = std::function<void(std::span<const std::byte>)>;

  // What it writes to stdout is handed to `output`. Throws Failure when it cannot be started.
  ChildProcess(std::vector<std::string> arguments, Output output);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Waits for room, and takes what it says meanwhile. False: it reads no more.
  bool write(std::span<const std::byte> bytes);
  // No more input; takes all that it still says, and waits for its end. True: it ended well.
  bool finish();
  const std::string& error_text() const { return error_text_; }

 private:
  void listen(bool also_for_room);
  void take(int& descriptor, const Output& output);
  void keep_error(std::span<const std::byte> bytes);

  const Output output_;
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string error_text_;
};

}  // namespace runledger::plugins::video

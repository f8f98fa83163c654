// A process that appends to a log for ever (appending_child.cpp) and tells each acknowledgement.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "eventlog/storage.h"

namespace runledger::eventlog::test {

class AppendingProcess {
 public:
  explicit AppendingProcess(const std::filesystem::path& log_directory);
  ~AppendingProcess();  // kills
  AppendingProcess(const AppendingProcess&) = delete;
  AppendingProcess& operator=(const AppendingProcess&) = delete;

  void read_acknowledgements(int count);
  void send(int signal) const;
  // SIGKILL; the last head that it acknowledged. Fails the test if it ended by itself.
  Offset kill_and_drain();

 private:
  bool read_one();

  ::pid_t pid_ = -1;
  int acknowledgements_ = -1;  // read end of its stdout
  Offset acknowledged_ = 0;
};

// Every record and row is what the child writes.
void expect_appended_by_child(const Storage& storage);

}  // namespace runledger::eventlog::test

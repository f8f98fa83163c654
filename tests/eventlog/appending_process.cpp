#include "tests/eventlog/appending_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {

AppendingProcess::AppendingProcess(const std::filesystem::path& log_directory) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(RUNLEDGER_APPENDING_CHILD, RUNLEDGER_APPENDING_CHILD, log_directory.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  acknowledgements_ = ends[0];
}

AppendingProcess::~AppendingProcess() {
  if (pid_ > 0) {
    send(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(acknowledgements_);
}

bool AppendingProcess::read_one() {
  Offset head = 0;
  if (::read(acknowledgements_, &head, sizeof head) != sizeof head) return false;
  acknowledged_ = head;
  return true;
}

void AppendingProcess::read_acknowledgements(int count) {
  for (int i = 0; i < count; ++i) {
    if (!read_one()) return;
  }
}

void AppendingProcess::send(int signal) const {
  ::kill(pid_, signal);
}

Offset AppendingProcess::kill_and_drain() {
  send(SIGKILL);
  while (read_one()) continue;
  int status = 0;
  EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself";
  pid_ = -1;
  return acknowledged_;
}

void expect_appended_by_child(const Storage& storage) {
  EXPECT_EQ(storage.rows_offset(), storage.log().head());
  EXPECT_EQ(storage.rows().get("head"), std::to_string(storage.log().head()));
  const auto records = read_all(storage);
  ASSERT_EQ(records.size(), storage.log().head());
  for (const auto& record : records) {
    ASSERT_EQ(record.payload, std::to_string(record.offset) + std::string(500, '.'));
    ASSERT_EQ(record.stream, "s" + std::to_string(record.offset % 7));
  }
}

}  // namespace runledger::eventlog::test

// What the record of an attempt says of a plugin's process that has ended.
#include "core/worker/host_end.h"

#include <gmock/gmock.h>
#include <signal.h>

#include "core/worker/host_exit.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HostEnd exited(int code) {
  return {code << 8, KilledFor::kNothing, {}, {}};
}
HostEnd signaled(int signal, const std::string& trace = {}) {
  return {signal, KilledFor::kNothing, trace, {}};
}

TEST(HostEnd, NamesTheExitCode) {
  EXPECT_EQ(cause_of(exited(3)), "the plugin called exit(3)");
  EXPECT_EQ(cause_of(exited(0)), "the plugin called exit(0)");
  EXPECT_THAT(cause_of(exited(kHostExitCutOff)), HasSubstr("closed the connection"));
}

TEST(HostEnd, NamesTheSignal) {
  EXPECT_EQ(cause_of(signaled(SIGSEGV)), "signal 11 (SIGSEGV)");
  EXPECT_EQ(cause_of(signaled(SIGABRT)), "signal 6 (SIGABRT): the plugin aborted");
  EXPECT_THAT(cause_of(signaled(SIGKILL)), HasSubstr("out of memory"));
  EXPECT_THAT(cause_of(signaled(SIGXFSZ)), HasSubstr("a file grew over"));
}

TEST(HostEnd, TellsKindsOfFaultsApart) {
  const auto fault = [](const std::string& code, const std::string& address) {
    return cause_of(signaled(
        SIGSEGV, "signal 11 code " + code + " address " + address + " stack 0x7ffd00001000\n"));
  };
  EXPECT_EQ(fault("1", "0x8"), "signal 11 (SIGSEGV) at address 0x8: a null pointer");
  EXPECT_THAT(fault("1", "0x7ffd00000ff8"), HasSubstr("the stack has overflowed"));
  EXPECT_THAT(fault("1", "0x123456789"), HasSubstr("no memory is there"));
  EXPECT_THAT(fault("2", "0x123456789"), HasSubstr("memory that it may not use that way"));
}

TEST(HostEnd, DoesNotBelieveATraceThatIsNone) {
  EXPECT_EQ(cause_of(signaled(SIGSEGV, "signal 9999 code 1 address 0 stack 0")),
            "signal 11 (SIGSEGV)");
  EXPECT_EQ(cause_of(signaled(SIGSEGV, "all is well")), "signal 11 (SIGSEGV)");
}

TEST(HostEnd, SaysForWhatTheWorkerKilledIt) {
  const auto killed = [](KilledFor reason) {
    return cause_of({SIGKILL, reason, {}, {}});
  };
  EXPECT_THAT(killed(KilledFor::kTooManyProcesses), HasSubstr("more than 64 processes"));
  EXPECT_THAT(killed(KilledFor::kNotStarting), HasSubstr("not loaded within 10 s"));
  EXPECT_THAT(killed(KilledFor::kBadFrames), HasSubstr("no message"));
}

TEST(HostEnd, KeepsBacktraceAndLastLinesInBounds) {
  HostEnd end =
      signaled(SIGSEGV, "signal 11 code 1 address 0x0 stack 0x1\nzoo.so+0x12\n\xff\x01\n" +
                            std::string(100'000, 'x'));
  end.last_lines = {"goodbye"};
  const auto log = log_of(end);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->level, "error");
  EXPECT_THAT(log->text, HasSubstr("zoo.so+0x12\n\xef\xbf\xbd?\n"));
  EXPECT_THAT(log->text, Not(HasSubstr("address 0x0")));
  EXPECT_LE(log->text.size(), kTextBytesMax);
  end.trace.clear();
  EXPECT_THAT(log_of(end)->text, HasSubstr("goodbye"));
  EXPECT_FALSE(log_of(signaled(SIGKILL)));
}

TEST(HostEnd, IsARetryableFailure) {
  const auto failed = failure_of(exited(3));
  EXPECT_EQ(failed.code, "plugin_crashed");
  EXPECT_TRUE(failed.retryable);
  EXPECT_THAT(failed.message, HasSubstr("exit(3)"));
}

}  // namespace
}  // namespace runledger::core::worker

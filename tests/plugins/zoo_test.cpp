// Each misdeed of the zoo: what the attempt's record says of it, and that the next task runs.
#include "tests/plugins/host_fixture.h"

namespace runledger::core::worker {
namespace {

using protocol::FailedReport;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ZooTest : public HostFixture {
 protected:
  ~ZooTest() override {
    if (!HasFatalFailure()) output_of(run(runner, "zoo", "good"));
  }
  FailedReport failure(const std::string& deed, const std::string& type = "zoo") {
    const auto outcome = run(runner, type, deed);
    const auto* failed = std::get_if<FailedReport>(&outcome);
    if (failed == nullptr) ADD_FAILURE() << deed << " has not failed";
    return failed == nullptr ? FailedReport{} : *failed;
  }
  std::string crash(const std::string& deed, const std::string& type = "zoo") {
    const auto failed = failure(deed, type);
    EXPECT_EQ(failed.code, "plugin_crashed") << failed.message;
    EXPECT_TRUE(failed.retryable);
    return failed.message;
  }
  std::string logged() const {
    std::string all;
    for (const auto& line : link.reports_of<protocol::LogReport>()) all += line.text + "\n";
    return all;
  }

  PluginHosts executor{hosts(), {plugin("zoo"), plugin("zoo_processes")}, 1};
  TaskRunner runner{1, executor, link, uploader};
};

TEST_F(ZooTest, ASegmentationFaultHasItsAddressABacktraceAndLastWords) {
  EXPECT_THAT(crash("segfault"), HasSubstr("signal 11 (SIGSEGV) at address 0x0: a null pointer"));
  EXPECT_THAT(logged(), AllOf(HasSubstr("about to write to nowhere"), HasSubstr("zoo.so+0x"),
                              HasSubstr("the zoo says goodbye")));
}

TEST_F(ZooTest, AnAbort) {
  EXPECT_THAT(crash("abort"), HasSubstr("signal 6 (SIGABRT)"));
  EXPECT_THAT(logged(), HasSubstr("zoo.so+0x"));
}

TEST_F(ZooTest, AnExit) {
  EXPECT_THAT(crash("exit"), HasSubstr("the plugin called exit(3)"));
}

TEST_F(ZooTest, AStackThatOverflows) {
  EXPECT_THAT(crash("overflow"),
              AllOf(HasSubstr("SIGSEGV"), HasSubstr("the stack has overflowed")));
  EXPECT_THAT(logged(), HasSubstr("zoo.so+0x"));
}

TEST_F(ZooTest, AnExceptionThatNobodyCatches) {
  EXPECT_THAT(crash("terminate"), HasSubstr("SIGABRT"));
  EXPECT_THAT(logged(), HasSubstr("terminate called"));
}

TEST_F(ZooTest, AThrownIntIsAnOrdinaryFailure) {
  EXPECT_EQ(failure("throw").code, "executor_error");
}

TEST_F(ZooTest, AHeapThatIsOverwritten) {
  EXPECT_THAT(crash("scribble"), HasSubstr("signal "));
}

TEST_F(ZooTest, ClosingEveryDescriptor) {
  EXPECT_THAT(crash("close"), HasSubstr("closed the connection of its process"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(ZooTest, MemoryWithoutEndIsRefusedAtTheLimit) {
  EXPECT_THAT(failure("allocate").message, HasSubstr("bad_alloc"));
  EXPECT_THAT(crash("map"), HasSubstr("signal 11 (SIGSEGV)"));
}
#endif

TEST_F(ZooTest, AForkBombIsRefused) {
  EXPECT_EQ(output_of(run(runner, "zoo", "fork"))["fork"], "EPERM");
}

TEST_F(ZooTest, AForkBombOfAPluginThatMayForkIsKilledWhole) {
  EXPECT_THAT(crash("fork", "zoo_processes"), HasSubstr("more than 64 processes"));
}

TEST_F(ZooTest, AFloodOfOutputBlocksNobody) {
  output_of(run(runner, "zoo", "flood"));
}

TEST_F(ZooTest, AResultThatIsTooLarge) {
  const auto failed = failure("large");
  EXPECT_EQ(failed.code, "output_too_large");
  EXPECT_FALSE(failed.retryable);
}

TEST_F(ZooTest, KillingItsParentIsRefused) {
  for (const char* type : {"zoo", "zoo_processes"}) {
    const auto output = output_of(run(runner, type, "kill_parent"));
    for (const auto& [whom, what] : output.items()) {
      EXPECT_EQ(what, "Operation not permitted") << type << whom;
    }
  }
}

TEST_F(ZooTest, TheTokenIsNowhere) {
  setenv("RUNLEDGER_TOKEN", "secret", 1);
  const auto output = output_of(run(runner, "zoo", "token"));
  unsetenv("RUNLEDGER_TOKEN");
  EXPECT_EQ(output["found"], false);
  EXPECT_EQ(output["memory"], false);
  EXPECT_EQ(output["path"], true);
}

// --- what must not reach the next task, or another process ---

TEST_F(ZooTest, AnOutcomeTooManyIsNobodyElses) {
  EXPECT_EQ(output_of(run(runner, "zoo", "speak_twice"))["forged"], true);  // its own affair
  const auto next = output_of(run(runner, "zoo", "good"));
  EXPECT_TRUE(next.contains("resource_id")) << next;
}

TEST_F(ZooTest, AFileThatWasLeftIsNotTheNextOnesContent) {
  output_of(run(runner, "zoo", "leave_file"));
  output_of(run(runner, "zoo", "good"));
  const auto stored = uploader.stored();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(stored[0].data()), stored[0].size()),
            "content of nobody");
}

TEST_F(ZooTest, AResourceIsNotReportedWithoutItsContent) {
  const auto failed = failure("forge_resource");
  EXPECT_EQ(failed.code, "plugin_crashed");
  EXPECT_TRUE(link.reports_of<protocol::ResourceReport>().empty());
}

TEST_F(ZooTest, OthersAreOutOfReach) {
  for (const char* type : {"zoo", "zoo_processes"}) {
    const auto tried = output_of(run(runner, type, "reach_others"));
    for (const auto& [what, said] : tried.items()) {
      EXPECT_EQ(said, "Operation not permitted") << type << " " << what;
    }
  }
}

}  // namespace
}  // namespace runledger::core::worker

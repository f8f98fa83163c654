// What `plugin check` says of good plugins and of bad ones.
#include "core/check/check_plugin.h"

#include <gmock/gmock.h>

#include <fstream>
#include <system_error>

#include "core/worker/limits.h"
#include "tests/core/temporary_directory.h"

namespace runledger::core::check {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

class CheckPluginTest : public ::testing::Test {
 protected:
  CheckReport check_file(const fs::path& file) {
    const fs::path copy = directory_.path() / file.filename();
    fs::copy_file(file, copy, fs::copy_options::overwrite_existing);
    fs::permissions(copy, mode);
    return check_plugin(copy, settings);
  }
  CheckReport check(const std::string& name) {
    return check_file(fs::path(RUNLEDGER_TEST_PLUGINS) / (name + ".so"));
  }
  // Of the zoo, which does as it is told.
  CheckReport check_deed(const std::string& deed) {
    settings.inputs = {{"zoo", R"({"do": ")" + deed + "\"}"}};
    return check("zoo");
  }
  static CheckResult result(const CheckReport& report, const std::string& name) {
    for (const CheckResult& check : report.checks) {
      if (check.name == name) return check;
    }
    ADD_FAILURE() << "there is no check " << name;
    return {};
  }
  static std::vector<std::string> failed(const CheckReport& report) {
    std::vector<std::string> names;
    for (const CheckResult& check : report.checks) {
      if (check.status == CheckStatus::kFail) names.push_back(check.name);
    }
    return names;
  }
  static std::string text_of(const CheckReport& report) {
    std::string text;
    for (const CheckResult& check : report.checks) {
      text += std::string(name_of(check.status)) + " " + check.name + " " + check.detail + "\n";
    }
    return text;
  }
  // The only check that fails, and what it says.
  static std::string only(const CheckReport& report, const std::string& name) {
    EXPECT_THAT(failed(report), ::testing::ElementsAre(name)) << text_of(report);
    return result(report, name).detail;
  }

  // A good one stops in time on a slow machine too.
  CheckSettings settings{
      {RUNLEDGER_WORKER_PROCESS, worker::kHostMemoryBytes, {}}, 60s, /*stop_within=*/20s};
  fs::perms mode = fs::perms::owner_all;

 private:
  core::testing::TemporaryDirectory directory_;
};

TEST_F(CheckPluginTest, FindsNothingWrongWithGoodPlugins) {
  for (const fs::path file : {RUNLEDGER_TEST_PLUGINS "/hello.so",
                              RUNLEDGER_TEST_PLUGINS "/notice.so", RUNLEDGER_PLUGINS "/image.so"}) {
    const auto report = check_file(file);
    EXPECT_TRUE(report.ok()) << text_of(report);
    for (const CheckResult& each : report.checks) {
      EXPECT_EQ(each.status, CheckStatus::kPass) << file << " " << each.name << each.detail;
    }
  }
}

TEST_F(CheckPluginTest, SaysWhichCheckComesNextAndHowManyThereAre) {
  std::vector<std::string> names;
  settings.on_check = [&](std::size_t done, std::size_t total, const std::string& name) {
    EXPECT_EQ(done, names.size());
    EXPECT_EQ(total, 12U);
    names.push_back(name);
  };
  check("raw_abi");
  EXPECT_EQ(names.size(), 12U);
  EXPECT_EQ(names.back(), "repeat");
}

TEST_F(CheckPluginTest, PlaysTheServerForJobsThatAreHandedOver) {
  const fs::path courier = RUNLEDGER_TEST_PLUGINS "/../remote/courier.so";
  for (const char* find : {"true", "false"}) {
    core::testing::TemporaryDirectory parcels;
    const std::string input = R"({"dir": ")" + parcels.path().string() + R"(", "find": )" + find;
    settings.inputs = {{"courier", input + "}"}};
    const auto report = check_file(courier);
    EXPECT_TRUE(report.ok()) << text_of(report);
    settings.inputs = {{"courier", input + R"(, "unknown": true})"}};
    const auto unknown = result(check_file(courier), "run");
    if (std::string(find) == "true") {
      EXPECT_EQ(unknown.status, CheckStatus::kPass) << unknown.detail;
    } else {
      EXPECT_THAT(unknown.detail, HasSubstr("remote call 1 has handed the job over: The courier"));
    }
  }
}

TEST_F(CheckPluginTest, FindsWhatGoesWrongAfterACrashWhileAJobIsHandedOver) {
  core::testing::TemporaryDirectory parcels;
  const std::string dir = parcels.path().string();
  settings.inputs = {{"courier", R"({"find": true, "find_fails": true, "dir": ")" + dir + "\"}"}};
  const auto report = check_file(RUNLEDGER_TEST_PLUGINS "/../remote/courier.so");
  EXPECT_EQ(only(report, "determinism").substr(only(report, "determinism").find("run again")),
            "run again as after a crash within remote 'courier': it has failed: no_answer: The "
            "courier says nothing");
}

TEST_F(CheckPluginTest, GivesTasksTheResourcesThatItIsGiven) {
  const fs::path courier = RUNLEDGER_TEST_PLUGINS "/../remote/courier.so";
  core::testing::TemporaryDirectory parcels;
  const fs::path letter = parcels.path() / "letter.txt";
  std::ofstream(letter) << "Dear courier";
  settings.inputs = {
      {"courier", R"({"enclose": "res_1", "dir": ")" + parcels.path().string() + "\"}"}};
  EXPECT_THAT(only(check_file(courier), "run"), HasSubstr("--resource res_1=TYPE,FILE"));
  settings.resources = {{"res_1", {letter, "text/plain"}}};
  const auto report = check_file(courier);
  EXPECT_TRUE(report.ok()) << text_of(report);
}

TEST_F(CheckPluginTest, RefusesAFileThatOthersMayWrite) {
  mode = fs::perms::owner_all | fs::perms::group_write;
  const auto report = check("hello");
  EXPECT_THAT(only(report, "file"), HasSubstr("chmod go-w"));
}

TEST_F(CheckPluginTest, NamesSymbolsThatAreNotForOthers) {
  const auto report = check("raw_fragile");
  EXPECT_THAT(result(report, "symbols").detail, HasSubstr("but it exports execute"));
}

TEST_F(CheckPluginTest, LooksNoFurtherWhenItCannotBeLoaded) {
  const auto abi = check("raw_abi");
  EXPECT_EQ(result(abi, "load").detail, "built for plugin ABI 7, this worker speaks 1");
  for (const char* name : {"manifest", "schemas", "run", "determinism", "repeat"}) {
    EXPECT_EQ(result(abi, name).status, CheckStatus::kSkip) << name;
  }
  EXPECT_THAT(result(check("zoo_exit_at_load"), "load").detail, HasSubstr("called exit(4)"));
  EXPECT_THAT(result(check("raw_manifest"), "manifest").detail, HasSubstr("'/name'"));
  const fs::path text = fs::temp_directory_path() / "runledger_check_text.so";
  std::ofstream(text) << "no library";
  EXPECT_THAT(result(check_file(text), "symbols").detail, HasSubstr("no ELF file"));
  fs::remove(text);
}

TEST_F(CheckPluginTest, CannotLookAtWhatIsNotThere) {
  EXPECT_THROW(check_plugin("/nowhere/it.so", settings), std::system_error);
  EXPECT_THROW(check_plugin("/tmp", settings), std::system_error);
}

TEST_F(CheckPluginTest, WantsAnExampleOfEachTaskType) {
  EXPECT_THAT(only(check("zoo"), "run"), HasSubstr("no example of zoo"));
}

TEST_F(CheckPluginTest, MakesNoExternalCallsUnasked) {
  const fs::path http = RUNLEDGER_PLUGINS "/http.so";
  const auto report = check_file(http);
  EXPECT_TRUE(report.ok()) << text_of(report);
  EXPECT_THAT(result(report, "run").detail, HasSubstr("--external-calls"));
  settings.external_calls = true;
  settings.inputs = {{"http", R"({"url": "http://127.0.0.1:9/"})"}};
  EXPECT_THAT(result(check_file(http), "run").detail, HasSubstr("address_refused"));
}

TEST_F(CheckPluginTest, NamesTheSignalThatARunEndsWith) {
  EXPECT_THAT(only(check_deed("segfault"), "run"), HasSubstr("signal 11 (SIGSEGV)"));
  EXPECT_THAT(only(check_deed("exit"), "run"), HasSubstr("the plugin called exit(3)"));
}

TEST_F(CheckPluginTest, EndsARunThatTakesTooLong) {
  settings.time_limit = 300ms;
  EXPECT_THAT(only(check_deed("spin"), "run"), HasSubstr("has not ended within"));
}

TEST_F(CheckPluginTest, ComparesTheOutputWithItsSchema) {
  EXPECT_THAT(only(check_deed("wrong"), "output"), HasSubstr("at '/depth'"));
}

TEST_F(CheckPluginTest, FindsCallsThatDifferAfterACrash) {
  const auto report = check_deed("wander");
  EXPECT_THAT(result(report, "determinism").detail, HasSubstr("durable call 1 was step 'step of"));
}

TEST_F(CheckPluginTest, FindsOutputThatDiffersAfterACrash) {
  const auto report = check_deed("good");  // its output has the number of its process
  EXPECT_THAT(result(report, "determinism").detail, HasSubstr("the output was"));
}

TEST_F(CheckPluginTest, FindsATaskThatDoesNotStop) {
  settings.stop_within = 200ms;
  EXPECT_THAT(only(check_deed("deaf"), "cancel"), HasSubstr("has not ended within 200 ms"));
}

TEST_F(CheckPluginTest, FindsACrashByInputThatTheSchemaForbids) {
  const auto report = check("raw_fragile");
  EXPECT_THAT(result(report, "malformed_input").detail, HasSubstr("signal 11"));
}

TEST_F(CheckPluginTest, FindsAThreadThatIsLeftBehind) {
  const auto report = check_deed("leave_thread");
  EXPECT_EQ(result(report, "repeat").status, CheckStatus::kFail) << text_of(report);
}

}  // namespace
}  // namespace runledger::core::check

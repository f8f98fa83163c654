#include "core/worker/plugin_directory.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/worker/describe.h"
#include "core/worker/limits.h"
#include "tests/core/temporary_directory.h"

namespace runledger::core::worker {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A directory of plugins that the test puts together from those that were built for it.
class PluginDirectoryTest : public ::testing::Test {
 protected:
  fs::path add(const std::string& built, const std::string& as) {
    const fs::path to = directory() / as;
    fs::copy_file(fs::path(RUNLEDGER_TEST_PLUGINS) / (built + ".so"), to);
    fs::permissions(to, fs::perms::owner_all);
    return to;
  }
  PluginDirectory find(const fs::path& directory) const {
    return find_plugins(
        directory, [this](const fs::path& file) { return describe_plugin(hosts_, file, *watch_); });
  }
  const fs::path& directory() const { return directory_.path(); }

  // Loads the directory and gives why the only plugin in it was refused.
  std::string refusal() const {
    const auto loaded = find(directory());
    EXPECT_THAT(loaded.plugins, IsEmpty());
    EXPECT_THAT(loaded.refusals, SizeIs(1));
    return loaded.refusals.empty() ? "" : loaded.refusals[0].reason;
  }
  std::string refusal_of(const std::string& built) {
    add(built, "it.so");
    return refusal();
  }

 private:
  core::testing::TemporaryDirectory directory_;
  const HostSettings hosts_{RUNLEDGER_WORKER_PROCESS, kHostMemoryBytes, {}};
  const std::unique_ptr<HostWatch> watch_ = std::make_unique<HostWatch>();
};

TEST_F(PluginDirectoryTest, LoadsAPluginWrittenInC) {
  add("raw_sound", "raw.so");
  const auto loaded = find(directory());
  ASSERT_THAT(loaded.plugins, SizeIs(1));
  EXPECT_THAT(loaded.refusals, IsEmpty());
  const auto offers = loaded.offers();
  ASSERT_THAT(offers, SizeIs(1));
  EXPECT_EQ(offers[0].name, "raw");
  EXPECT_EQ(offers[0].version, "0.1");
  EXPECT_THAT(offers[0].plugin_sha256, SizeIs(64));
  EXPECT_FALSE(loaded.plugins[0].processes);
}

TEST_F(PluginDirectoryTest, RefusesATaskTypeThatMayHaveMoreMemoryThanTheWorkerGives) {
  PluginDirectory found;
  PluginFile modest{"modest.so", "modest", {}, false, {}, {{"small", kHostMemoryBytesMin}}};
  PluginFile greedy{"greedy.so", "greedy", {}, false, {}, {{"large", kHostMemoryBytes + 1}}};
  found.plugins = {modest, greedy};
  found.keep_within(kHostMemoryBytes);
  ASSERT_THAT(found.plugins, SizeIs(1));
  EXPECT_EQ(found.plugins[0].name, "modest");
  ASSERT_THAT(found.refusals, SizeIs(1));
  EXPECT_THAT(found.refusals[0].reason,
              AllOf(HasSubstr(std::to_string(kHostMemoryBytes + 1)),
                    HasSubstr(std::to_string(kHostMemoryBytes) + " (--plugin-memory)")));
}

TEST_F(PluginDirectoryTest, NamesBothNumbersOfAnotherAbi) {
  EXPECT_EQ(refusal_of("raw_abi"), "built for plugin ABI 7, this worker speaks 1");
}

TEST_F(PluginDirectoryTest, NamesBothSizesOfADescriptorThatIsTooSmall) {
  EXPECT_EQ(refusal_of("raw_size"), "its descriptor has 64 bytes, this worker needs 88");
}

TEST_F(PluginDirectoryTest, NamesBothMagicNumbers) {
  EXPECT_THAT(refusal_of("raw_magic"),
              AllOf(HasSubstr("0x1122334455667788"), HasSubstr("0x4e474c5052474c52")));
}

TEST_F(PluginDirectoryTest, RefusesADescriptorWithoutExecute) {
  EXPECT_THAT(refusal_of("raw_no_execute"), HasSubstr("lacks create, execute or destroy"));
}

TEST_F(PluginDirectoryTest, RefusesALibraryWithoutTheSymbol) {
  EXPECT_THAT(refusal_of("raw_no_symbol"), HasSubstr("does not export runledger_plugin_v1"));
}

TEST_F(PluginDirectoryTest, RefusesABadManifestAndSaysWhatIsMissing) {
  EXPECT_THAT(refusal_of("raw_manifest"),
              HasSubstr("'/name': expected a string, but there is none"));
}

TEST_F(PluginDirectoryTest, RefusesASchemaThatWouldNotBeEnforced) {
  EXPECT_THAT(refusal_of("raw_unenforced"),
              AllOf(HasSubstr("'/task_types/0/input_schema'"), HasSubstr("'pattern'")));
}

TEST_F(PluginDirectoryTest, NamesTheSymbolThatALibraryLacks) {
  EXPECT_THAT(refusal_of("raw_unresolved"), HasSubstr("nobody_defines_this"));
}

TEST_F(PluginDirectoryTest, RefusesAFileThatIsNoLibrary) {
  std::ofstream(directory() / "text.so") << "hello";
  EXPECT_THAT(refusal(), HasSubstr("not a loadable shared library"));
}

TEST_F(PluginDirectoryTest, RefusesALibraryWhoseInitialisersCrash) {
  add("zoo_constructor", "bad.so");
  add("raw_sound", "raw.so");
  const auto loaded = find(directory());
  EXPECT_THAT(loaded.plugins, SizeIs(1));
  ASSERT_THAT(loaded.refusals, SizeIs(1));
  EXPECT_THAT(loaded.refusals[0].reason,
              AllOf(HasSubstr("loading it ended its process: signal 11 (SIGSEGV)"),
                    HasSubstr("a null pointer")));
}

TEST_F(PluginDirectoryTest, RefusesALibraryWhoseInitialisersExit) {
  EXPECT_THAT(refusal_of("zoo_exit_at_load"), HasSubstr("the plugin called exit(4)"));
}

TEST_F(PluginDirectoryTest, ReadsWhetherAPluginStartsPrograms) {
  add("zoo_processes", "zoo.so");
  const auto loaded = find(directory());
  ASSERT_THAT(loaded.plugins, SizeIs(1));
  EXPECT_TRUE(loaded.plugins[0].processes);
}

TEST_F(PluginDirectoryTest, KnowsThatAFileIsNoLongerTheOneThatWasDescribed) {
  const auto file = add("raw_sound", "raw.so");
  const auto loaded = find(directory());
  ASSERT_THAT(loaded.plugins, SizeIs(1));
  EXPECT_EQ(loaded.plugins[0].changed(), "");
  fs::remove(file);
  add("raw_stubborn", "raw.so");
  EXPECT_THAT(loaded.plugins[0].changed(), HasSubstr("restart it"));
}

TEST_F(PluginDirectoryTest, RefusesASecondPluginForATaskTypeAndNamesTheFirst) {
  const auto first = add("raw_sound", "a.so");
  const auto second = add("raw_sound", "b.so");
  const auto loaded = find(directory());
  ASSERT_THAT(loaded.plugins, SizeIs(1));
  EXPECT_EQ(loaded.plugins[0].path, first);
  ASSERT_THAT(loaded.refusals, SizeIs(1));
  EXPECT_EQ(loaded.refusals[0].path, second);
  EXPECT_EQ(loaded.refusals[0].reason, "task type raw is already that of " + first.string());
}

TEST_F(PluginDirectoryTest, RefusesAFileThatOthersMayWrite) {
  for (const auto extra : {fs::perms::group_write, fs::perms::others_write}) {
    const auto file = add("raw_sound", "raw.so");
    fs::permissions(file, extra, fs::perm_options::add);
    EXPECT_EQ(refusal(), "other users could change it: chmod go-w " + file.string());
    fs::remove(file);
  }
}

TEST_F(PluginDirectoryTest, RefusesADirectoryThatOthersMayWrite) {
  add("raw_sound", "raw.so");
  fs::permissions(directory(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(refusal(), HasSubstr("other users could change it"));
}

TEST_F(PluginDirectoryTest, SaysThatADirectoryIsNotThere) {
  const auto loaded = find(directory() / "nowhere");
  EXPECT_THAT(loaded.plugins, IsEmpty());
  ASSERT_THAT(loaded.refusals, SizeIs(1));
  EXPECT_THAT(loaded.refusals[0].reason, HasSubstr("cannot be read"));
}

TEST_F(PluginDirectoryTest, LoadsTheOthersBesideBadOnes) {
  add("raw_abi", "a.so");
  add("raw_no_symbol", "b.so");
  std::ofstream(directory() / "c.so") << "hello";
  std::ofstream(directory() / "notes.txt") << "not looked at";
  add("hello", "hello.so");
  add("raw_sound", "raw.so");
  const auto loaded = find(directory());
  ASSERT_THAT(loaded.plugins, SizeIs(2));
  EXPECT_EQ(loaded.plugins[0].name, "hello");
  EXPECT_EQ(loaded.plugins[1].name, "raw");
  EXPECT_THAT(loaded.refusals, SizeIs(3));
}

}  // namespace
}  // namespace runledger::core::worker

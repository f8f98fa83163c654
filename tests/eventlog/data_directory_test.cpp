#include "eventlog/data_directory.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <memory>

#include "tests/eventlog/support.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;

void write(const fs::path& file, const std::string& content) {
  std::ofstream(file) << content;
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

unsigned mode_of(const fs::path& path) {
  struct ::stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

std::string refusal(const fs::path& path) {
  try {
    const DataDirectory directory(path);
  } catch (const DataDirectoryError& error) {
    return error.what();
  }
  return "taken";
}

std::string refusal_to_inspect(const fs::path& path) {
  try {
    inspect_data_directory(path);
  } catch (const DataDirectoryError& error) {
    return error.what();
  }
  return "inspected";
}

// Names of everything in the directory, to see that nothing was touched.
std::vector<fs::path> names_in(const fs::path& path) {
  return test::files_with(path, "");
}

// Runs it in a child process; its exit code.
int in_child(const std::function<int()>& run) {
  const ::pid_t pid = ::fork();
  if (pid == 0) ::_exit(run());
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(DataDirectory, CreatesAMissingOneForItsOwnerAlone) {
  TempDir temp;
  const DataDirectory directory(temp / "new/data");
  EXPECT_EQ(mode_of(temp / "new/data"), 0700u);
  EXPECT_EQ(content_of(temp / "new/data/FORMAT"), "runledger-data 1\n");
  EXPECT_EQ(content_of(temp / "new/data/LOCK"), std::to_string(::getpid()) + "\n");
  EXPECT_EQ(mode_of(temp / "new/data/LOCK"), 0600u);
}

TEST(DataDirectory, TakesAnEmptyOneAndClosesItToOthers) {
  TempDir temp;
  fs::create_directory(temp / "data");
  ::chmod((temp / "data").c_str(), 0755);
  const DataDirectory directory(temp / "data");
  EXPECT_EQ(mode_of(temp / "data"), 0700u);
}

TEST(DataDirectory, TakesATrailingSlash) {
  TempDir temp;
  const DataDirectory directory(temp.path().string() + "/data/");
  EXPECT_EQ(directory.paths().log(), temp / "data/log");
}

TEST(DataDirectory, SaysWhereItsPartsAre) {
  TempDir temp;
  const DataDirectory directory(temp / "data");
  EXPECT_EQ(directory.paths().log(), temp / "data/log");
  EXPECT_EQ(directory.paths().admin_token(), temp / "data/admin-token");
  EXPECT_FALSE(fs::exists(temp / "data/artifacts"));
  EXPECT_EQ(directory.artifacts(), temp / "data/artifacts");
  EXPECT_EQ(directory.artifacts(), temp / "data/artifacts");
  EXPECT_EQ(directory.staging(), temp / "data/staging");
  EXPECT_EQ(mode_of(temp / "data/artifacts"), 0700u);
  EXPECT_EQ(mode_of(temp / "data/staging"), 0700u);
  EXPECT_FALSE(fs::exists(temp / "data/log"));
}

TEST(DataDirectory, CanBeTakenAgainWhenItWasGivenBack) {
  TempDir temp;
  { const DataDirectory directory(temp / "data"); }
  EXPECT_EQ(refusal(temp / "data"), "taken");
}

TEST(DataDirectory, TakesWhatAnInterruptedCreationLeft) {
  TempDir temp;
  fs::create_directory(temp / "data");
  write(temp / "data/LOCK", "");
  write(temp / "data/FORMAT.tmp", "runled");
  EXPECT_EQ(refusal(temp / "data"), "taken");
  EXPECT_EQ(content_of(temp / "data/FORMAT"), "runledger-data 1\n");
}

TEST(DataDirectory, InUseByAnotherProcessNamesItsPid) {
  TempDir temp;
  const auto directory = std::make_unique<DataDirectory>(temp / "data");
  const std::string pid = std::to_string(::getpid());
  EXPECT_EQ(in_child([&] {
              const std::string said = refusal(temp / "data");
              return said.find("is in use by process " + pid + ";") != std::string::npos ? 0 : 1;
            }),
            0);
}

TEST(DataDirectory, IsFreeWhenItsProcessHasEnded) {
  TempDir temp;
  EXPECT_EQ(in_child([&] {
              new DataDirectory(temp / "data");  // not given back: the process just ends
              return 0;
            }),
            0);
  EXPECT_EQ(refusal(temp / "data"), "taken");
}

TEST(DataDirectory, RefusesAForeignDirectoryAndLeavesItAlone) {
  TempDir temp;
  write(temp / "thesis.txt", "mine");
  const auto before = names_in(temp.path());
  EXPECT_THAT(refusal(temp.path()), AllOf(HasSubstr("thesis.txt"), HasSubstr("choose")));
  EXPECT_EQ(names_in(temp.path()), before);
}

TEST(DataDirectory, RefusesAnUnknownFormatAndNamesBoth) {
  TempDir temp;
  write(temp / "FORMAT", "runledger-data 7\n");
  EXPECT_THAT(refusal(temp.path()), AllOf(HasSubstr("has format 7"), HasSubstr("reads format 1")));
  EXPECT_THAT(refusal_to_inspect(temp.path()), HasSubstr("has format 7"));
  EXPECT_EQ(names_in(temp.path()).size(), 1u);
}

TEST(DataDirectory, RefusesAFormatFileOfSomethingElse) {
  for (const std::string content :
       {"", "1\n", "runledger-data", "runledger-data x\n", "runledger-data 1",
        "runledger-data 1\nmore", "runledger-data 0\n", "runledger-data -1\n"}) {
    TempDir temp;
    write(temp / "FORMAT", content);
    EXPECT_THAT(refusal(temp.path()), HasSubstr("FORMAT is not")) << content;
    EXPECT_EQ(names_in(temp.path()).size(), 1u);
  }
}

TEST(DataDirectory, RefusesAFile) {
  TempDir temp;
  write(temp / "data", "a file");
  EXPECT_THAT(refusal(temp / "data"), HasSubstr("to be a directory"));
  EXPECT_THAT(refusal(temp / "data/below"), HasSubstr("data/below"));
  EXPECT_EQ(content_of(temp / "data"), "a file");
}

TEST(DataDirectory, RefusesAPlaceWhereNothingCanBeCreated) {
  EXPECT_THAT(refusal("/proc/runledger-data"),
              AllOf(HasSubstr("create"), HasSubstr("/proc/runledger-data")));
}

// Root may write everywhere, so this is tried as another user.
TEST(DataDirectory, RefusesADirectoryThatTheUserCannotWrite) {
  constexpr ::uid_t kNobody = 65534;
  TempDir temp;
  fs::create_directory(temp / "data");
  ::chmod(temp.path().c_str(), 0755);
  ::chmod((temp / "data").c_str(), 0555);
  EXPECT_EQ(in_child([&] {
              if (::geteuid() == 0 && ::setuid(kNobody) != 0) return 2;
              const std::string said = refusal(temp / "data");
              return said.find("readable and writable") != std::string::npos ? 0 : 1;
            }),
            0);
  EXPECT_TRUE(names_in(temp / "data").empty());
}

TEST(DataDirectory, IsInspectedBesideItsOwner) {
  TempDir temp;
  const DataDirectory directory(temp / "data");
  EXPECT_EQ(inspect_data_directory(temp / "data").log(), temp / "data/log");
}

TEST(DataDirectory, InspectionRefusesWhatIsNotOurs) {
  TempDir temp;
  write(temp / "file", "");
  EXPECT_THAT(refusal_to_inspect(temp / "missing"), HasSubstr("to exist"));
  EXPECT_THAT(refusal_to_inspect(temp / "file"), HasSubstr("to be a directory"));
  EXPECT_THAT(refusal_to_inspect(temp.path()), HasSubstr("no file FORMAT"));
  EXPECT_FALSE(fs::exists(temp / "missing"));
}

TEST(DurableFile, ReplacesTheWholeContent) {
  TempDir temp;
  write_durably(temp / "file", "a long first content");
  write_durably(temp / "file", "second");
  EXPECT_EQ(read_small_file(temp / "file", 100), "second");
  EXPECT_EQ(read_small_file(temp / "file", 3), "sec");
  EXPECT_EQ(mode_of(temp / "file"), 0600u);
  EXPECT_EQ(names_in(temp.path()).size(), 1u);
}

TEST(DurableFile, TellsMissingFromUnreadable) {
  TempDir temp;
  EXPECT_EQ(read_small_file(temp / "missing", 10), std::nullopt);
  EXPECT_THROW(read_small_file(temp.path(), 10), std::system_error);
  EXPECT_THROW(write_durably(temp / "missing/file", "x"), std::system_error);
}

}  // namespace
}  // namespace runledger::eventlog

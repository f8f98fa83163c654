#include "core/artifacts/file_artifact_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/base/sha256.h"
#include "tests/core/temporary_directory.h"

namespace runledger::core {
namespace {

class ArtifactStoreTest : public ::testing::Test {
 protected:
  std::size_t staged_files() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(staging_)) ++count;
    return count;
  }
  testing::TemporaryDirectory directory_;
  std::filesystem::path staging_ = directory_.path() / "staging";
  FileArtifactStore store_{directory_.path() / "artifacts", staging_};
};

TEST_F(ArtifactStoreTest, KeepsBytesUnderTheirDigest) {
  auto staged = store_.stage();
  staged->write("hello ");
  staged->write("world");
  const StoredArtifact stored = staged->commit();
  EXPECT_EQ(stored.sha256, sha256_hex("hello world"));
  EXPECT_EQ(stored.size, 11u);
  EXPECT_EQ(store_.find(stored.sha256)->size, 11u);
  std::ifstream in(store_.path_of(stored.sha256));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "hello world");
}

TEST_F(ArtifactStoreTest, ShowsNothingBeforeTheCommitAndLeavesNothingWithoutOne) {
  {
    auto staged = store_.stage();
    staged->write("half");
    EXPECT_FALSE(store_.find(sha256_hex("half")));
    EXPECT_EQ(staged_files(), 1u);
  }
  EXPECT_EQ(staged_files(), 0u);
  EXPECT_FALSE(store_.find(sha256_hex("half")));
}

TEST_F(ArtifactStoreTest, TakesTheSameContentTwice) {
  for (int i = 0; i < 2; ++i) {
    auto staged = store_.stage();
    staged->write("same");
    EXPECT_EQ(staged->commit().sha256, sha256_hex("same"));
  }
  EXPECT_EQ(staged_files(), 0u);
}

TEST_F(ArtifactStoreTest, ClearsWhatACrashLeftInStaging) {
  std::ofstream(staging_ / "upload-left-over") << "x";
  FileArtifactStore again(directory_.path() / "artifacts", staging_);
  EXPECT_EQ(staged_files(), 0u);
}

TEST_F(ArtifactStoreTest, FindsNothingUnderANameThatIsNoDigest) {
  for (const std::string& name : {std::string("../../etc/passwd"), std::string(64, 'A'),
                                  std::string(63, 'a'), std::string()}) {
    EXPECT_FALSE(store_.find(name)) << name;
  }
}

}  // namespace
}  // namespace runledger::core

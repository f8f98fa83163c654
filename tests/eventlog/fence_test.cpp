// The fence file: what it makes an open refuse, and what it lets pass.
#include "eventlog/fence.h"

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "eventlog/durable_file.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Fence : public ::testing::Test {
 protected:
  fs::path log() const { return directory_ / "log"; }
  fs::path copy() const { return directory_ / "copy"; }
  fs::path fence() const { return fence_file(log()); }

  // The fence's own thread writes within this interval.
  static RocksDbOptions quick() {
    RocksDbOptions options;
    options.fence_interval_ms = 1;
    return options;
  }

  template <typename Condition>
  static void wait_until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }

  std::string refusal(const RocksDbOptions& options = {}) const {
    try {
      const RocksDbStorage storage(log(), options);
    } catch (const LogError& error) {
      return error.what();
    }
    return "opened";
  }

  static RocksDbOptions accepting(Offset head) {
    RocksDbOptions options;
    options.accept_data_loss = head;
    return options;
  }

  // A log of ten events whose files were copied to copy() when it had five.
  void make_with_older_copy() {
    RocksDbStorage storage(log());
    for (int i = 0; i < 5; ++i) append_one(storage, "a", std::to_string(i));
    copy_as_crashed(log(), copy());
    for (int i = 5; i < 10; ++i) append_one(storage, "a", std::to_string(i));
  }

  TempDir directory_;
};

TEST_F(Fence, IsNotNeededToSeeThatALogIsGoneWhoseKeyIsThere) {
  {
    RocksDbStorage storage(log());
    append_one(storage, "a", "x");
  }
  fs::remove_all(log());
  fs::remove(fence());
  EXPECT_THAT(refusal(), HasSubstr("log.key"));
  EXPECT_FALSE(fs::exists(log()));
  EXPECT_EQ(refusal(accepting(0)), "opened");
}

TEST_F(Fence, GoesThroughItsText) {
  const ChainHead chain{378, {1, 2, 3}};
  const std::string text = encode_fence(chain);
  EXPECT_EQ(decode_fence(text), chain);
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    auto flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_fence(flipped)) << flipped;
  }
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
    EXPECT_FALSE(decode_fence(text.substr(0, bytes)));
  }
  EXPECT_FALSE(decode_fence(text + "\n"));
}

TEST_F(Fence, IsThereBeforeTheFirstCommit) {
  RocksDbStorage storage(log());
  EXPECT_EQ(read_fence(fence()), ChainHead{});
}

TEST_F(Fence, SaysWhereACleanStopWas) {
  ChainHead chain;
  {
    RocksDbStorage storage(log());
    append_one(storage, "a", "x");
    chain = storage.chain();
  }
  EXPECT_EQ(read_fence(fence()), chain);
}

TEST_F(Fence, FollowsTheLogWhileItRuns) {
  RocksDbStorage storage(log(), quick());
  for (int i = 0; i < 3; ++i) {
    append_one(storage, "a", "x");
    wait_until([&] { return read_fence(fence()) == storage.chain(); });
  }
}

// After the last commit nobody waits for the interval.
TEST_F(Fence, IsExactSoonAfterTheLastCommit) {
  RocksDbOptions options;
  options.fence_interval_ms = 3'600'000;
  options.fence_pause_ms = 1;
  RocksDbStorage storage(log(), options);
  for (int i = 0; i < 3; ++i) {
    append_one(storage, "a", "x");
    wait_until([&] { return read_fence(fence()) == storage.chain(); });
  }
}

TEST_F(Fence, RefusesAnOlderLogAndNamesOffsetAndFile) {
  make_with_older_copy();
  fs::remove_all(log());
  fs::copy(copy(), log());
  EXPECT_THAT(refusal(), HasSubstr("ends before offset 5"));
  EXPECT_THAT(refusal(), HasSubstr("had 10 events"));
  EXPECT_THAT(refusal(), HasSubstr(fence().string()));
  EXPECT_THROW(open_read_only(log()), LogError);
}

TEST_F(Fence, RefusesADeletedWal) {
  make_with_older_copy();
  {
    RocksDbStorage storage(log(), quick());
    append_one(storage, "a", "x");
    wait_until([&] { return read_fence(fence()) == storage.chain(); });
    copy_as_crashed(log(), copy());
  }
  fs::remove(newest_wal(copy()));
  EXPECT_THROW(RocksDbStorage{copy()}, LogError);
}

TEST_F(Fence, RefusesADirectoryThatIsGone) {
  make_with_older_copy();
  fs::remove_all(log());
  EXPECT_THAT(refusal(), HasSubstr("at least 10 events"));
  EXPECT_FALSE(fs::exists(log()));
  EXPECT_EQ(refusal(accepting(0)), "opened");
}

TEST_F(Fence, RefusesAnotherLogOfTheSameLength) {
  make_with_older_copy();
  {
    RocksDbStorage other(directory_ / "other");
    for (int i = 0; i < 10; ++i) append_one(other, "a", std::to_string(i));
  }
  fs::remove_all(log());
  fs::rename(directory_ / "other", log());
  EXPECT_THAT(refusal(), HasSubstr("does not have the hash at offset 10"));
}

TEST_F(Fence, RefusesALogWithoutOne) {
  make_with_older_copy();
  fs::remove(fence());
  EXPECT_THAT(refusal(), HasSubstr("has 10 events, but its fence file"));
  EXPECT_EQ(open_read_only(log())->log().head(), 10u) << "a copy has none, and is only read";
}

TEST_F(Fence, RefusesADamagedOne) {
  make_with_older_copy();
  write_durably(fence(), "runledger-fence 1\n");
  EXPECT_THAT(refusal(), HasSubstr("fence file"));
  EXPECT_THAT(refusal(), HasSubstr("is damaged"));
}

TEST_F(Fence, LetsALossPassThatIsAcceptedByNumber) {
  make_with_older_copy();
  fs::remove_all(log());
  fs::copy(copy(), log());
  EXPECT_NE(refusal(accepting(4)), "opened");
  EXPECT_NE(refusal(accepting(10)), "opened");
  EXPECT_EQ(refusal(accepting(5)), "opened");
  EXPECT_EQ(refusal(), "opened") << "the fence was set back";
}

TEST_F(Fence, ThatIsDamagedCanBeAccepted) {
  make_with_older_copy();
  write_durably(fence(), "");
  EXPECT_EQ(refusal(accepting(10)), "opened");
  EXPECT_EQ(refusal(), "opened");
}

TEST_F(Fence, ThatCannotBeWrittenStopsTheLog) {
  RocksDbStorage storage(log(), quick());
  fs::create_directory(fence().string() + ".tmp");  // in the way of the temporary file
  append_one(storage, "a", "x");
  AppendResult result;
  wait_until([&] {
    const auto idx = storage.log().stream_head("a");
    result = storage.commit(std::vector{item("a", idx, {event("y")})}, {}).at(0);
    return result.status != AppendStatus::kAppended;
  });
  EXPECT_EQ(result.status, AppendStatus::kUnknown);
  EXPECT_THAT(result.detail, HasSubstr("fence file"));
}

}  // namespace
}  // namespace runledger::eventlog::test

#include "core/engine/rebuild.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/engine/event_feed.h"
#include "core/views/row_keys.h"
#include "core/views/state_digest.h"
#include "tests/bench/run_workload.h"
#include "tests/core/harness.h"
#include "tests/core/temporary_directory.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

// Enough events that chunks, commits and threads take part.
constexpr int kEvents = 40'000;

void ignore_progress(std::uint64_t, std::uint64_t) {}

std::string text_of(const DifferingRow& row) {
  return std::string(to_text(row.what)) + " " + row.key;
}

class Rebuild : public ::testing::Test {
 protected:
  Rebuild() {
    bench::RunWorkload workload(100);
    std::vector<eventlog::StreamAppend> items;
    for (int i = 0; i < kEvents; ++i) items.push_back(workload.next());
    storage_.log().append(items);
    fold_tail(storage_, ignore_progress);
  }
  void put(const std::string& key, std::optional<std::string> value) {
    const eventlog::RowChange change{key, std::move(value)};
    storage_.commit_rows({&change, 1}, storage_.rows_offset());
  }
  std::string first_key(std::string_view table) {
    std::string found;
    storage_.rows().scan(table, "", [&](std::string_view key, std::string_view) {
      found = key;
      return false;
    });
    return found;
  }
  RebuildReport run(const MendRows& mend = nullptr) {
    eventlog::ScratchRows scratch(directory_.path());
    return rebuild(storage_, scratch, ignore_progress, mend);
  }

  TemporaryDirectory directory_;
  eventlog::MemoryStorage storage_;
};

TEST_F(Rebuild, FindsThatRowsAreTheFold) {
  std::uint64_t last = 0;
  eventlog::ScratchRows scratch(directory_.path());
  const RebuildReport report =
      rebuild(storage_, scratch, [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_GT(done, last);
        EXPECT_EQ(total, std::uint64_t{kEvents});
        last = done;
      });
  EXPECT_EQ(last, std::uint64_t{kEvents});
  EXPECT_EQ(report.events, std::uint64_t{kEvents});
  EXPECT_EQ(report.differences, 0u);
  EXPECT_EQ(report.digest, report.stored_digest);
  EXPECT_EQ(report.digest, state_digest(storage_.rows()));
  const auto expected = fold_rows(storage_.log());  // another way: one thread, all in memory
  EXPECT_EQ(report.rows, expected.size());
  StateDigest digest;
  for (const auto& [key, value] : expected) digest.add(key, value);
  EXPECT_EQ(report.digest, digest.finish_hex());
}

TEST_F(Rebuild, NamesWhatIsMissingExtraAndDifferent) {
  const std::string active = first_key("active/");
  const std::string run_key = first_key("run/");
  put(active, std::nullopt);
  put(run_key, "{}");
  put("", "before all others");
  put("zzz", "behind all others");
  const RebuildReport report = this->run();
  EXPECT_EQ(report.differences, 4u);
  ASSERT_EQ(report.first.size(), 4u);
  EXPECT_EQ(text_of(report.first[0]), "extra ");
  EXPECT_EQ(text_of(report.first[1]), "missing " + active);
  EXPECT_EQ(text_of(report.first[2]), "different " + run_key);
  EXPECT_EQ(text_of(report.first[3]), "extra zzz");
  EXPECT_EQ(report.stored_rows, report.rows + 1);
  EXPECT_NE(report.digest, report.stored_digest);
}

TEST_F(Rebuild, MendsEveryDifferenceInBoundedSteps) {
  const std::string sound = state_digest(storage_.rows());
  std::vector<std::string> keys;
  storage_.rows().scan("run/", "", [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  for (std::size_t i = 0; i < keys.size(); ++i) {
    put(keys[i], i % 2 == 0 ? std::optional<std::string>("wrong") : std::nullopt);
  }
  for (int i = 0; i < 3000; ++i) put("extra/" + std::to_string(i), "x");
  std::size_t largest = 0;
  std::size_t steps = 0;
  const RebuildReport report = run([&](std::span<const eventlog::RowChange> changes) {
    largest = std::max(largest, changes.size());
    ++steps;
    storage_.commit_rows(changes, storage_.rows_offset());
  });
  EXPECT_EQ(report.differences, keys.size() + 3000);
  EXPECT_EQ(report.first.size(), kDifferencesShown);
  EXPECT_LE(largest, 1024u);
  EXPECT_GT(steps, 2u);
  EXPECT_EQ(state_digest(storage_.rows()), sound);
  EXPECT_EQ(run().differences, 0u);
}

TEST_F(Rebuild, MendsTheVersionLastSoThatAnEndBeforeItIsSeenByTheNextStart) {
  put(first_key("run/"), "of another form");
  put(std::string(row_keys::kRowsVersionRow), "0");
  std::vector<std::string> mended;
  run([&](std::span<const eventlog::RowChange> changes) {
    for (const auto& change : changes) mended.push_back(change.key);
    storage_.commit_rows(changes, storage_.rows_offset());
  });
  ASSERT_GE(mended.size(), 2u);
  EXPECT_EQ(std::ranges::count(mended, row_keys::kRowsVersionRow), 1);
  EXPECT_EQ(mended.back(), row_keys::kRowsVersionRow);
  EXPECT_EQ(run().differences, 0u);
}

TEST_F(Rebuild, ReadsRunsAgainThatTheFoldDoesNotKeepInMemory) {
  eventlog::MemoryStorage few;
  storage_.log().read(0, [&](const eventlog::RecordView& record) {
    const eventlog::StreamAppend item{
        std::string(record.stream),
        record.idx,
        {{record.time_us, std::string(record.tenant), std::string(record.owner),
          std::string(record.type), record.version, std::string(record.actor),
          std::string(record.command_id), std::string(record.payload)}}};
    few.log().append({&item, 1});
    return record.offset < 3000;
  });
  Folder folder(&few.rows(), 20);  // of 100 that go on at the same time
  feed_events(few.log(), 0, few.log().head(), [&](const Event& event, std::size_t) {
    folder.fold(event);
    if (event.offset % 150 == 0) few.commit_rows(folder.take_rows(), event.offset + 1);
  });
  few.commit_rows(folder.take_rows(), few.log().head());
  StateDigest expected;
  for (const auto& [key, value] : fold_rows(few.log())) expected.add(key, value);
  EXPECT_EQ(state_digest(few.rows()), expected.finish_hex());
}

TEST_F(Rebuild, ComparesAtTheOffsetThatTheRowsStandFor) {
  bench::RunWorkload workload(3);
  std::vector<eventlog::StreamAppend> items;
  for (int i = 0; i < 10; ++i) {
    items.push_back(workload.next());
    items.back().stream = "never-folded-" + items.back().stream;
  }
  storage_.log().append(items);
  const RebuildReport report = run();
  EXPECT_EQ(report.events, std::uint64_t{kEvents});
  EXPECT_EQ(report.differences, 0u);
}

TEST(StateDigest, TellsRowsApartThatLieTogetherTheSame) {
  const auto digest_of = [](const std::vector<std::pair<std::string, std::string>>& rows) {
    StateDigest digest;
    for (const auto& [key, value] : rows) digest.add(key, value);
    return digest.finish_hex();
  };
  EXPECT_EQ(digest_of({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_NE(digest_of({{"ab", "c"}}), digest_of({{"a", "bc"}}));
  EXPECT_NE(digest_of({{"a", "b"}, {"c", "d"}}), digest_of({{"a", "bcd"}}));
  EXPECT_EQ(digest_of({{"a", "b"}}), digest_of({{"a", "b"}}));
}

}  // namespace
}  // namespace runledger::core

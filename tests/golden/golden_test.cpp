// Logs that were written once and frozen: every later build folds them to the same rows.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "core/base/sha256.h"
#include "core/domain/event_registry.h"
#include "core/engine/recovery.h"
#include "core/views/row_keys.h"
#include "core/views/state_digest.h"
#include "tests/golden/golden_log.h"

namespace runledger::golden {
namespace {

namespace fs = std::filesystem;

struct GoldenLog {
  std::string name;
  std::string sha256;  // of the file, which never changes
};

const std::vector<GoldenLog>& golden_logs() {
  static const std::vector<GoldenLog> logs = {
      {"events-1", "7d384f09f199e65ade00eccf1e14805048474af348b9438a8ff012c03ed99511"},
      {"events-2", "7776aa5d4353e4362f9d8c5464c63b11b02ae274de66d0ff3003d571b87b9bba"},
      {"events-3", "341d20887058a128a09d10fd81ad2fa0ea885c6c27e7376f53d0b2ede504a275"},
      {"events-4", "21ae6e71de151c66bc1d6ba30b89d2a6cf329c4b650229a0b6253c0fecf88b80"},
  };
  return logs;
}

fs::path file_of(const GoldenLog& log, const char* ending) {
  return fs::path(RUNLEDGER_GOLDEN) / (log.name + ending);
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string digest_text(const std::string& digest) {
  return "rows-version " + std::to_string(core::kRowsVersion) + "\nstate-digest " + digest + "\n";
}

TEST(GoldenLogs, AreAsTheyWereFrozen) {
  for (const GoldenLog& log : golden_logs()) {
    EXPECT_EQ(core::sha256_hex(content_of(file_of(log, ".ndjson"))), log.sha256)
        << "A golden log never changes, and events are what they were. Put " << log.name
        << " back; new events go into a new log.";
  }
}

TEST(GoldenLogs, AreAllKnownToThisTest) {
  std::set<std::string> known;
  for (const GoldenLog& log : golden_logs()) known.insert(log.name + ".ndjson");
  for (const auto& entry : fs::directory_iterator(RUNLEDGER_GOLDEN)) {
    if (entry.path().extension() != ".ndjson") continue;
    EXPECT_TRUE(known.contains(entry.path().filename().string())) << entry.path();
  }
}

TEST(GoldenLogs, HaveEveryVersionOfEveryEventThatThisBuildKnows) {
  std::set<std::pair<std::string, std::uint16_t>> written;
  for (const GoldenLog& log : golden_logs()) {
    read_log(file_of(log, ".ndjson"))->log().read(0, [&](const eventlog::RecordView& record) {
      written.emplace(record.type, record.version);
      return true;
    });
  }
  for (const core::EventForm& form : core::event_registry().forms()) {
    EXPECT_TRUE(written.contains({std::string(form.type), form.version}))
        << form.type << " version " << form.version << " is in no golden log";
    written.erase({std::string(form.type), form.version});
  }
  EXPECT_TRUE(written.empty()) << written.begin()->first << " is not known to this build any more";
}

TEST(GoldenLogs, FoldToTheFrozenStateDigest) {
  for (const GoldenLog& log : golden_logs()) {
    const auto storage = read_log(file_of(log, ".ndjson"));
    core::fold_tail(*storage, [](std::uint64_t, std::uint64_t) {});
    const std::string folded = digest_text(core::state_digest(storage->rows()));
    EXPECT_EQ(content_of(file_of(log, ".digest")), folded)
        << "The events of " << log.name << " lead to other rows than before. If that is meant, "
        << "raise kRowsVersion and write this into " << log.name << ".digest:\n"
        << folded;
  }
}

TEST(GoldenLogs, GiveTheSameRowsWhereverTheFoldBegan) {
  for (const GoldenLog& log : golden_logs()) {
    const auto storage = read_log(file_of(log, ".ndjson"));
    const auto expected = core::fold_rows(storage->log());
    for (std::uint64_t from = 0; from <= storage->log().head(); ++from) {
      const auto copy = read_log(file_of(log, ".ndjson"));
      const auto commit = [&](std::span<const eventlog::RowChange> rows, eventlog::Offset next) {
        copy->commit_rows(rows, next);
      };
      const auto ignore = [](std::uint64_t, std::uint64_t) {
      };
      core::fold_range(copy->log(), 0, from, copy->rows(), commit, ignore);
      core::recover(*copy);
      std::map<std::string, std::string> rows;
      copy->rows().scan("", "", [&](std::string_view key, std::string_view value) {
        rows.emplace(key, value);
        return true;
      });
      ASSERT_EQ(rows, expected) << "interrupted at offset " << from;
    }
  }
}

TEST(GoldenLogs, LeaveRunsOfEveryKindActive) {
  std::set<std::string> statuses;
  for (const GoldenLog& log : golden_logs()) {
    const auto storage = read_log(file_of(log, ".ndjson"));
    for (const auto& [run_id, run] : core::recover(*storage).runs) {
      statuses.emplace(to_text(run.status));
    }
  }
  EXPECT_EQ(statuses, (std::set<std::string>{"canceling", "paused", "pending", "running"}));
}

}  // namespace
}  // namespace runledger::golden

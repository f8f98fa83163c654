// Starts on rows of another build, and on logs of a newer one.
#include "core/engine/recovery.h"

#include <gtest/gtest.h>

#include "core/domain/event_codec.h"
#include "core/views/row_keys.h"
#include "core/views/state_digest.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/bench/run_workload.h"
#include "tests/core/harness.h"
#include "tests/core/temporary_directory.h"
#include "tests/eventlog/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

const std::string kVersionRow(row_keys::kRowsVersionRow);

// A harness on disk with a finished run, an active one, and one in the queue.
struct OnDisk : Harness {
  OnDisk() {
    sequencer.reset();
    open();
    restart();
    submit("key", "sha");
    const auto grants = lease(1);
    as_worker(CompleteTask{lease_of(grants.at(0)), {R"({"n":1})"}});
    submit();
    lease(1);
    submit();
  }
  void open() {
    storage.reset();
    storage = std::make_unique<eventlog::RocksDbStorage>(directory.path() / "log");
  }
  void stop() { sequencer.reset(); }
  void put(const std::string& key, std::optional<std::string> value) {
    const eventlog::RowChange change{key, std::move(value)};
    storage->commit_rows({&change, 1}, storage->rows_offset());
  }
  std::string refusal() {
    try {
      recover(*storage);
    } catch (const EventCodecError& refused) {
      return refused.what();
    }
    return "was taken";
  }

  TemporaryDirectory directory;
};

// As a build left them that had other forms: one row of a form that is no more, one missing, one
// that nobody writes any longer.
void make_rows_of(OnDisk& core, std::optional<std::string> version) {
  core.stop();
  core.put(kVersionRow, std::move(version));
  core.put(core.rows().lower_bound("run/")->first, "an old form");
  core.put(core.rows().lower_bound("by-owner/")->first, std::nullopt);
  core.put("abandoned/x", "1");
}

TEST(RowsVersion, MakesAStartFoldTheRowsOfAnotherBuildAgain) {
  for (const std::optional<std::string>& version :
       {std::optional<std::string>(), std::optional<std::string>("0"),
        std::optional<std::string>("999")}) {
    OnDisk core;
    const auto before = core.rows();
    make_rows_of(core, version);
    core.open();
    core.restart();
    EXPECT_EQ(core.rows(), before) << version.value_or("none");
    EXPECT_EQ(core.storage->rows_offset(), core.storage->log().head());
    core.submit();
    EXPECT_EQ(core.rows(), fold_rows(core.storage->log()));
  }
}

TEST(RowsVersion, LeavesRowsOfTheSameVersionAlone) {
  OnDisk core;
  core.stop();
  core.put("abandoned/x", "1");
  core.restart();
  EXPECT_TRUE(core.rows().contains("abandoned/x"));
  EXPECT_EQ(core.rows().at(kVersionRow), std::to_string(kRowsVersion));
}

TEST(RowsVersion, GoesOnWhereAFoldWasInterrupted) {
  OnDisk core;
  const auto whole = core.rows();
  core.stop();
  core.storage->reset_rows();
  core.open();
  // The first few events are folded, then the process ends.
  eventlog::MemoryStorage part;
  Folder folder(&part.rows());
  std::uint64_t folded = 0;
  core.storage->log().read(0, [&](const eventlog::RecordView& record) {
    folder.fold(decode_event(record));
    return ++folded < 5;
  });
  auto rows = folder.take_rows();
  rows.push_back({"witness/of-the-first-part", "1"});
  core.storage->commit_rows(rows, folded);
  core.open();
  core.restart();
  auto expected = whole;
  expected["witness/of-the-first-part"] = "1";
  EXPECT_EQ(core.rows(), expected);
}

// What is on the disk after each commit of the fold is what a kill at that moment leaves.
TEST(RowsVersion, SurvivesAKillAtEveryCommitOfTheFold) {
  TemporaryDirectory directory;
  eventlog::RocksDbStorage storage(directory.path() / "log");
  bench::RunWorkload workload(50);
  std::vector<eventlog::StreamAppend> items;
  for (int i = 0; i < 40'000; ++i) items.push_back(workload.next());
  storage.log().append(items);
  storage.reset_rows();
  std::vector<std::filesystem::path> copies;
  const auto copy = [&](std::uint64_t, std::uint64_t) {
    copies.push_back(directory.path() / ("copy-" + std::to_string(copies.size())));
    eventlog::test::copy_as_crashed(directory.path() / "log", copies.back());
  };
  copy(0, 0);
  fold_tail(storage, copy);
  ASSERT_GE(copies.size(), 4u);
  const std::string expected = state_digest(storage.rows());
  std::uint64_t folded = 0;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    eventlog::RocksDbStorage crashed(copies[i]);
    EXPECT_TRUE(i == 0 ? crashed.rows_offset() == 0 : crashed.rows_offset() > folded);
    folded = crashed.rows_offset();
    recover(crashed);
    EXPECT_EQ(state_digest(crashed.rows()), expected) << "killed at offset " << folded;
  }
}

TEST(EventVersions, AreARowEachWithTheOffsetOfTheFirst) {
  OnDisk core;
  std::map<std::string, std::string> first;
  core.storage->log().read(0, [&](const eventlog::RecordView& record) {
    first.emplace(row_keys::event_version(record.type, record.version),
                  std::to_string(record.offset));
    return true;
  });
  std::map<std::string, std::string> rows;
  for (const auto& [key, value] : core.rows()) {
    if (key.starts_with(row_keys::kEventVersion)) rows[key] = value;
  }
  EXPECT_GE(first.size(), 5u);
  EXPECT_EQ(rows, first);
}

TEST(EventVersions, StopTheStartOfABuildThatDoesNotKnowOneThatIsFoldedAlready) {
  OnDisk core;
  core.stop();
  core.put(row_keys::event_version("run.teleported", 3), "17");
  core.put(row_keys::event_version("run.created", 7), "12");
  const std::uint64_t events = core.storage->log().head();
  EXPECT_EQ(core.refusal(),
            "event 'run.created' version 7 first at offset 12 is not known to this build; start "
            "the build that wrote it");
  core.put(row_keys::event_version("run.created", 7), std::nullopt);
  EXPECT_NE(core.refusal().find("'run.teleported' version 3 first at offset 17"),
            std::string::npos);
  EXPECT_EQ(core.storage->rows_offset(), events);
}

TEST(EventVersions, StopTheStartBeforeRowsOfANewerBuildAreDeleted) {
  OnDisk core;
  make_rows_of(core, "999");
  core.put(row_keys::event_version("run.teleported", 1), "3");
  const auto before = core.rows();
  EXPECT_NE(core.refusal().find("run.teleported"), std::string::npos);
  EXPECT_EQ(core.rows(), before);
  EXPECT_GT(core.storage->rows_offset(), 0u);
}

TEST(EventVersions, StopTheStartAtAnUnknownEventOfTheTail) {
  OnDisk core;
  core.stop();
  const auto head = core.storage->log().head();
  const eventlog::StreamAppend item{std::string(kWorkersStream),
                                    core.storage->log().stream_head(kWorkersStream),
                                    {{1, "", "", "worker.registered", 7, "system", "cmd_1", "{}"}}};
  core.storage->log().append({&item, 1});
  EXPECT_NE(core.refusal().find("'worker.registered' version 7 at offset " + std::to_string(head)),
            std::string::npos);
  EXPECT_EQ(core.storage->rows_offset(), head);
}

}  // namespace
}  // namespace runledger::core

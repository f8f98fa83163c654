// The real server on a small file system that gets full or fails: it refuses new work in time, or
// ends with exit code 74 and a message, and starts with everything acknowledged once it is mended.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <iostream>

#include "tests/e2e/server_process.h"
#include "tests/e2e/submit_load.h"
#include "tests/eventlog/mounted_file_system.h"

namespace runledger::e2e {
namespace {

using eventlog::test::MountedFileSystem;

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr int kPowerCuts = 5;

class Disk : public ::testing::Test {
 protected:
  std::filesystem::path ballast() const { return server_.data() / "ballast"; }

  // What a person would find to delete.
  void take_space(std::uint64_t bytes) {
    std::ofstream file(ballast(), std::ios::binary | std::ios::app);
    const std::string block(64 * 1024, '\1');
    for (std::uint64_t written = 0; written < bytes && file; written += block.size()) {
      file.write(block.data(), static_cast<std::streamsize>(block.size()));
      file.flush();
    }
  }

  void start_with_mark(const std::string& free_space_min) {
    server_.start({1, {"--free-space-min", free_space_min}, true});
  }

  // Submits until the server has ended by itself.
  void fill() {
    SubmitLoad load(server_, 4, 1900);
    load.join();
    EXPECT_EQ(server_.join(), 74) << server_.log();
    acknowledged_ = load.acknowledged();
    for (const auto& [code, count] : load.refusals()) {
      EXPECT_TRUE(code == "outcome_unknown" || code == "queue_full") << code;
      if (code == "outcome_unknown") unknown_ = count;
    }
    EXPECT_GT(acknowledged_.size(), 100u);
  }

  void expect_message() const {
    const std::string log = server_.log();
    for (const std::string part : {"exit code 74", "No space left on device", "make room",
                                   "Nothing that was acknowledged is lost"}) {
      EXPECT_NE(log.find(part), std::string::npos) << part << " is not in\n" << log;
    }
    EXPECT_NE(log.find((server_.data() / "log").string()), std::string::npos) << log;
    EXPECT_EQ(log.find("Assertion"), std::string::npos) << log;
  }

  void expect_no_start_while_full() {
    take_space(1024 * kMiB);
    const Finished refused = run_command({runledger_binary(), "serve", "--workers", "0", "--listen",
                                          "127.0.0.1:0", "--data", server_.data().string()},
                                         {}, server_.directory());
    EXPECT_EQ(refused.exit_code, 74) << refused.err;
    EXPECT_NE(refused.err.find("No space left"), std::string::npos) << refused.err;
  }

  void expect_everything_once_it_is_mended() {
    std::filesystem::remove(ballast());
    start_with_mark("0");
    HttpSession http = server_.session();
    for (const std::string& run_id : acknowledged_) {
      ASSERT_EQ(http.get("/v1/runs/" + run_id).status, 200) << run_id << " is lost";
    }
    EXPECT_EQ(server_.stop(), 0);
    const Finished verified = server_.run({"log", "verify", server_.data().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    std::cout << acknowledged_.size() << " runs acknowledged, none lost; " << unknown_
              << " answers that the outcome is unknown\n";
  }

  ServerProcess server_;
  std::set<std::string> acknowledged_;
  int unknown_ = 0;
};

TEST_F(Disk, ThatIsFullEndsTheServerAndLosesNothing) {
  const auto disk = MountedFileSystem::in_memory(server_.data(), 24 * kMiB);
  start_with_mark("0");
  take_space(8 * kMiB);
  fill();
  expect_message();
  expect_no_start_while_full();
  expect_everything_once_it_is_mended();
}

// Large enough for table files: RocksDB's own threads may be the first to meet it.
TEST_F(Disk, WithTableFilesThatIsFullEndsTheServerAndLosesNothing) {
  const auto disk =
      MountedFileSystem::on_disk(server_.data(), server_.directory() / "image", 56 * kMiB);
  start_with_mark("0");
  take_space(20 * kMiB);
  fill();
  expect_message();
  expect_no_start_while_full();
  expect_everything_once_it_is_mended();
}

// From one moment on the disk takes nothing and syncs nothing.
TEST_F(Disk, ThatFailsEndsTheServerAndLosesNothing) {
  auto disk = MountedFileSystem::on_disk(server_.data(), server_.directory() / "image", 64 * kMiB);
  start_with_mark("0");
  SubmitLoad load(server_, 4);
  while (load.acknowledged_count() < 200) std::this_thread::yield();
  disk.fail_writes();
  load.join();
  acknowledged_ = load.acknowledged();
  EXPECT_EQ(server_.join(), 74) << server_.log();
  const std::string log = server_.log();
  EXPECT_NE(log.find("Input/output error"), std::string::npos) << log;
  EXPECT_NE(log.find("look for errors of the disk"), std::string::npos) << log;
  disk.mount_again();
  expect_everything_once_it_is_mended();
}

TEST_F(Disk, ThatLosesPowerLosesNothingAcknowledged) {
  auto disk = MountedFileSystem::on_disk(server_.data(), server_.directory() / "image", 64 * kMiB);
  std::set<std::string> acknowledged;
  for (int cut = 0; cut < kPowerCuts; ++cut) {
    start_with_mark("0");
    SubmitLoad load(server_, 4, 1900);
    while (load.acknowledged_count() < 100u + 70u * static_cast<unsigned>(cut)) {
      std::this_thread::yield();
    }
    server_.halt();
    disk.cut_power();
    server_.kill_now();
    load.join();
    acknowledged.insert(load.acknowledged().begin(), load.acknowledged().end());
    disk.mount_again();
  }
  acknowledged_ = acknowledged;
  expect_everything_once_it_is_mended();
}

TEST_F(Disk, ThatIsNearlyFullTakesNoNewWorkWhileReadsGoOn) {
  const auto disk = MountedFileSystem::in_memory(server_.data(), 64 * kMiB);
  start_with_mark(std::to_string(32 * kMiB));
  HttpSession http = server_.session();
  const std::string body = R"({"task":"image","input":{"prompt":"x","width":16,"height":16}})";
  const HttpResult taken = http.post("/v1/runs", body);
  ASSERT_EQ(taken.status, 202) << taken.body;
  const std::string run_id = taken.json()["run_id"];

  take_space(40 * kMiB);
  HttpResult refused = http.post("/v1/runs", body);
  while (refused.status == 202) refused = http.post("/v1/runs", body);  // until it is measured
  EXPECT_EQ(refused.status, 507);
  EXPECT_EQ(refused.json()["code"], "insufficient_storage");
  EXPECT_EQ(refused.json()["retryable"], true);
  EXPECT_TRUE(refused.headers.contains("retry-after"));

  std::string status;
  for (std::size_t from = 0; status != "succeeded";) {  // what is taken is also finished
    const HttpResult page =
        http.get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from));
    ASSERT_EQ(page.status, 200) << page.body;
    from = page.json()["next_offset"];
    status = page.json()["status"];
  }
  EXPECT_EQ(http.get("/v1/runs").status, 200);
  EXPECT_EQ(http.get("/readyz").status, 200);

  std::filesystem::remove(ballast());
  HttpResult again = http.post("/v1/runs", body);
  while (again.status == 507) again = http.post("/v1/runs", body);
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(server_.stop(), 0);
}

TEST(FreeSpaceMin, IsReadFromTheFileToo) {
  ServerProcess server;
  const auto config = server.directory() / "runledger.toml";
  std::ofstream(config) << "free-space-min = 1000000000000000\n";
  server.start({1, {"--config", config.string()}, true});
  HttpSession http = server.session();
  EXPECT_EQ(http.post("/v1/runs", R"({"task":"image","input":{"prompt":"x"}})").status, 507);
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace runledger::e2e

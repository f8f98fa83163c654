// The plugin with a shop of the test's own: a directory in which orders are printed once a second
// of the virtual clock.
#include <unistd.h>

#include <filesystem>
#include <runledger/testing.hpp>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using runledger::testing::Crash;
using runledger::testing::json;

class PosterTest : public runledger::testing::PluginTest {
 protected:
  PosterTest() {
    fs::create_directory(shop_);
    print_every_second();
  }
  ~PosterTest() override { fs::remove_all(shop_); }

  json input() const { return {{"text", "Remember"}, {"shop", shop_.string()}}; }
  std::vector<fs::path> orders() const {
    std::vector<fs::path> all;
    for (const auto& file : fs::directory_iterator(shop_)) {
      if (file.path().extension() == ".order") all.push_back(file.path());
    }
    return all;
  }

  const fs::path shop_ = fs::temp_directory_path() / ("shop-" + std::to_string(getpid()));
  bool prints_ = true;

 private:
  void print_every_second() {
    host.at(host.now() + 1s, [this] {
      for (const fs::path& order : orders()) {
        const fs::path printed = fs::path(order).replace_extension(".printed");
        if (prints_) fs::copy_file(order, printed, fs::copy_options::skip_existing);
      }
      print_every_second();
    });
  }
};

TEST_F(PosterTest, TheJobIsOrderedAndBecomesAResource) {
  const auto outcome = run("poster", input());
  ASSERT_TRUE(outcome.succeeded()) << outcome;
  ASSERT_EQ(host.submissions().size(), 1U);
  EXPECT_EQ(host.submissions()[0].execute_id, "poster-" + host.submissions()[0].idempotency_key);
  const auto poster = host.placeholders().at(0);
  EXPECT_EQ(poster.status, "succeeded");
  EXPECT_EQ(poster.execute_id, host.submissions()[0].execute_id);
  EXPECT_EQ(outcome.output()["resource_id"], poster.resource_id);
  EXPECT_EQ(host.artifacts().at(0).content, "Remember");
}

TEST_F(PosterTest, AnOrderThatTheCrashLeftBehindIsFound) {
  host.crash_at(1, Crash::kBeforeItIsRecorded);
  EXPECT_TRUE(run("poster", input()).succeeded());
  EXPECT_EQ(orders().size(), 1U);
  EXPECT_FALSE(host.submissions().at(0).recorded);
  EXPECT_TRUE(host.submissions().at(1).found);
}

TEST_F(PosterTest, SurvivesACrashAtEachMoment) {
  expect_survives_crashes("poster", input());
}

TEST_F(PosterTest, AClosedShopHasNoOrder) {
  fs::remove_all(shop_);
  const auto outcome = run("poster", input());
  EXPECT_EQ(outcome.failure_code(), "shop_closed");
  EXPECT_TRUE(outcome.retryable());
  fs::create_directory(shop_);
  EXPECT_TRUE(go_on().succeeded());
  EXPECT_EQ(orders().size(), 1U);
}

TEST_F(PosterTest, ACancelTakesTheOrderBack) {
  prints_ = false;
  host.at(5s, [this] { host.cancel(); });
  EXPECT_TRUE(run("poster", input()).canceled());
  EXPECT_TRUE(host.canceled_jobs().at(0).told);
  EXPECT_EQ(host.placeholders().at(0).status, "failed");
  EXPECT_TRUE(orders().empty());
}

}  // namespace

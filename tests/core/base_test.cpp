#include <gtest/gtest.h>

#include <set>

#include "core/base/id_source.h"
#include "core/base/sha256.h"
#include "core/base/time_text.h"
#include "tests/core/harness.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

TEST(IdSource, MakesIdsThatSortAsTheyWereMade) {
  ManualClock clock;
  CountingRandom random;
  IdSource ids(clock, random);
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    if (i % 100 == 0) clock.advance_us(1000);
    if (i == 500) clock.advance_us(-5'000'000);  // the clock steps back
    const std::string id = ids.make("run");
    EXPECT_TRUE(is_id(id, "run")) << id;
    EXPECT_LT(last, id);
    last = id;
  }
}

TEST(IdSource, WritesTheTimeIntoTheFirstTenCharacters) {
  class Zero final : public RandomSource {
    void fill(std::span<std::uint8_t> bytes) override { std::fill(bytes.begin(), bytes.end(), 0); }
  } zero;
  ManualClock clock;  // 1,700,000,000,000 ms
  EXPECT_EQ(IdSource(clock, zero).make("x"), "x_01hf7yat000000000000000000");
}

TEST(IsId, RefusesOtherForms) {
  EXPECT_FALSE(is_id("run_", "run"));
  EXPECT_FALSE(is_id("run_01HF7YAT000000000000000000", "run"));
  EXPECT_FALSE(is_id("task_01hf7yat000000000000000000", "run"));
  EXPECT_FALSE(is_id("run_01hf7yat00000000000000000/", "run"));
}

TEST(Rfc3339, WritesMicrosecondsInUtc) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(rfc3339(1'709'210'096'000'007), "2024-02-29T12:34:56.000007Z");
  EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Sha256, GivesTheKnownDigests) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace runledger::core

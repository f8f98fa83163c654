#include "eventlog/stream_heads.h"

#include <gtest/gtest.h>

namespace runledger::eventlog {
namespace {

TEST(StreamHeads, RemembersTheLatestHead) {
  StreamHeads heads(2);
  EXPECT_EQ(heads.find("a"), std::nullopt);
  heads.put("a", 1);
  heads.put("a", 5);
  EXPECT_EQ(heads.find("a"), 5u);
  EXPECT_EQ(heads.size(), 1u);
}

TEST(StreamHeads, ForgetsTheLeastRecentlyUsed) {
  StreamHeads heads(2);
  heads.put("a", 1);
  heads.put("b", 2);
  EXPECT_EQ(heads.find("a"), 1u);
  heads.put("c", 3);
  EXPECT_EQ(heads.find("b"), std::nullopt);
  EXPECT_EQ(heads.find("a"), 1u);
  EXPECT_EQ(heads.find("c"), 3u);
}

TEST(StreamHeads, NeverHoldsMoreThanItsLimit) {
  StreamHeads heads(10);
  for (int i = 0; i < 1000; ++i) {
    heads.put("stream-" + std::to_string(i), 1);
    EXPECT_LE(heads.size(), 10u);
  }
}

TEST(StreamHeads, OfLimitZeroRemembersNothing) {
  StreamHeads heads(0);
  heads.put("a", 1);
  EXPECT_EQ(heads.find("a"), std::nullopt);
}

}  // namespace
}  // namespace runledger::eventlog

#include "eventlog/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "eventlog/log_position.h"

namespace runledger::eventlog {
namespace {

const std::vector<std::uint64_t> kRising = {0, 1, 255, 256, 65'535, 1ull << 32, ~0ull - 1, ~0ull};

TEST(Keys, OrderRecordsByOffset) {
  std::vector<std::string> keys;
  for (const auto offset : kRising) keys.push_back(log_key(offset));
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

TEST(Keys, OrderIndexEntriesByStreamThenIndex) {
  std::vector<std::string> keys;
  for (const std::string stream : {"\x01", "a", "a\x01", "ab", "b", "\xff"}) {
    for (const auto idx : kRising) keys.push_back(stream_key(stream, idx));
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

TEST(Keys, GiveBackWhatTheyWereMadeOf) {
  for (const auto number : kRising) {
    EXPECT_EQ(parse_log_key(log_key(number)), number);
    EXPECT_EQ(parse_stream_value(stream_value(number)), number);
    const auto key = stream_key("run_a", number);
    ASSERT_TRUE(parse_stream_key(key));
    EXPECT_EQ(parse_stream_key(key)->stream, "run_a");
    EXPECT_EQ(parse_stream_key(key)->idx, number);
  }
}

TEST(Keys, HaveTheBytesOfTheReadme) {
  EXPECT_EQ(log_key(7), std::string("\0\0\0\0\0\0\0\x07", 8));
  EXPECT_EQ(stream_key("run_a", 2), std::string("run_a\0\0\0\0\0\0\0\0\x02", 14));
  EXPECT_EQ(stream_value(7), std::string("\x07\0\0\0\0\0\0\0", 8));
}

TEST(Keys, RefuseWrongSizes) {
  const auto key = stream_key("a", 1);
  for (std::size_t size = 0; size < key.size(); ++size) {
    EXPECT_FALSE(parse_stream_key(std::string(key, 0, size))) << size;
  }
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_FALSE(parse_log_key(std::string(size, 'x')));
    EXPECT_FALSE(parse_stream_value(std::string(size, 'x')));
  }
  EXPECT_FALSE(parse_log_key(std::string(9, 'x')));
  EXPECT_FALSE(parse_stream_value(std::string(9, 'x')));
  EXPECT_FALSE(parse_stream_key(std::string(20, 'x')));
}

TEST(Keys, PrefixEndIsTheFirstKeyBeyond) {
  EXPECT_EQ(prefix_end("ab"), "ac");
  EXPECT_EQ(prefix_end("a\xff\xff"), "b");
  EXPECT_EQ(prefix_end("\x7f"), "\x80");
  EXPECT_EQ(prefix_end(""), std::nullopt);
  EXPECT_EQ(prefix_end("\xff\xff"), std::nullopt);
}

TEST(LogPosition, GivesBackWhatItWasMadeOf) {
  const auto position = decode_position(encode_position({.head = 1ull << 40, .rows_offset = 3}));
  ASSERT_TRUE(position);
  EXPECT_EQ(position->head, 1ull << 40);
  EXPECT_EQ(position->rows_offset, 3u);
}

TEST(LogPosition, RefusesOtherBytes) {
  const auto bytes = encode_position({.head = 5, .rows_offset = 3});
  EXPECT_FALSE(decode_position(bytes + "x"));
  EXPECT_FALSE(decode_position(bytes.substr(1)));
  EXPECT_FALSE(decode_position("\x02" + bytes.substr(1)));
  EXPECT_FALSE(decode_position(encode_position({.head = 3, .rows_offset = 5})));
}

}  // namespace
}  // namespace runledger::eventlog

#include "api/edge/byte_range.h"

#include <gtest/gtest.h>

#include "api/edge/wire.h"

namespace runledger::api {
namespace {

FileSelection select(std::initializer_list<std::pair<const std::string, std::string>> fields,
                     std::uint64_t size = 100) {
  Request request;
  for (const auto& [name, value] : fields) request.headers[name] = value;
  return select_bytes(request, "tag", size);
}

void expect_selection(const FileSelection& got, int status, std::uint64_t first,
                      std::uint64_t length) {
  EXPECT_EQ(got.status, status);
  EXPECT_EQ(got.first, first);
  EXPECT_EQ(got.length, length);
}

TEST(ByteRange, WithoutARangeItIsTheWholeFile) {
  expect_selection(select({}), 200, 0, 100);
}

TEST(ByteRange, SingleRangesAreCut) {
  expect_selection(select({{"range", "bytes=0-0"}}), 206, 0, 1);
  expect_selection(select({{"range", "bytes=10-"}}), 206, 10, 90);
  expect_selection(select({{"range", "bytes=90-1000"}}), 206, 90, 10);
  expect_selection(select({{"range", "bytes=-5"}}), 206, 95, 5);
  expect_selection(select({{"range", "bytes=-500"}}), 206, 0, 100);
}

TEST(ByteRange, BeyondTheEndIs416) {
  expect_selection(select({{"range", "bytes=100-"}}), 416, 0, 0);
  expect_selection(select({{"range", "bytes=-0"}}), 416, 0, 0);
  expect_selection(select({{"range", "bytes=0-"}}, 0), 416, 0, 0);
}

TEST(ByteRange, SeveralOrMalformedRangesAreTheWholeFile) {
  for (const char* value : {"bytes=0-1,4-5", "bytes=5-1", "bytes=a-b", "bytes=-", "lines=1-2",
                            "bytes=99999999999999999999-", "bytes 0-1"}) {
    expect_selection(select({{"range", value}}), 200, 0, 100);
  }
}

TEST(ByteRange, IfRangeNeedsTheSameStrongTag) {
  expect_selection(select({{"range", "bytes=0-1"}, {"if-range", "\"tag\""}}), 206, 0, 2);
  expect_selection(select({{"range", "bytes=0-1"}, {"if-range", "\"old\""}}), 200, 0, 100);
  expect_selection(select({{"range", "bytes=0-1"}, {"if-range", "W/\"tag\""}}), 200, 0, 100);
}

TEST(ByteRange, KnownTagIsNotModified) {
  for (const char* value : {"\"tag\"", "\"a\", \"tag\"", "W/\"tag\"", "*"}) {
    EXPECT_EQ(select({{"if-none-match", value}, {"range", "bytes=0-1"}}).status, 304) << value;
  }
  EXPECT_EQ(select({{"if-none-match", "\"a\""}}).status, 200);
}

TEST(ContentDisposition, CarriesBothFormsOfTheName) {
  EXPECT_EQ(content_disposition("a b\".mp4"),
            "attachment; filename=\"a_b_.mp4\"; filename*=UTF-8''a%20b%22.mp4");
  EXPECT_EQ(content_disposition(""), "attachment");
}

}  // namespace
}  // namespace runledger::api

#include "core/engine/event_feed.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/domain/event_codec.h"
#include "eventlog/memory_storage.h"
#include "tests/bench/run_workload.h"

namespace runledger::core {
namespace {

constexpr std::uint64_t kEvents = 3000;

// Many small chunks, more threads than cores, and next to no room for what is decoded ahead.
FeedSettings cramped() {
  return {.threads = 5, .chunk_events = 7, .ahead_bytes_max = 200};
}

void append_event(eventlog::Storage& storage, eventlog::StreamAppend append) {
  storage.log().append({&append, 1});
}

class EventFeed : public ::testing::Test {
 protected:
  EventFeed() {
    for (std::uint64_t i = 0; i < kEvents; ++i) append_event(storage_, workload_.next());
  }
  void append_unknown() {
    append_event(storage_, {"sys/other", 0, {{1, "", "", "run.teleported", 1, "a", "c", "{}"}}});
  }
  std::vector<std::uint64_t> taken(std::uint64_t from, std::uint64_t to,
                                   const FeedSettings& settings) {
    std::vector<std::uint64_t> offsets;
    try {
      feed_events(
          storage_.log(), from, to,
          [&](const Event& event, std::size_t) { offsets.push_back(event.offset); }, settings);
    } catch (const EventCodecError& refused) {
      refusal_ = refused.what();
    }
    return offsets;
  }
  static std::vector<std::uint64_t> range(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> offsets;
    for (; from < to; ++from) offsets.push_back(from);
    return offsets;
  }

  bench::RunWorkload workload_{16};
  eventlog::MemoryStorage storage_;
  std::string refusal_;
};

TEST_F(EventFeed, GivesEveryEventOnceAndInOrder) {
  EXPECT_EQ(taken(0, kEvents, cramped()), range(0, kEvents));
  EXPECT_EQ(taken(0, kEvents, {}), range(0, kEvents));
  EXPECT_EQ(taken(13, 1999, cramped()), range(13, 1999));
  EXPECT_EQ(taken(13, 14, cramped()), range(13, 14));
  EXPECT_EQ(taken(14, 14, cramped()), range(14, 14));
}

TEST_F(EventFeed, GivesWhatTheLogHolds) {
  std::vector<std::string> expected;
  storage_.log().read(0, [&](const eventlog::RecordView& record) {
    expected.emplace_back(record.payload);
    return true;
  });
  std::uint64_t next = 0;
  feed_events(
      storage_.log(), 0, kEvents,
      [&](const Event& event, std::size_t payload_bytes) {
        EXPECT_EQ(encode_payload(event.body), expected.at(next));
        EXPECT_EQ(payload_bytes, expected.at(next).size());
        ++next;
      },
      cramped());
  EXPECT_EQ(next, kEvents);
}

TEST_F(EventFeed, RefusesAnUnknownEventAfterAllThatAreBeforeIt) {
  append_unknown();
  for (int i = 0; i < 100; ++i) append_event(storage_, workload_.next());
  for (const FeedSettings& settings : {cramped(), FeedSettings{}}) {
    refusal_.clear();
    EXPECT_EQ(taken(0, kEvents + 101, settings), range(0, kEvents));
    EXPECT_NE(refusal_.find("offset 3000"), std::string::npos) << refusal_;
  }
}

TEST_F(EventFeed, EndsWithWhatTheCallbackThrows) {
  std::uint64_t taken_events = 0;
  const auto fail_at_1000 = [&](const Event& event, std::size_t) {
    ++taken_events;
    if (event.offset == 1000) throw std::logic_error("does not fit");
  };
  EXPECT_THROW(feed_events(storage_.log(), 0, kEvents, fail_at_1000, cramped()), std::logic_error);
  EXPECT_EQ(taken_events, 1001u);
}

// A log that cannot be read behind some offset.
class DamagedLog final : public eventlog::EventLog {
 public:
  explicit DamagedLog(const eventlog::EventLog& sound) : sound_(sound) {}

  std::vector<eventlog::AppendResult> append(std::span<const eventlog::StreamAppend>) override {
    return {};
  }
  eventlog::Offset head() const override { return sound_.head(); }
  eventlog::StreamIndex stream_head(std::string_view) const override { return 0; }
  void read(eventlog::Offset from, const eventlog::RecordVisitor& visit) const override {
    sound_.read(from, [&](const eventlog::RecordView& record) {
      if (record.offset >= 2000) throw eventlog::LogError("damaged", record.offset);
      return visit(record);
    });
  }
  void read_stream(std::string_view, eventlog::StreamIndex,
                   const eventlog::RecordVisitor&) const override {}

 private:
  const eventlog::EventLog& sound_;
};

TEST_F(EventFeed, NamesTheFirstDamagedOffsetAfterAllThatAreBeforeIt) {
  const DamagedLog log(storage_.log());
  std::uint64_t next = 0;
  try {
    feed_events(
        log, 0, kEvents, [&](const Event& event, std::size_t) { EXPECT_EQ(event.offset, next++); },
        cramped());
    FAIL() << "damage was not noticed";
  } catch (const eventlog::LogError& damaged) {
    EXPECT_EQ(damaged.offset(), 2000u);
  }
  EXPECT_EQ(next, 2000u);
}

}  // namespace
}  // namespace runledger::core

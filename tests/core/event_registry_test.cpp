#include "core/domain/event_registry.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace runledger::core {
namespace {

using Json = JsonReader::Json;

// A type that has had three versions: 1 {"message"}, 2 {"code", "message"}, 3 {"error": {…}}.
constexpr std::string_view kType = "test.failed";

Json to_2(Json payload) {
  return {{"code", "unknown"}, {"message", JsonReader(payload).text("message")}};
}

Json to_3(Json payload) {
  payload["retryable"] = false;
  return {{"error", payload}};
}

EventBody decode_3(const JsonReader& in) {
  const JsonReader error = in.object("error");
  return RunFailed{{error.text("code"), error.text("message"), error.boolean("retryable")}};
}

std::vector<EventForm> forms() {
  return {
      {kType, 2, nullptr, to_3},
      {kType, 3, decode_3, nullptr},
      {kType, 1, nullptr, to_2},
  };
}

eventlog::RecordView record_of(std::uint16_t version, std::string_view payload) {
  eventlog::RecordView record;
  record.offset = 7;
  record.version = version;
  record.type = kType;
  record.payload = payload;
  return record;
}

Error decoded(std::uint16_t version, std::string_view payload) {
  const EventRegistry registry(forms());
  const Event event = decode_event(record_of(version, payload), registry);
  EXPECT_EQ(event.version, version);
  return std::get<RunFailed>(event.body).error;
}

std::string refusal(std::uint16_t version, std::string_view payload) {
  try {
    decoded(version, payload);
  } catch (const EventCodecError& refused) {
    return refused.what();
  }
  return "was taken";
}

TEST(EventRegistry, UpgradesEachVersionToTheNewest) {
  EXPECT_EQ(decoded(1, R"({"message":"m"})"), (Error{"unknown", "m", false}));
  EXPECT_EQ(decoded(2, R"({"code":"c","message":"m"})"), (Error{"c", "m", false}));
  EXPECT_EQ(decoded(3, R"({"error":{"code":"c","message":"m","retryable":true}})"),
            (Error{"c", "m", true}));
}

TEST(EventRegistry, NamesTypeVersionAndOffsetOfWhatItDoesNotKnow) {
  for (std::uint16_t version : {0, 4}) {
    EXPECT_EQ(refusal(version, "{}"), "event 'test.failed' version " + std::to_string(version) +
                                          " at offset 7 is not known to this build; start the "
                                          "build that wrote it");
  }
}

TEST(EventRegistry, NamesTheVersionAsRecordedOfAPayloadThatCannotBeUpgraded) {
  EXPECT_EQ(refusal(1, "{}"),
            "event 'test.failed' version 1 at offset 7 is damaged: member 'message' is missing");
  EXPECT_EQ(refusal(2, R"({"code":1,"message":"m"})"),
            "event 'test.failed' version 2 at offset 7 is damaged: member 'code' is not a string");
  EXPECT_EQ(refusal(1, "nothing"),
            "event 'test.failed' version 1 at offset 7 is damaged: not JSON");
}

TEST(EventRegistry, SaysThatAPayloadWasErased) {
  auto record = record_of(3, "");
  record.payload_erased = true;
  const EventRegistry registry(forms());
  try {
    decode_event(record, registry);
    FAIL() << "an erased payload was decoded";
  } catch (const EventCodecError& refused) {
    EXPECT_NE(std::string(refused.what()).find("offset 7"), std::string::npos);
    EXPECT_NE(std::string(refused.what()).find("erased"), std::string::npos);
  }
}

TEST(EventRegistry, RefusesChainsThatLeadNowhere) {
  const auto refused = [](std::vector<EventForm> wrong) {
    EXPECT_THROW(EventRegistry{wrong}, std::logic_error);
  };
  refused({{kType, 1, nullptr, to_2}});                                 // to what?
  refused({{kType, 1, nullptr, to_2}, {kType, 3, decode_3, nullptr}});  // 2 is left out
  refused({{kType, 1, decode_3, nullptr}, {kType, 2, decode_3, nullptr}});
  refused({{kType, 1, decode_3, nullptr}, {kType, 1, decode_3, nullptr}});
  refused({{kType, 1, nullptr, nullptr}});
  refused({{kType, 1, decode_3, to_2}});
}

template <std::size_t... I>
void expect_newest_of_each(std::index_sequence<I...>) {
  const auto expect = []<typename T>(const T&) {
    EXPECT_TRUE(event_registry().knows(T::kType, version_of<T>())) << T::kType;
    EXPECT_FALSE(event_registry().knows(T::kType, version_of<T>() + 1)) << T::kType;
  };
  (expect(std::variant_alternative_t<I, EventBody>{}), ...);
}

TEST(EventRegistry, KnowsEveryEventInTheVersionThatIsWritten) {
  expect_newest_of_each(std::make_index_sequence<std::variant_size_v<EventBody>>());
}

}  // namespace
}  // namespace runledger::core

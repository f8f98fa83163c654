#include "core/domain/event_codec.h"

#include <gtest/gtest.h>

namespace runledger::core {
namespace {

struct Sample {
  EventBody body;
  std::string payload;  // frozen: what is on users' disks
};

std::vector<Sample> samples() {
  const Error error{"boom", "It \"failed\"", true};
  return {
      {RunCreated{"run_1",
                  {{"main", "image", "task_1", {R"({"prompt":"猫"})"}}},
                  {{"a", "b"}},
                  {R"({"user":"u"})"},
                  -3,
                  "key-1",
                  "ab"},
       R"({"run_id":"run_1","spec":{"steps":[{"id":"main","task":"image","task_id":"task_1","input":{"prompt":"猫"}}]},"labels":{"a":"b"},"session":{"user":"u"},"priority":-3,"idempotency_key":"key-1","request_sha256":"ab"})"},
      {RunStarted{}, "{}"},
      {RunCancelRequested{}, "{}"},
      {RunCanceled{}, "{}"},
      {RunSucceeded{}, "{}"},
      {RunFailed{error}, R"({"error":{"code":"boom","message":"It \"failed\"","retryable":true}})"},
      {TaskReady{"task_1"}, R"({"task_id":"task_1"})"},
      {TaskLeased{"task_1", 2, "lease_1", "wrk_1", "local-1", "1.0.0", "cafe"},
       R"({"task_id":"task_1","attempt":2,"lease_id":"lease_1","worker_id":"wrk_1","worker_name":"local-1","plugin_version":"1.0.0","plugin_sha256":"cafe"})"},
      {TaskProgressed{"task_1", 1, 12.5, "half"},
       R"({"task_id":"task_1","attempt":1,"percent":12.5,"message":"half"})"},
      {TaskEmitted{"task_1", 1, "text.delta", {R"(["x",1])"}},
       R"({"task_id":"task_1","attempt":1,"type":"text.delta","data":["x",1]})"},
      {TaskLogged{"task_1", 1, "info", "line"},
       R"({"task_id":"task_1","attempt":1,"level":"info","text":"line"})"},
      {TaskLeaseLost{"task_1", 1, "lease_1", "worker_lost", true},
       R"({"task_id":"task_1","attempt":1,"lease_id":"lease_1","reason":"worker_lost","charged":true})"},
      {TaskSucceeded{"task_1", 1, {R"({"ok":true})"}},
       R"({"task_id":"task_1","attempt":1,"output":{"ok":true}})"},
      {TaskFailed{"task_1", 0, {"c", "m", false}},
       R"({"task_id":"task_1","attempt":0,"error":{"code":"c","message":"m","retryable":false}})"},
      {TaskCanceled{"task_1", 0}, R"({"task_id":"task_1","attempt":0})"},
      {ResourceCreated{"res_1", "task_1", "a.png", "image/png"},
       R"({"resource_id":"res_1","task_id":"task_1","name":"a.png","media_type":"image/png"})"},
      {ResourceSucceeded{"res_1", "beef", 1234},
       R"({"resource_id":"res_1","sha256":"beef","size":1234})"},
      {TokenCreated{"tok_1", "acme", "alice", {"viewer", "admin"}, "f00d"},
       R"({"token_id":"tok_1","tenant":"acme","user":"alice","roles":["viewer","admin"],"secret_sha256":"f00d"})"},
      {TaskTypeRegistered{"image", "1.0.0", "cafe", {R"({"risk":[]})"}},
       R"({"name":"image","version":"1.0.0","plugin_sha256":"cafe","manifest":{"risk":[]}})"},
      {WorkerRegistered{"wrk_1", "local-1", 77, 2},
       R"({"worker_id":"wrk_1","name":"local-1","pid":77,"slots":2})"},
  };
}

eventlog::RecordView record_of(std::string_view type, std::string_view payload) {
  eventlog::RecordView record;
  record.offset = 7;
  record.idx = 3;
  record.time_us = 99;
  record.version = 1;
  record.stream = "run_1";
  record.actor = "user:alice";
  record.type = type;
  record.payload = payload;
  return record;
}

TEST(EventCodec, HasASampleOfEveryEvent) {
  EXPECT_EQ(samples().size(), std::variant_size_v<EventBody>);
}

TEST(EventCodec, WritesThePayloadsThatAreFrozen) {
  for (const Sample& sample : samples()) EXPECT_EQ(encode_payload(sample.body), sample.payload);
}

TEST(EventCodec, ReadsBackWhatItWrote) {
  for (const Sample& sample : samples()) {
    const Event event = decode_event(record_of(type_of(sample.body), sample.payload));
    EXPECT_EQ(event.offset, 7u);
    EXPECT_EQ(event.actor, "user:alice");
    EXPECT_EQ(type_of(event.body), type_of(sample.body));
    EXPECT_EQ(encode_payload(event.body), sample.payload);
  }
}

TEST(EventCodec, RefusesAPayloadThatMissesAnyMember) {
  for (const Sample& sample : samples()) {
    if (sample.payload == "{}") continue;
    EXPECT_THROW(decode_event(record_of(type_of(sample.body), "{}")), EventCodecError)
        << type_of(sample.body);
    EXPECT_THROW(decode_event(record_of(type_of(sample.body), "[1")), EventCodecError);
  }
}

TEST(EventCodec, NamesTypeVersionAndOffsetOfWhatItDoesNotKnow) {
  auto record = record_of("run.teleported", "{}");
  record.version = 9;
  try {
    decode_event(record);
    FAIL() << "an unknown event was taken";
  } catch (const EventCodecError& refused) {
    EXPECT_NE(std::string(refused.what()).find("'run.teleported' version 9 at offset 7"),
              std::string::npos)
        << refused.what();
  }
}

TEST(EventCodec, RefusesAKnownTypeInAnUnknownVersion) {
  auto record = record_of("run.started", "{}");
  record.version = 2;
  EXPECT_THROW(decode_event(record), EventCodecError);
}

}  // namespace
}  // namespace runledger::core

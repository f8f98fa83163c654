// What is no message is refused, and the refusal names the place.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/protocol/messages.h"

namespace runledger::core::protocol {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string worker_problem(const std::string& frame) {
  const auto decoded = decode_worker_message(frame);
  const auto* error = std::get_if<ProtocolError>(&decoded);
  return error ? error->reason : "";
}
std::string server_problem(const std::string& frame) {
  const auto decoded = decode_server_message(frame);
  const auto* error = std::get_if<ProtocolError>(&decoded);
  return error ? error->reason : "";
}

json sound_register() {
  return {{"type", "register"},
          {"session_version", 1},
          {"name", "w"},
          {"pid", 1},
          {"slots", 1},
          {"task_types",
           {{{"name", "image"},
             {"version", "1"},
             {"manifest", json::object()},
             {"plugin_sha256", std::string(64, '0')}}}}};
}

json report(const json& body) {
  json fields = {{"run_id", "r"}, {"task_id", "t"}, {"lease_id", "l"}, {"seq", 1}};
  fields.update(body);
  return {{"type", "report"}, {"reports", {fields}}};
}

json sound_leased() {
  return {{"type", "leased"},
          {"tasks",
           {{{"run_id", "r"},
             {"task_id", "t"},
             {"lease_id", "l"},
             {"attempt", 1},
             {"task_type", "image"},
             {"input", json::object()},
             {"session", json::object()},
             {"memos", json::array()}}}}};
}

TEST(ProtocolRefusal, SamplesAreSound) {
  EXPECT_EQ(worker_problem(sound_register().dump()), "");
  EXPECT_EQ(worker_problem(report({{"kind", "canceled"}}).dump()), "");
  EXPECT_EQ(server_problem(sound_leased().dump()), "");
}

TEST(ProtocolRefusal, UnknownTypesAndKinds) {
  EXPECT_THAT(worker_problem(R"({"type": "hello"})"),
              HasSubstr("register, lease, return or report"));
  EXPECT_THAT(worker_problem(R"({"type": "leased"})"),
              HasSubstr("register, lease, return or report"));
  EXPECT_THAT(server_problem(R"({"type": "register"})"), HasSubstr("one of the server's"));
  EXPECT_THAT(worker_problem(report({{"kind", "retried"}}).dump()),
              HasSubstr("reports[0].kind to be one of the kinds of report"));
  EXPECT_THAT(worker_problem(report({{"kind", "log"}, {"level", "loud"}, {"text", ""}}).dump()),
              HasSubstr("reports[0].level to be debug, info, warning or error"));
}

TEST(ProtocolRefusal, FramesThatAreNotObjects) {
  for (const char* frame : {"", "[]", "1", "null", "\"register\"", "{", "{}{}"}) {
    EXPECT_NE(worker_problem(frame), "") << frame;
    EXPECT_NE(server_problem(frame), "") << frame;
  }
  EXPECT_THAT(worker_problem("{}"), HasSubstr("Expected type to be there, but it is missing"));
  EXPECT_THAT(worker_problem(R"({"type": 1})"), HasSubstr("Expected type to be a string"));
}

TEST(ProtocolRefusal, EachMissingMember) {
  const json sound = sound_register();
  for (const auto& [member, value] : sound.items()) {
    json message = sound;
    message.erase(member);
    EXPECT_THAT(worker_problem(message.dump()), HasSubstr("Expected " + member)) << member;
  }
  const json offer = sound_register()["task_types"][0];
  for (const auto& [member, value] : offer.items()) {
    json message = sound_register();
    message["task_types"][0].erase(member);
    EXPECT_THAT(worker_problem(message.dump()), HasSubstr("task_types[0]." + member));
  }
  const json task = sound_leased()["tasks"][0];
  for (const auto& [member, value] : task.items()) {
    json message = sound_leased();
    message["tasks"][0].erase(member);
    EXPECT_THAT(server_problem(message.dump()), HasSubstr("tasks[0]." + member));
  }
}

TEST(ProtocolRefusal, EachMemberOfAnotherType) {
  const json wrong = {true};  // no member is an array of booleans
  const json sound = sound_register();
  for (const auto& [member, value] : sound.items()) {
    json message = sound;
    message[member] = wrong;
    EXPECT_NE(worker_problem(message.dump()), "") << member;
  }
  const json task = sound_leased()["tasks"][0];
  for (const auto& [member, value] : task.items()) {
    json message = sound_leased();
    message["tasks"][0][member] = wrong;
    EXPECT_NE(server_problem(message.dump()), "") << member;
  }
}

TEST(ProtocolRefusal, EachKindOfReportWithoutItsMembers) {
  for (const char* kind : {"progress", "emit", "log", "resource", "succeeded", "failed"}) {
    EXPECT_THAT(worker_problem(report({{"kind", kind}}).dump()), HasSubstr("reports[0].")) << kind;
  }
}

TEST(ProtocolRefusal, NumbersOutOfRange) {
  for (const json& slots : {json(-1), json(1025), json(0), json(1.5), json("1"), json(1e30)}) {
    json message = sound_register();
    message["slots"] = slots;
    EXPECT_THAT(worker_problem(message.dump()), HasSubstr("whole number from 1 to 1024")) << slots;
  }
  for (const json& percent : {json(-0.1), json(100.1), json("50"), json(nullptr)}) {
    const json body = {{"kind", "progress"}, {"percent", percent}, {"message", ""}};
    EXPECT_THAT(worker_problem(report(body).dump()), HasSubstr("from 0 to 100")) << percent;
  }
  json leased = sound_leased();
  leased["tasks"][0]["attempt"] = 0;
  EXPECT_THAT(server_problem(leased.dump()), HasSubstr("tasks[0].attempt"));
  EXPECT_THAT(worker_problem(R"({"type":"lease","room":18446744073709551616})"),
              HasSubstr("whole number"));
}

TEST(ProtocolRefusal, DigestsThatAreNotSha256) {
  for (const std::string& digest : {std::string(63, 'a'), std::string(65, 'a'),
                                    std::string(64, 'A'), std::string(64, 'g'), std::string()}) {
    const json body = {
        {"kind", "resource"}, {"name", "n"}, {"media_type", "m"}, {"sha256", digest}, {"size", 1}};
    EXPECT_THAT(worker_problem(report(body).dump()), HasSubstr("64 lower-case hex digits"));
  }
}

TEST(ProtocolRefusal, OutputsThatAreNotObjects) {
  EXPECT_THAT(worker_problem(report({{"kind", "succeeded"}, {"output", "text"}}).dump()),
              HasSubstr("reports[0].output to be an object"));
}

TEST(ProtocolRefusal, TooManyItems) {
  json message = report({{"kind", "canceled"}});
  const json one = message["reports"][0];
  for (std::size_t i = 0; i < kReportsInFlightMax; ++i) message["reports"].push_back(one);
  EXPECT_THAT(worker_problem(message.dump()), HasSubstr("at most 256 items, but it holds 257"));
}

TEST(ProtocolRefusal, TooDeep) {
  const auto nested = [](std::size_t depth) {
    return R"({"type":"report","reports":[{"run_id":"r","task_id":"t","lease_id":"l","seq":1,)"
           R"("kind":"emit","event_type":"e","data":)" +
           std::string(depth, '[') + std::string(depth, ']') + "}]}";
  };
  EXPECT_EQ(worker_problem(nested(64)), "");
  EXPECT_THAT(worker_problem(nested(65)), HasSubstr("nested more than 67 deep"));
  EXPECT_NE(worker_problem(std::string(4'000'000, '[')), "");
}

TEST(ProtocolRefusal, InvalidUtf8) {
  EXPECT_THAT(worker_problem("{\"type\": \"\xff\"}"), HasSubstr("Expected a frame of JSON"));
  EXPECT_THAT(server_problem("{\"type\": \"dr\xc3\"}"), HasSubstr("Expected a frame of JSON"));
}

TEST(ProtocolRefusal, FramesOverTheLimit) {
  std::string frame = R"({"type":"lease","room":1})";
  frame.resize(kMessageBytesMax, ' ');
  EXPECT_EQ(worker_problem(frame), "");
  frame += ' ';
  EXPECT_THAT(worker_problem(frame), HasSubstr("at most 16777216 bytes, but it has 16777217"));
  EXPECT_THAT(server_problem(frame), HasSubstr("at most 16777216 bytes"));
}

}  // namespace
}  // namespace runledger::core::protocol

#include "core/worker/plugin_manifest.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

json sound() {
  return json::parse(R"({
    "name": "pair", "version": "1.2.3",
    "task_types": [
      {"name": "first", "description": "d", "input_schema": {}, "output_schema": {}},
      {"name": "second_2", "description": "d", "input_schema": {}, "output_schema": {},
       "risk": [], "examples": [{}]}]})");
}

std::string problem_of(const std::string& text) {
  const auto read = read_manifest(text);
  const auto* error = std::get_if<ManifestError>(&read);
  return error ? error->reason : "";
}

// The sound one with the value at the pointer replaced.
std::string problem_with(const char* pointer, const json& value) {
  json manifest = sound();
  manifest[json::json_pointer(pointer)] = value;
  return problem_of(manifest.dump());
}

std::string problem_without(const char* parent, const char* member) {
  json manifest = sound();
  manifest[json::json_pointer(parent)].erase(member);
  return problem_of(manifest.dump());
}

TEST(PluginManifest, ReadsNamesAndKeepsEntriesAsText) {
  const auto read = read_manifest(sound().dump());
  const auto& manifest = std::get<Manifest>(read);
  EXPECT_EQ(manifest.name, "pair");
  EXPECT_EQ(manifest.version, "1.2.3");
  ASSERT_EQ(manifest.task_types.size(), 2u);
  EXPECT_EQ(manifest.task_types[1].name, "second_2");
  EXPECT_EQ(json::parse(manifest.task_types[1].json), sound()["task_types"][1]);
}

TEST(PluginManifest, ReadsTheLimitsOfATaskType) {
  json manifest = sound();
  manifest["task_types"][0]["limits"] = {{"slots", 2}, {"memory_bytes", kHostMemoryBytesMin}};
  const auto read = read_manifest(manifest.dump());
  const auto& types = std::get<Manifest>(read).task_types;
  EXPECT_EQ(types[0].slots, 2u);
  EXPECT_EQ(types[0].memory_bytes, kHostMemoryBytesMin);
  EXPECT_EQ(types[1].slots, 0u);
  EXPECT_EQ(types[1].memory_bytes, 0u);
}

TEST(PluginManifest, RefusesLimitsThatItCannotKeepAndNamesBothSides) {
  const char* limits = "/task_types/0/limits";
  EXPECT_THAT(problem_with(limits, {{"slots", 0}}), HasSubstr("number of 1 to 1024, but it is 0"));
  EXPECT_THAT(problem_with(limits, {{"slots", 5000}}), HasSubstr("but it is 5000"));
  EXPECT_THAT(problem_with(limits, {{"slots", "2"}}), HasSubstr("but it is \"2\""));
  EXPECT_THAT(problem_with(limits, {{"memory_bytes", 4096}}),
              HasSubstr("number of " + std::to_string(kHostMemoryBytesMin)));
  EXPECT_THAT(problem_with(limits, {{"cores", 2}}),
              HasSubstr("limits/cores': expected no member but slots"));
  EXPECT_THAT(problem_with(limits, 7), HasSubstr("expected an object, but it is 7"));
}

TEST(PluginManifest, RefusesWhatIsNotAJsonObject) {
  EXPECT_THAT(problem_of(""), HasSubstr("cannot be used"));
  EXPECT_THAT(problem_of("{\"name\": "), HasSubstr("cannot be used"));
  EXPECT_THAT(problem_of("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(problem_of("{\"name\": \"\xff\"}"), HasSubstr("cannot be used"));
}

TEST(PluginManifest, RefusesOneThatNestsTooDeep) {
  const std::string nested = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(problem_of(R"({"name": )" + nested + "}"), HasSubstr("nested more than 64 deep"));
}

TEST(PluginManifest, RefusesOneThatIsTooLarge) {
  EXPECT_THAT(problem_of(std::string(1024 * 1024 + 1, ' ')), HasSubstr("larger than 1048576"));
}

TEST(PluginManifest, NamesTheMissingMember) {
  EXPECT_EQ(problem_without("", "version"),
            "the manifest at '/version': expected a string, but there is none");
  EXPECT_EQ(problem_without("", "task_types"),
            "the manifest at '/task_types': expected an array of task types, but there is none");
  EXPECT_EQ(problem_without("/task_types/1", "description"),
            "the manifest at '/task_types/1/description': expected a string, but there is none");
  EXPECT_THAT(problem_without("/task_types/0", "input_schema"),
              HasSubstr("'/task_types/0/input_schema': expected a JSON schema"));
}

TEST(PluginManifest, NamesTheMemberOfAnotherType) {
  EXPECT_EQ(problem_with("/version", 1),
            "the manifest at '/version': expected a string, but it is 1");
  EXPECT_THAT(problem_with("/task_types", json::object()), HasSubstr("an array of task types"));
  EXPECT_THAT(problem_with("/task_types/0", 3), HasSubstr("'/task_types/0': expected an object"));
  EXPECT_THAT(problem_with("/task_types/0/output_schema", true), HasSubstr("a JSON schema"));
  EXPECT_THAT(problem_with("/task_types/1/risk", "none"), HasSubstr("/risk': expected an array"));
  EXPECT_THAT(problem_with("/processes", 1), HasSubstr("'/processes': expected true or false"));
}

TEST(PluginManifest, RefusesMembersThatItDoesNotKnow) {
  EXPECT_EQ(problem_with("/licence", "MIT"),
            "the manifest at '/licence': expected no member but name, version, processes, "
            "task_types, but there is this one");
  EXPECT_THAT(problem_with("/task_types/1/tags", json::array()),
              AllOf(HasSubstr("'/task_types/1/tags'"), HasSubstr("risk, examples")));
}

TEST(PluginManifest, RefusesSchemasThatCannotBeEnforced) {
  EXPECT_THAT(problem_with("/task_types/1/input_schema", {{"pattern", "^a"}}),
              AllOf(HasSubstr("'/task_types/1/input_schema'"), HasSubstr("'pattern'")));
  EXPECT_THAT(problem_with("/task_types/0/output_schema", {{"$ref", "http://elsewhere/"}}),
              AllOf(HasSubstr("'/task_types/0/output_schema'"), HasSubstr("leads nowhere")));
  EXPECT_THAT(problem_with("/task_types/0/input_schema", {{"type", 7}}),
              HasSubstr("'/task_types/0/input_schema': expected a JSON schema"));
}

TEST(PluginManifest, RefusesExamplesThatTheInputSchemaForbids) {
  const json schema = {{"properties", {{"n", {{"type", "integer"}}}}}};
  json manifest = sound();
  manifest["task_types"][1]["input_schema"] = schema;
  manifest["task_types"][1]["examples"] = {{{"n", 1}}, {{"n", "one"}}};
  EXPECT_THAT(problem_of(manifest.dump()),
              HasSubstr("'/task_types/1/examples/1/n': expected an input that fits"));
  EXPECT_THAT(problem_with("/task_types/1/examples", {json::object(), 7}),
              HasSubstr("'/task_types/1/examples/1': expected an input, a JSON object, but it is"));
}

TEST(PluginManifest, KnowsTheRisks) {
  EXPECT_EQ(problem_with("/task_types/1/risk", {"writes", "external_calls", "costs"}), "");
  EXPECT_EQ(problem_with("/task_types/1/risk", {"writes", "fire"}),
            "the manifest at '/task_types/1/risk/1': expected one of writes, external_calls, "
            "costs, but it is \"fire\"");
  EXPECT_THAT(problem_with("/task_types/1/risk", {1}), HasSubstr("but it is 1"));
}

TEST(PluginManifest, RefusesNamesThatAreNotLowerCaseWords) {
  for (const char* name : {"", "Image", "9lives", "a-b", "a b", "../x", "图"}) {
    EXPECT_THAT(problem_with("/task_types/0/name", name), HasSubstr("lower-case word")) << name;
  }
  EXPECT_THAT(problem_with("/name", std::string(65, 'a')), HasSubstr("lower-case word"));
  EXPECT_EQ(problem_with("/name", std::string(64, 'a')), "");
}

TEST(PluginManifest, RefusesNoTaskTypeAndTheSameOneTwice) {
  EXPECT_THAT(problem_with("/task_types", json::array()), HasSubstr("at least one task type"));
  EXPECT_THAT(problem_with("/task_types/1/name", "first"),
              HasSubstr("'/task_types/1/name': expected each task type once"));
}

}  // namespace
}  // namespace runledger::core::worker

#include <gtest/gtest.h>

#include "core/workflow/spec.h"
#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

struct Case {
  std::string json;
  std::string pointer;
  std::string message;  // a part of it
};

void expect_each(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const auto errors = errors_of(one.json);
    EXPECT_EQ(errors.size(), 1u) << one.json << "\n" << text_of(errors);
    EXPECT_TRUE(has_error(errors, one.pointer, one.message)) << one.json << "\n" << text_of(errors);
    for (const SpecError& error : errors) EXPECT_EQ(error.message.substr(0, 8), "Expected");
  }
}

TEST(SpecError, NamesWhatIsWrongWithTheWhole) {
  expect_each({
      {"", "", "JSON in UTF-8"},
      {"{\"steps\":", "", "byte"},
      {"{\"steps\":\"\xff\"}", "", "UTF-8"},
      {"[]", "", "a spec, which is an object, but got an empty array"},
      {"{}", "/steps", "but there is none"},
      {R"({"steps":{}})", "/steps", "1 to 200 steps, but got an object"},
      {R"({"steps":[]})", "/steps", "but there are 0"},
      {R"({"steps":[{"id":"a","task":"t"}],"stepps":1})", "/stepps", "only the members"},
      {R"({"steps":[{"id":"a","task":"t"}],"a/b~c":1})", "/a~1b~0c", "only the members"},
      {R"({"steps":[{"id":"a","task":"t"}],"name":7})", "/name", "a string, but got 7"},
      {R"({"steps":[{"id":"a","task":"t"}],"input_schema":[]})", "/input_schema", "an object"},
      {R"({"steps":[{"id":"a","task":"t"}],"timeout_ms":-1})", "/timeout_ms", "an integer from 0"},
      {R"({"steps":[{"id":"a","task":"t"}],"steps":[]})", "/steps", "is there twice"},
      {R"({"steps":[{"id":"a","task":"t","input":{"x":1,"x":2}}]})", "/steps/0/input/x", "twice"},
      {R"({"steps":[3]})", "/steps/0", "a step, which is an object, but got 3"},
      {R"({"steps":[null]})", "/steps/0", "but got null"},
      {"{\"steps\":\"" + std::string(kSpecBytesMax, 'x') + "\"}", "", "1048576 bytes"},
  });
}

TEST(SpecError, NamesNestingThatIsTooDeep) {
  const auto errors = errors_of(one_step(R"("input":{"x":)" + std::string(100'000, '[')));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(errors[0].pointer.starts_with("/steps/0/input/x/0")) << errors[0].pointer;
  EXPECT_NE(errors[0].message.find("nested"), std::string::npos);
}

TEST(SpecError, NamesWhatIsWrongWithAStep) {
  expect_each({
      {R"({"steps":[{"task":"t"}]})", "/steps/0/id", "but there is none"},
      {R"({"steps":[{"id":"a b","task":"t"}]})", "/steps/0/id", "but got 'a b'"},
      {R"({"steps":[{"id":"","task":"t"}]})", "/steps/0/id", "an empty string"},
      {R"({"steps":[{"id":"a.b","task":"t"}]})", "/steps/0/id", "letters, digits"},
      {R"({"steps":[{"id":7,"task":"t"}]})", "/steps/0/id", "but got 7"},
      {R"({"steps":[{"id":")" + std::string(65, 'x') + R"(","task":"t"}]})", "/steps/0/id", "64"},
      {R"({"steps":[{"id":"a"}]})", "/steps/0", "either 'task' or 'workflow'"},
      {one_step(R"("workflow":"w")"), "/steps/0", "both are there"},
      {R"({"steps":[{"id":"a","task":""}]})", "/steps/0/task", "a name"},
      {R"({"steps":[{"id":"a","workflow":"a b"}]})", "/steps/0/workflow", "a name"},
      {one_step(R"("inputs":{})"), "/steps/0/inputs", "'inputs'"},
      {one_step(R"("input":[])"), "/steps/0/input", "an object, but got an empty array"},
      {one_step(R"("input":"${run.input}")"), "/steps/0/input", "an object"},
      {one_step(R"("timeout_ms":1.5)"), "/steps/0/timeout_ms", "but got 1.5"},
      {one_step(R"("attempt_timeout_ms":"1")"), "/steps/0/attempt_timeout_ms", "but got '1'"},
      {one_step(R"("queue_timeout_ms":31622400001)"), "/steps/0/queue_timeout_ms", "31622400000"},
      {one_step(R"("heartbeat_timeout_ms":null)"), "/steps/0/heartbeat_timeout_ms", "null"},
      {one_step(R"("timeout_ms":99999999999999999999)"), "/steps/0/timeout_ms", "an integer"},
      {one_step(R"("on_error":"stop")"), "/steps/0/on_error", "pause, fail, continue"},
      {one_step(R"("on_error":1)"), "/steps/0/on_error", "but got 1"},
  });
}

TEST(SpecError, NamesPoliciesOfAttemptsThatASubWorkflowHasNot) {
  for (const std::string name :
       {"attempt_timeout_ms", "queue_timeout_ms", "heartbeat_timeout_ms"}) {
    expect_each({{R"({"steps":[{"id":"a","workflow":"w",")" + name + R"(":5}]})",
                  "/steps/0/" + name, "beside 'workflow'"}});
  }
  expect_each({{R"({"steps":[{"id":"a","workflow":"w","retry":{"max_attempts":2}}]})",
                "/steps/0/retry", "beside 'workflow'"},
               {R"({"steps":[{"id":"a","workflow":"w","review":{}}]})", "/steps/0/review",
                "beside 'workflow'"}});
  // A log may have one from before.
  const auto stored =
      parse_stored_spec(R"({"steps":[{"id":"a","workflow":"w","retry":{"max_attempts":2}}]})");
  EXPECT_TRUE(std::holds_alternative<WorkflowSpec>(stored));
}

TEST(SpecError, NamesWhatIsWrongWithPolicies) {
  expect_each({
      {one_step(R"("retry":3)"), "/steps/0/retry", "an object, but got 3"},
      {one_step(R"("retry":{"attempts":3})"), "/steps/0/retry/attempts", "only the members"},
      {one_step(R"("retry":{"max_attempts":0})"), "/steps/0/retry/max_attempts", "from 1 to 100"},
      {one_step(R"("retry":{"max_attempts":101})"), "/steps/0/retry/max_attempts", "101"},
      {one_step(R"("retry":{"factor":0.5})"), "/steps/0/retry/factor", "from 1 to 10"},
      {one_step(R"("retry":{"factor":"2"})"), "/steps/0/retry/factor", "a number"},
      {one_step(R"("retry":{"not_retryable":"x"})"), "/steps/0/retry/not_retryable", "an array"},
      {one_step(R"("retry":{"not_retryable":["x",""]})"), "/steps/0/retry/not_retryable/1",
       "a string"},
      {one_step(R"("approval":true)"), "/steps/0/approval", "an object, but got true"},
      {one_step(R"("approval":{"roles":[]})"), "/steps/0/approval/roles",
       "at least one role, but got an empty array"},
      {one_step(R"("approval":{"roles":"reviewer"})"), "/steps/0/approval/roles", "an array"},
      {one_step(R"("approval":{"roles":["reviewer","boss"]})"), "/steps/0/approval/roles/1",
       "one of viewer, submitter, reviewer, worker, operator, admin, but got 'boss'"},
      {one_step(R"("review":{"roles":["admin","admin"]})"), "/steps/0/review/roles/1", "twice"},
      {one_step(R"("review":{"rounds_max":0})"), "/steps/0/review/rounds_max", "from 1"},
      {one_step(R"("review":{"on_reject":"retry"})"), "/steps/0/review/on_reject",
       "end, regenerate"},
      {one_step(R"("for_each":[1,2])"), "/steps/0/for_each", "an object"},
      {one_step(R"("for_each":{})"), "/steps/0/for_each/items", "but there is none"},
      {one_step(R"("for_each":{"items":3})"), "/steps/0/for_each/items", "but got 3"},
      {one_step(R"("for_each":{"items":"x"})"), "/steps/0/for_each/items", "whole reference"},
      {one_step(R"("for_each":{"items":"${run.id} x"})"), "/steps/0/for_each/items", "whole"},
      {one_step(R"("for_each":{"items":"${run.idx}"})"), "/steps/0/for_each/items", "run.input"},
      {one_step(R"("for_each":{"items":[],"parallel":-1})"), "/steps/0/for_each/parallel", "0"},
      {one_step(R"("for_each":{"items":[],"limit":1})"), "/steps/0/for_each/limit", "only"},
  });
}

TEST(SpecError, NamesWhatIsWrongWithReferencesAndConditions) {
  expect_each({
      {one_step(R"("input":{"x":["${run.idx}"]})"), "/steps/0/input/x/0", "but got '${run.idx}'"},
      {one_step(R"("input":{"x":"${steps.b.output}"})"), "/steps/0/input/x", "no step 'b'"},
      {one_step(R"("input":{"x":"${steps.a.output}"})"), "/steps/0/input/x", "the step itself"},
      {one_step(R"("input":{"x":"${item}"})"), "/steps/0/input/x", "no item here"},
      {one_step(R"("input":{"x":"a ${index}"})"), "/steps/0/input/x", "no item here"},
      {one_step(R"("for_each":{"items":["${item}"]})"), "/steps/0/for_each/items/0", "no item"},
      {one_step(R"("for_each":{"items":[]},"when":"${item}")"), "/steps/0/when", "no item here"},
      {one_step(R"("when":true)"), "/steps/0/when", "one whole reference"},
      {one_step(R"("when":"${run.idx}")"), "/steps/0/when", "but got '${run.idx}'"},
      {one_step(R"("when":{"is":[1,1]})"), "/steps/0/when/is", "eq ne lt le gt ge"},
      {one_step(R"("when":{"eq":["${steps.b.status}",1]})"), "/steps/0/when/eq/0", "no step 'b'"},
      {one_step(R"("when":{"eq":["${x}",1]})"), "/steps/0/when/eq/0", "but got '${x}'"},
      {R"({"steps":[{"id":"a","task":"t"}],"output":"${steps.b.output}"})", "/output", "'b'"},
      {R"({"steps":[{"id":"a","task":"t"}],"output":{"x":"${item}"}})", "/output/x", "no item"},
      {R"({"steps":[{"id":"a","task":"t"}],"output":["${run"]})", "/output/0", "'}'"},
  });
}

TEST(SpecError, AllowsWhatIsThere) {
  for (const std::string& json :
       {one_step(R"("for_each":{"items":[1]},"input":{"x":"${item.a[0]}","y":"${index}"})"),
        one_step(R"("input":{"x":"$${item} ${run.labels.a.b} ${run.id}"})"),
        std::string(R"({"steps":[{"id":"a","task":"t"},{"id":"b","task":"t"},{"id":"c","task":"t",
            "input":{"x":"${steps.a.output.y}"},"when":"${steps.a.output.y}"}],
            "output":{"a":"${steps.a.output}","c":"${steps.c.status}"}})")}) {
    EXPECT_EQ(text_of(errors_of(json)), "") << json;
  }
}

TEST(SpecError, ComesWithAllTheOthers) {
  const auto errors = errors_of(R"({"extra":1,"timeout_ms":"x","steps":[
      {"id":"a","task":"t","input":7,"when":{"or":[1,2]}},
      {"id":"a","task":"t","needs":["nope"],"retry":{"factor":99,"max_attempts":0}},
      {"id":"c","needs":["a"],"input":{"x":"${nope}","y":"${item}"}}]})");
  EXPECT_EQ(errors.size(), 12u) << text_of(errors);
  EXPECT_TRUE(has_error(errors, "/steps/1/id", "step 0 is called 'a' too"));
  EXPECT_TRUE(has_error(errors, "/steps/1/needs/0", "but got 'nope'"));
  EXPECT_TRUE(has_error(errors, "/steps/2", "either"));
}

TEST(SpecError, StopsCountingAtFifty) {
  std::string steps;
  for (int i = 0; i < 150; ++i) steps += std::string(i == 0 ? "" : ",") + R"({"id":"?"})";
  EXPECT_EQ(errors_of(R"({"steps":[)" + steps + "]}").size(), kSpecErrorsMax);
}

}  // namespace
}  // namespace runledger::core

#include "core/workflow/references.h"

#include <gtest/gtest.h>

#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

TEST(Resolve, PutsInWholeValuesWithTheirType) {
  const ReferenceScope scope = scope_of_a_run();
  EXPECT_EQ(resolved(R"(["${run.input.count}","${run.input.on}","${run.input.none}"])", scope),
            "[3,true,null]");
  EXPECT_EQ(resolved(R"({"x":"${run.input.list}"})", scope),
            R"({"x":[{"name":"a"},{"name":"b"}]})");
  EXPECT_EQ(resolved(R"("${run.id}")", scope), R"("run_01")");
  EXPECT_EQ(resolved(R"("${run.labels.conversation.id}")", scope), R"("42")");
  EXPECT_EQ(resolved(R"("${steps.clip.output}")", scope), R"({"url":"http://x/1","size":7})");
  EXPECT_EQ(resolved(R"("${steps.lost.status}")", scope), R"("skipped")");
}

TEST(Resolve, KeepsTheTextOfNumbers) {
  const ReferenceScope scope = scope_of_a_run();
  EXPECT_EQ(resolved(R"(["${run.input.big}","${run.input.price}",1e2,0.10])", scope),
            "[123456789012345678901234567890,1.50,1e2,0.10]");
  EXPECT_EQ(resolved(R"("n=${run.input.big}")", scope), R"("n=123456789012345678901234567890")");
}

TEST(Resolve, PutsValuesIntoLongerStringsAsText) {
  const ReferenceScope scope = scope_of_a_run();
  EXPECT_EQ(resolved(R"("A ${run.input.title}, ${run.input.count} times")", scope),
            R"("A Cats & dogs, 3 times")");
  EXPECT_EQ(resolved(R"("<${run.input.list[1]}>")", scope), R"("<{\"name\":\"b\"}>")");
  EXPECT_EQ(resolved(R"("${run.input.quote}!")", scope), R"("say \"hi\"!")");
  EXPECT_EQ(resolved(R"("${run.input.none}${run.input.on}")", scope), R"("nulltrue")");
}

TEST(Resolve, FollowsMembersAndIndexes) {
  const ReferenceScope scope = scope_of_a_run();
  EXPECT_EQ(resolved(R"("${run.input.list[1].name}")", scope), R"("b")");
  EXPECT_EQ(resolved(R"("${steps.clip.output.size}")", scope), "7");
}

TEST(Resolve, KnowsTheItemInsideOfForEachOnly) {
  ReferenceScope scope = scope_of_a_run();
  EXPECT_EQ(refusal(R"({"a":"${item.name}"})", scope).pointer, "/a");
  EXPECT_EQ(refusal(R"("${index}")", scope).reference, "${index}");
  scope.item = R"({"name":"x"})";
  scope.index = 18446744073709551615u;
  EXPECT_EQ(resolved(R"(["${item}","${item.name}","${index}","#${index}"])", scope),
            R"([{"name":"x"},"x",18446744073709551615,"#18446744073709551615"])");
}

TEST(Resolve, TakesAnEscapedReferenceAsText) {
  const ReferenceScope scope = scope_of_a_run();
  EXPECT_EQ(resolved(R"("$${run.id} is ${run.id}")", scope), R"("${run.id} is run_01")");
  EXPECT_EQ(resolved(R"(["$${","$$${x}","$$","$5 ${run.id}"])", scope),
            R"(["${","$${x}","$$","$5 run_01"])");
}

TEST(Resolve, DoesNotLookForReferencesInWhatItPutsIn) {
  ReferenceScope scope = scope_of_a_run();
  scope.run_input = R"({"title":"${run.id}"})";
  EXPECT_EQ(resolved(R"(["${run.input.title}","a ${run.input.title}"])", scope),
            R"(["${run.id}","a ${run.id}"])");
}

TEST(Resolve, LeavesNamesOfMembersAlone) {
  EXPECT_EQ(resolved(R"({"${run.id}":"${run.id}"})", scope_of_a_run()),
            R"({"${run.id}":"run_01"})");
}

TEST(Resolve, GivesTheTextItselfWhereThereIsNoReference) {
  EXPECT_EQ(resolved("{ \"a\" : 1.0 }", scope_of_a_run()), "{ \"a\" : 1.0 }");
}

TEST(Resolve, SaysWhereAReferenceLeadsNowhere) {
  const ReferenceScope scope = scope_of_a_run();
  const ReferenceError error = refusal(R"({"a":{"b/c":[1,"${run.input.nope.x}"]}})", scope);
  EXPECT_EQ(error.pointer, "/a/b~1c/1");
  EXPECT_EQ(error.reference, "${run.input.nope.x}");
  EXPECT_NE(error.message.find("'nope'"), std::string::npos);
  for (const char* reference :
       {"${run.input.list[2]}", "${run.input.title.x}", "${run.input.title[0]}", "${run.input[0]}",
        "${run.input.list.name}", "${run.labels.other}", "${steps.none.output}",
        "${steps.none.status}", "${steps.lost.output}", "${steps.clip.output.none}"}) {
    EXPECT_EQ(refusal("[\"x " + std::string(reference) + "\"]", scope).reference, reference);
    EXPECT_EQ(refusal("[\"" + std::string(reference) + "\"]", scope).pointer, "/0");
  }
}

TEST(Resolve, BoundsWhatARepeatedReferenceComesTo) {
  const std::string large = R"({"x":")" + std::string(1'000'000, 'x') + R"("})";
  ReferenceScope scope = scope_of_a_run();
  scope.run_input = large;
  std::string whole = "[";
  std::string inside = "\"";
  for (int i = 0; i < 10'000; ++i) {
    whole += std::string(i == 0 ? "" : ",") + "\"${run.input}\"";
    inside += "${run.input}";
  }
  EXPECT_EQ(refusal(whole + "]", scope).pointer, "/4");
  EXPECT_NE(refusal(inside + "\"", scope).message.find("4194304"), std::string::npos);
  EXPECT_LE(resolved(R"(["${run.input}","${run.input.x}","a${run.input.x}"])", scope).size(),
            kResolvedBytesMax);
}

TEST(Resolve, BoundsWhatEscapesComeTo) {
  std::string controls;
  for (int i = 0; i < 1'000'000; ++i) controls += "\\u0001";
  const std::string input = R"({"x":")" + controls + R"("})";
  ReferenceScope scope = scope_of_a_run();
  scope.run_input = input;
  EXPECT_NE(refusal(R"("a${run.input.x}")", scope).message, "resolved");
  EXPECT_NE(refusal(R"("${run.input.x}")", scope).message, "resolved");
}

TEST(Resolve, BoundsHowDeepTheValueBecomes) {
  const std::string deep = R"({"x":)" + std::string(60, '[') + std::string(60, ']') + "}";
  ReferenceScope scope = scope_of_a_run();
  scope.run_input = deep;
  EXPECT_EQ(resolved(R"([[[["${run.input.x}"]]]])", scope).size(), 128u);
  EXPECT_EQ(refusal(R"([[[[["${run.input.x}"]]]]])", scope).pointer, "/0/0/0/0/0");
}

TEST(Resolve, StaysQuickWithManyReferencesIntoALargeObject) {
  std::string input = "{";
  std::string text = "[";
  for (int i = 0; i < 60'000; ++i) {
    const std::string name = "k" + std::to_string(i);
    input += std::string(i == 0 ? "" : ",") + "\"" + name + "\":1";
    text += std::string(i == 0 ? "" : ",") + "\"${run.input." + name + "}\"";
  }
  input += "}";
  ReferenceScope scope = scope_of_a_run();
  scope.run_input = input;
  EXPECT_EQ(resolved(text + "]", scope).size(), 120'001u);  // by a search each, 3.6e9 comparisons
}

TEST(Resolve, TakesWhatTheScopeHoldsWithRepeatedMembers) {
  ReferenceScope scope = scope_of_a_run();
  scope.run_input = R"({"a":1,"a":2})";
  EXPECT_EQ(resolved(R"("${run.input.a}")", scope), "2");
}

TEST(Resolve, AsksForEachStepOnce) {
  int asked = 0;
  ReferenceScope scope = scope_of_a_run();
  scope.step = [&](std::string_view) -> std::optional<std::string> {
    ++asked;
    return R"({"status":"succeeded","output":1})";
  };
  EXPECT_EQ(resolved(R"(["${steps.a.output}","${steps.a.status}","${steps.a.output}"])", scope),
            R"([1,"succeeded",1])");
  EXPECT_EQ(asked, 1);
}

TEST(Resolve, RefusesMalformedReferences) {
  for (const char* reference : {"${}",
                                "${ run.id}",
                                "${run}",
                                "${run.}",
                                "${run.idx}",
                                "${run.id.x}",
                                "${run.id",
                                "${",
                                "${run.input.}",
                                "${run.input..a}",
                                "${run.input.a.}",
                                "${run.input[]}",
                                "${run.input[-1]}",
                                "${run.input[01]}",
                                "${run.input[a]}",
                                "${run.input[1}",
                                "${run.input[9999999999]}",
                                "${run.input]}",
                                "${run.input.a b}",
                                "${run.input.${run.id}}",
                                "${run.labels}",
                                "${run.labels.}",
                                "${steps}",
                                "${steps.}",
                                "${steps.a}",
                                "${steps.a.}",
                                "${steps.a.error}",
                                "${steps.a.status.x}",
                                "${steps.a b.output}",
                                "${steps.clip[0]}",
                                "${items}",
                                "${item.}",
                                "${index.x}",
                                "${index[0]}",
                                "${env.HOME}",
                                "${run.inputs}",
                                "${Run.id}"}) {
    const std::string json = "{\"a\":\"" + std::string(reference) + "\"}";
    const auto found = find_references(json);
    ASSERT_TRUE(std::holds_alternative<ReferenceError>(found)) << reference;
    EXPECT_EQ(std::get<ReferenceError>(found).pointer, "/a") << reference;
    EXPECT_EQ(std::get<ReferenceError>(found).message.substr(0, 8), "Expected") << reference;
    EXPECT_EQ(refusal(json, scope_of_a_run()).pointer, "/a") << reference;
  }
}

TEST(FindReferences, NamesStepsAndItems) {
  const auto result = find_references(
      R"({"a":"${steps.clip.output.url} and ${run.id}","b":["${item.x}","${index}"],"c":"$${item}"})");
  const auto& found = std::get<std::vector<FoundReference>>(result);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].pointer, "/a");
  EXPECT_EQ(found[0].step_id, "clip");
  EXPECT_FALSE(found[0].of_item);
  EXPECT_EQ(found[1].step_id, "");
  EXPECT_EQ(found[2].pointer, "/b/0");
  EXPECT_TRUE(found[2].of_item);
  EXPECT_TRUE(found[3].of_item);
}

TEST(FindReferences, RefusesWhatIsNoJson) {
  EXPECT_TRUE(std::holds_alternative<ReferenceError>(find_references("{\"a\": ${run.id}}")));
}

TEST(HasReferences, SeesThroughEscapes) {
  EXPECT_FALSE(has_references(R"({"price":"$5 {x}"})"));
  EXPECT_TRUE(has_references(R"("${run.id}")"));
  EXPECT_TRUE(has_references(R"("\u0024{run.id}")"));
  EXPECT_TRUE(has_references(R"("$\u007brun.id}")"));
  EXPECT_TRUE(has_references(R"("$\u007Brun.id}")"));
  EXPECT_EQ(resolved(R"("\u0024\u007brun.id}")", scope_of_a_run()), R"("run_01")");
}

TEST(HasReferences, SeesAnEscapedReference) {
  EXPECT_TRUE(has_references(R"("$${x}")"));  // it has to lose a $
}

}  // namespace
}  // namespace runledger::core

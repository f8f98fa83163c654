// What the documents and examples show is parsed.
#include <gtest/gtest.h>

#include "core/workflow/spec.h"
#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

std::string without_comments(const std::string& text) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) in_string = !in_string;
    if (!in_string && text.compare(i, 2, "//") == 0) i = text.find('\n', i);
    out += text[i];
  }
  return out;
}

TEST(Document, TheExampleOfTheReadmeIsASpec) {
  const std::string text = read_file("core/workflow/README.md");
  const std::string fence = "```jsonc\n";
  const std::size_t begin = text.find(fence);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = text.find("```", begin + fence.size());
  const WorkflowSpec spec =
      parsed(without_comments(text.substr(begin + fence.size(), end - begin - fence.size())));
  EXPECT_EQ(ids_of(spec), (std::vector<std::string>{"cover", "clips", "case"}));
  EXPECT_EQ(spec.steps[2].needs, std::vector<std::string>{"clips"});
  EXPECT_EQ(parsed(to_json(spec)), spec);
}

TEST(Document, TheTeaserIsASpec) {
  const WorkflowSpec spec = parsed(read_file("examples/workflows/teaser.json"));
  EXPECT_EQ(ids_of(spec), (std::vector<std::string>{"cover", "clip", "case"}));
  EXPECT_EQ(spec.steps[2].approval->roles, std::vector<std::string>{"reviewer"});
  EXPECT_EQ(parsed(to_json(spec)), spec);
}

TEST(Document, TheParallelCoversAreASpecOfImagesAlone) {
  const WorkflowSpec spec = parsed(read_file("examples/workflows/parallel_covers.json"));
  EXPECT_EQ(ids_of(spec), (std::vector<std::string>{"covers", "backdrop", "poster"}));
  for (const StepSpec& step : spec.steps) EXPECT_EQ(step.task_type, "image");
  EXPECT_TRUE(spec.steps[0].for_each.has_value());
  EXPECT_EQ(parsed(to_json(spec)), spec);
}

}  // namespace
}  // namespace runledger::core

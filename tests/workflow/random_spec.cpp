#include "tests/workflow/random_spec.h"

#include <algorithm>
#include <vector>

namespace runledger::core::testing {
namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

bool coin(Random& random) {
  return below(random, 2) == 0;
}

template <class List>
auto one_of(Random& random, const List& list) {
  return list[below(random, std::size(list))];
}

std::string id_of(std::size_t step) {
  return "s" + std::to_string(step);
}

// A reference that is good in a step that needs those.
std::string reference(Random& random, const std::vector<std::size_t>& needs, bool item) {
  std::vector<std::string> all{"${run.id}", "${run.input.a[2].b}", "${run.labels.x.y}"};
  for (const std::size_t need : needs) {
    all.push_back("${steps." + id_of(need) + ".output.url}");
    all.push_back("${steps." + id_of(need) + ".status}");
  }
  if (item) all.insert(all.end(), {"${item.name}", "${index}", "${item}"});
  return one_of(random, all);
}

std::string value(Random& random, const std::vector<std::size_t>& needs, bool item, int depth) {
  switch (below(random, depth > 0 ? 7 : 5)) {
    case 0:
      return "\"" + reference(random, needs, item) + "\"";
    case 1:
      return "\"a " + reference(random, needs, item) + " $${b}\"";
    case 2:
      return one_of(random, std::vector<std::string>{"1", "-2.50", "1e3", "98765432109876543210"});
    case 3:
      return one_of(random, std::vector<std::string>{"true", "false", "null", "[]", "{}"});
    case 4:
      return R"("猫 \"\\ \n")";
    case 5:
      return "[" + value(random, needs, item, depth - 1) + "," +
             value(random, needs, item, depth - 1) + "]";
    default:
      return R"({"k":)" + value(random, needs, item, depth - 1) + R"(,"l/~":)" +
             value(random, needs, item, depth - 1) + "}";
  }
}

std::string condition(Random& random, const std::vector<std::size_t>& needs, int depth) {
  const std::string quoted = "\"" + reference(random, needs, false) + "\"";
  switch (below(random, depth > 0 ? 7 : 4)) {
    case 0:
      return quoted;
    case 1:
      return R"({"eq":[)" + quoted + "," + value(random, needs, false, 1) + "]}";
    case 2:
      return R"({"lt":[)" + quoted + ",7]}";
    case 3:
      return R"({"exists":)" + quoted + "}";
    case 4:
      return R"({"not":)" + condition(random, needs, depth - 1) + "}";
    case 5:
      return R"({"in":[)" + quoted + ",[1,2]]}";
    default:
      return R"({"and":[)" + condition(random, needs, depth - 1) + "," +
             condition(random, needs, depth - 1) + "]}";
  }
}

std::string policies(Random& random, bool is_task) {
  std::string text;
  if (coin(random)) text += R"(,"approval":{"roles":["reviewer","admin"],"timeout_ms":1000})";
  if (coin(random)) text += R"(,"timeout_ms":5)";
  if (is_task && coin(random)) text += R"(,"review":{"on_reject":"end","rounds_max":3})";
  if (is_task && coin(random)) {
    text += R"(,"retry":{"max_attempts":4,"factor":1.25,"not_retryable":["x"]})";
  }
  if (is_task && coin(random)) text += R"(,"queue_timeout_ms":6)";
  if (coin(random)) text += R"(,"on_error":"continue")";
  return text;
}

std::string step(Random& random, std::size_t position) {
  std::vector<std::size_t> needs;
  for (std::size_t i = 0; i < position; ++i) {
    if (below(random, 3) == 0) needs.push_back(i);
  }
  std::string list;
  for (const std::size_t need : needs) {
    list += std::string(list.empty() ? "" : ",") + "\"" + id_of(need) + "\"";
  }
  std::string text = R"({"id":")" + id_of(position) + R"(",)";
  const bool is_task = coin(random);
  text += is_task ? R"("task":"image")" : R"("workflow":"w")";
  text += R"(,"needs":[)" + list + "]";
  const bool item = coin(random);
  if (item)
    text += R"(,"for_each":{"items":[1,)" + value(random, needs, false, 2) + R"(],"parallel":2})";
  if (coin(random)) text += R"(,"when":)" + condition(random, needs, 2);
  if (coin(random)) text += R"(,"input":{"x":)" + value(random, needs, item, 3) + "}";
  return text + policies(random, is_task) + "}";
}

}  // namespace

std::string random_spec(Random& random) {
  std::vector<std::string> steps;
  const std::size_t count = 1 + below(random, 8);
  for (std::size_t i = 0; i < count; ++i) steps.push_back(step(random, i));
  std::shuffle(steps.begin(), steps.end(), random);
  std::string text = R"({"steps":[)";
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + steps[i];
  text += "]";
  if (coin(random)) text += R"(,"output":)" + value(random, {0}, false, 2);
  if (coin(random)) text += R"(,"timeout_ms":99,"input_schema":{"type":"object"})";
  return text + "}";
}

std::string mutated(std::string text, Random& random) {
  static const std::vector<std::string> kPieces{
      "\"",   "{",   "}",        "[",         "]",       ",",       ":",          "null", "1",
      "${",   "}",   "$",        "${item}",   "\"id\":", "\"s0\"",  "\"needs\":", "-",    "\\",
      "\xff", "\\u", "\"x\":1,", "{\"eq\":[", "true",    "9999999", "[[[[",       "s1",   "1e999"};
  for (std::size_t edits = 1 + below(random, 4); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = below(random, text.size());
    const std::size_t length = std::min(text.size() - at, 1 + below(random, 12));
    switch (below(random, 4)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, one_of(random, kPieces));
        break;
      case 2:
        text.replace(at, length, one_of(random, kPieces));
        break;
      default:
        text.insert(below(random, text.size()), text.substr(at, length));
        break;
    }
  }
  return text;
}

}  // namespace runledger::core::testing

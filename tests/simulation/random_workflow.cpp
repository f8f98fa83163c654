#include "tests/simulation/random_workflow.h"

#include <vector>

namespace runledger::simulation {
namespace {

constexpr std::array<const char*, 5> kDurationsMs{"1", "50", "2000", "60000", "3600000"};

std::string member(const std::string& name, const std::string& value) {
  return ",\"" + name + "\":" + value;
}

std::string list(Dice& dice, std::size_t items_max) {
  std::string text;
  for (std::size_t i = dice.below(items_max + 1); i > 0; --i) {
    text += std::to_string(i) + (i > 1 ? "," : "");
  }
  return "[" + text + "]";
}

std::string reference(Dice& dice, const std::vector<std::string>& needs, bool item) {
  if (item && dice.one_in(2)) return dice.one_in(2) ? "${item}" : "${index}";
  if (!needs.empty() && dice.one_in(2)) {
    return "${steps." + dice.pick(needs) + (dice.one_in(2) ? ".status}" : ".output}");
  }
  return dice.one_in(12) ? "${run.input.missing}" : "${run.input.n}";
}

std::string for_each(Dice& dice, const std::vector<std::string>& needs) {
  std::string items = list(dice, 3);
  if (dice.one_in(2)) items = "\"${run.input.list}\"";
  if (!needs.empty() && dice.one_in(3)) items = "\"${steps." + dice.pick(needs) + ".output.list}\"";
  return R"({"items":)" + items + R"(,"parallel":)" + std::to_string(dice.below(3)) + "}";
}

std::string condition(Dice& dice, const std::vector<std::string>& needs) {
  if (!needs.empty() && dice.one_in(2)) {
    return R"({"eq":["${steps.)" + dice.pick(needs) + R"(.status}","succeeded"]})";
  }
  return R"({"eq":["${run.input.n}",)" + std::to_string(dice.below(2)) + "]}";
}

std::string retry(Dice& dice) {
  std::string text = R"({"max_attempts":)" + std::to_string(1 + dice.below(4));
  text += member("initial_ms", dice.one_in(3) ? "0" : dice.pick(kDurationsMs));
  if (dice.one_in(2)) text += member("max_ms", dice.pick(kDurationsMs));
  if (dice.one_in(4)) text += member("total_ms", dice.pick(kDurationsMs));
  if (dice.one_in(3)) text += member("not_retryable", R"(["bad_weather"])");
  return text + "}";
}

std::string policies(Dice& dice, bool is_task) {
  std::string text;
  if (dice.one_in(5)) {
    text += R"(,"approval":{"roles":["reviewer")";
    text += dice.one_in(2) ? R"(,"operator"])" : "]";
    if (dice.one_in(2)) text += member("timeout_ms", dice.pick(kDurationsMs));
    text += "}";
  }
  if (is_task && dice.one_in(3)) {
    text += R"(,"review":{"on_reject":)";
    text += dice.one_in(2) ? R"("end")" : R"("regenerate")";
    text += member("rounds_max", std::to_string(1 + dice.below(3)));
    if (dice.one_in(2)) text += member("timeout_ms", dice.pick(kDurationsMs));
    text += "}";
  }
  if (is_task && dice.one_in(2)) text += member("retry", retry(dice));
  if (dice.one_in(6)) text += member("timeout_ms", dice.pick(kDurationsMs));
  for (const char* name : {"attempt_timeout_ms", "queue_timeout_ms", "heartbeat_timeout_ms"}) {
    if (is_task && dice.one_in(6)) text += member(name, dice.pick(kDurationsMs));
  }
  constexpr std::array<const char*, 3> kOnError{R"("pause")", R"("fail")", R"("continue")"};
  return text + member("on_error", dice.pick(kOnError));
}

// A sub-workflow, mostly a lower one; empty: the step is a task.
std::string random_child(Dice& dice, std::size_t workflows_below) {
  if (workflows_below == 0 || !dice.one_in(4)) return {};
  return "w" + std::to_string(dice.below(dice.one_in(20) ? kWorkflows : workflows_below));
}

std::string step(Dice& dice, std::size_t number, const std::string& child, bool many_allowed) {
  std::string text = R"({"id":"s)" + std::to_string(number) + "\"";
  text += child.empty() ? member("task", "\"" + std::string(dice.pick(kTaskTypes)) + "\"")
                        : member("workflow", "\"" + child + "\"");
  std::vector<std::string> needs;
  if (dice.one_in(2)) {
    std::string names;
    for (std::size_t i = 0; i < number; ++i) {
      if (!dice.one_in(2)) continue;
      needs.push_back("s" + std::to_string(i));
      names += (names.empty() ? "\"" : ",\"") + needs.back() + "\"";
    }
    text += member("needs", "[" + names + "]");
  } else if (number > 0) {
    needs.push_back("s" + std::to_string(number - 1));
  }
  const bool many = many_allowed && dice.one_in(4);
  if (many) text += member("for_each", for_each(dice, needs));
  if (dice.one_in(4)) text += member("when", condition(dice, needs));
  const std::string input = dice.one_in(2) ? "1" : "\"" + reference(dice, needs, many) + "\"";
  text += R"(,"input":{"n":)" + input + R"(,"list":)" + list(dice, 2) + "}";
  return text + policies(dice, child.empty()) + "}";
}

}  // namespace

std::string random_spec(Dice& dice, std::size_t workflows_below) {
  std::string text = R"({"steps":[)";
  const std::size_t count = 1 + dice.below(4);
  bool has_child = false;  // at most one, so that what starts what stays of a size
  for (std::size_t i = 0; i < count; ++i) {
    const std::string child = has_child ? "" : random_child(dice, workflows_below);
    has_child = has_child || !child.empty();
    const bool lower = child < "w" + std::to_string(workflows_below);
    text += (i == 0 ? "" : ",") + step(dice, i, child, lower);
  }
  text += "]";
  if (dice.one_in(4)) text += member("output", R"({"x":"${steps.s0.status}"})");
  if (dice.one_in(4)) {
    text += member("input_schema", R"({"required":["n"],"properties":{"n":{"type":"integer"}}})");
  }
  if (dice.one_in(5)) text += member("timeout_ms", dice.pick(kDurationsMs));
  return text + "}";
}

std::string random_input(Dice& dice) {
  return R"({"n":)" + std::to_string(dice.below(2)) + R"(,"list":)" + list(dice, 4) + "}";
}

std::string random_output(Dice& dice) {
  if (dice.one_in(6)) return "{}";
  constexpr std::size_t kLong = 1500;  // a row of its own
  const std::string text = dice.one_in(8) ? std::string(kLong, dice.one_in(2) ? 'a' : 'b') : "";
  return R"({"n":1,"text":")" + text + R"(","list":)" + list(dice, 3) + "}";
}

}  // namespace runledger::simulation

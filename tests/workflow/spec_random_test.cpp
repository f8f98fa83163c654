#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/workflow/condition.h"
#include "tests/workflow/random_spec.h"
#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;
using nlohmann::json;

// The pointer leads to a value, or to where one is missing.
bool leads_somewhere(const json& document, const std::string& pointer) {
  try {
    const json::json_pointer place(pointer);
    return document.contains(place) || document.contains(place.parent_pointer());
  } catch (const json::exception&) {
    return false;
  }
}

TEST(SpecRandom, RightOnesAreTakenInOrderAndWrittenAgain) {
  const std::uint64_t seed = seed_or(1);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_spec(random);
    const auto errors = errors_of(text);
    ASSERT_EQ(text_of(errors), "") << text << "\nRUNLEDGER_SEED=" << seed;
    const WorkflowSpec spec = parsed(text);
    ASSERT_EQ(parsed(to_json(spec)), spec) << text << "\nRUNLEDGER_SEED=" << seed;
    std::set<std::string> before;
    for (const StepSpec& step : spec.steps) {
      for (const std::string& need : step.needs) ASSERT_TRUE(before.contains(need)) << text;
      before.insert(step.id);
    }
  }
}

TEST(SpecRandom, MutatedOnesAreTakenOrRefusedWithAPlace) {
  const std::uint64_t seed = seed_or(2);
  std::mt19937_64 random(seed);
  int taken = 0;
  int placed = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = mutated(random_spec(random), random);
    const auto result = parse_spec(text);
    if (const auto* spec = std::get_if<WorkflowSpec>(&result)) {
      ++taken;
      ASSERT_EQ(parsed(to_json(*spec)), *spec) << text << "\nRUNLEDGER_SEED=" << seed;
      continue;
    }
    const json document = json::parse(text, nullptr, false);
    const auto& errors = std::get<std::vector<SpecError>>(result);
    ASSERT_FALSE(errors.empty());
    ASSERT_LE(errors.size(), kSpecErrorsMax);
    for (const SpecError& error : errors) {
      ASSERT_EQ(error.message.substr(0, 9), "Expected ") << text;
      if (document.is_discarded()) continue;  // an error at its pointer came first
      ASSERT_TRUE(leads_somewhere(document, error.pointer))
          << error.pointer << ": " << error.message << "\n"
          << text << "\nRUNLEDGER_SEED=" << seed;
      placed += error.pointer.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(taken, 100);
  EXPECT_GT(placed, 1000);
}

TEST(SpecRandom, ReferencesAndConditionsOfMutatedOnesDoNotCrash) {
  const std::uint64_t seed = seed_or(3);
  std::mt19937_64 random(seed);
  const ReferenceScope scope = scope_of_a_run();
  int resolved_ones = 0;
  for (int round = 0; round < 10'000; ++round) {
    const std::string text = mutated(random_spec(random), random);
    const auto result = resolve(text, scope);
    if (std::holds_alternative<JsonText>(result) && has_references(text)) {
      ++resolved_ones;
      ASSERT_TRUE(json::accept(std::get<JsonText>(result).text)) << text;
    }
    static_cast<void>(find_references(text));
    static_cast<void>(holds(text, scope));
    const auto parsed_spec = parse_spec(text);
    if (const auto* spec = std::get_if<WorkflowSpec>(&parsed_spec)) {
      for (const StepSpec& step : spec->steps) {
        if (!step.when) continue;
        ASSERT_FALSE(check_condition(step.when->text).has_value()) << step.when->text;
        static_cast<void>(holds(step.when->text, scope));
      }
    }
  }
  EXPECT_GT(resolved_ones, 10);
}

}  // namespace
}  // namespace runledger::core

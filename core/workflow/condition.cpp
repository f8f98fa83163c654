#include "core/workflow/condition.h"

#include <algorithm>

#include "core/workflow/condition_form.h"
#include "core/workflow/resolver.h"

namespace runledger::core {
namespace {

using Outcome = std::variant<bool, ReferenceError>;

constexpr std::size_t kNodeBytes = 32;  // that comparing one is like going over

std::size_t weight_of(const JsonNode& node) {
  std::size_t bytes = kNodeBytes + node.text.size();
  if (!node.children) return bytes;
  for (const JsonNode& value : node.values()) bytes += weight_of(value);
  return bytes;
}

// A condition whose form has been checked, against values.
class Evaluation {
 public:
  explicit Evaluation(ReferenceValues& values) : values_(values) {}

  Outcome run(const JsonNode& condition) {
    const bool result = holds_here(condition);
    if (failed_) return std::move(error_);
    return result;
  }

 private:
  bool fail(std::string message) {
    failed_ = true;
    error_ = {path_.pointer(), "", std::move(message)};
    return false;
  }

  bool holds_here(const JsonNode& condition) {
    if (condition.is_string()) return is_truthy(look_up(condition).node);
    path_.enter(condition.names().front());
    const bool result =
        apply(*operator_from_text(condition.names().front()), condition.values().front());
    if (!failed_) path_.leave();
    return result;
  }

  FoundValue look_up(const JsonNode& reference) {
    return values_.look_up(*whole_reference(reference.text));
  }

  static bool is_truthy(const JsonNode* value) {
    if (value == nullptr) return false;
    switch (value->kind) {
      case JsonNode::Kind::kNull:
      case JsonNode::Kind::kFalse:
        return false;
      case JsonNode::Kind::kTrue:
        return true;
      case JsonNode::Kind::kNumber:
        return compare_json_numbers(value->text, "0") != 0;
      case JsonNode::Kind::kString:
        return !value->text.empty();
      case JsonNode::Kind::kArray:
      case JsonNode::Kind::kObject:
        return !value->values().empty();
    }
    return false;
  }

  bool apply(Operator op, const JsonNode& argument) {
    switch (op) {
      case Operator::kExists:
        return look_up(argument).node != nullptr;
      case Operator::kNot:
        return !holds_here(argument) && !failed_;
      case Operator::kAnd:
        return !any(argument, false) && !failed_;
      case Operator::kOr:
        return any(argument, true) && !failed_;
      default:
        break;
    }
    JsonNode left_space;
    JsonNode right_space;
    const JsonNode* left = operand(argument, 0, left_space);
    const JsonNode* right = left == nullptr ? nullptr : operand(argument, 1, right_space);
    if (right == nullptr) return false;
    values_.work().add(weight_of(*left) + weight_of(*right));
    if (values_.work().is_spent()) {
      return fail("Expected values that can be compared without going over more than " +
                  std::to_string(kReferenceWorkBytesMax) + " bytes");
    }
    if (op == Operator::kEqual) return json_equal(*left, *right);
    if (op == Operator::kNotEqual) return !json_equal(*left, *right);
    return op == Operator::kIn ? is_in(*left, *right) : is_ordered(op, *left, *right);
  }

  // Whether one of them gives the wanted result; stops there, or at an error.
  bool any(const JsonNode& conditions, bool wanted) {
    for (std::size_t i = 0; i < conditions.values().size() && !failed_; ++i) {
      path_.enter(i);
      const bool result = holds_here(conditions.values()[i]);
      if (failed_) return false;
      path_.leave();
      if (result == wanted) return true;
    }
    return false;
  }

  // The operand with its references resolved; it is put into the space if it has to be made.
  const JsonNode* operand(const JsonNode& operands, std::size_t index, JsonNode& space) {
    const JsonNode& given = operands.values()[index];
    if (given.is_number()) return &given;
    if (const auto whole = given.is_string() ? whole_reference(given.text) : std::nullopt) {
      const FoundValue found = values_.look_up(*whole);
      if (found.node != nullptr) return found.node;
    }
    auto resolved = resolve_node(given, values_, pointer_to(path_.pointer(), index));
    if (auto* error = std::get_if<ReferenceError>(&resolved)) {
      failed_ = true;
      error_ = std::move(*error);
      return nullptr;
    }
    auto tree = parse_json_tree(std::get<JsonText>(resolved).text, Duplicates::kTakeLast);
    if (auto* problem = std::get_if<JsonProblem>(&tree)) {
      fail(problem->message);
      return nullptr;
    }
    space = std::get<JsonNode>(std::move(tree));
    return &space;
  }

  bool is_in(const JsonNode& value, const JsonNode& list) {
    if (!list.is_array()) {
      return fail("Expected the second operand to be an array, but got " +
                  std::string(list.kind_name()));
    }
    return std::any_of(list.values().begin(), list.values().end(),
                       [&](const JsonNode& one) { return json_equal(value, one); });
  }

  bool is_ordered(Operator op, const JsonNode& a, const JsonNode& b) {
    int order = 0;
    if (a.is_number() && b.is_number()) {
      order = compare_json_numbers(a.text, b.text);
    } else if (a.is_string() && b.is_string()) {
      order = a.text.compare(b.text);
    } else {
      return fail("Expected two numbers or two strings to compare, but got " +
                  std::string(a.kind_name()) + " and " + std::string(b.kind_name()));
    }
    switch (op) {
      case Operator::kLess:
        return order < 0;
      case Operator::kLessOrEqual:
        return order <= 0;
      case Operator::kGreater:
        return order > 0;
      default:
        return order >= 0;
    }
  }

  ReferenceValues& values_;
  JsonPath path_;
  bool failed_ = false;
  ReferenceError error_;
};

}  // namespace

Outcome holds(std::string_view condition_json, const ReferenceScope& scope) {
  ReferenceWork work;
  ReferenceValues values(scope, work);
  return holds(condition_json, values);
}

Outcome holds(std::string_view condition_json, ReferenceValues& values) {
  values.work().add(condition_json.size());
  const auto parsed = parse_json_tree(condition_json, Duplicates::kRefuse);
  if (const auto* problem = std::get_if<JsonProblem>(&parsed)) {
    return ReferenceError{problem->pointer, "", problem->message};
  }
  const JsonNode& condition = std::get<JsonNode>(parsed);
  auto problems = condition_problems(condition, "");
  if (!problems.empty()) return std::move(problems.front());
  return Evaluation(values).run(condition);
}

std::optional<ReferenceError> check_condition(std::string_view condition_json) {
  const auto parsed = parse_json_tree(condition_json, Duplicates::kRefuse);
  if (const auto* problem = std::get_if<JsonProblem>(&parsed)) {
    return ReferenceError{problem->pointer, "", problem->message};
  }
  auto problems = condition_problems(std::get<JsonNode>(parsed), "");
  if (problems.empty()) return std::nullopt;
  return std::move(problems.front());
}

}  // namespace runledger::core

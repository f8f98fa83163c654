#include "core/workflow/condition_form.h"

#include <array>
#include <utility>

#include "core/workflow/condition.h"
#include "core/workflow/reference_search.h"

namespace runledger::core {
namespace {

constexpr std::array<std::pair<std::string_view, Operator>, 11> kOperators{
    {{"eq", Operator::kEqual},
     {"ne", Operator::kNotEqual},
     {"lt", Operator::kLess},
     {"le", Operator::kLessOrEqual},
     {"gt", Operator::kGreater},
     {"ge", Operator::kGreaterOrEqual},
     {"in", Operator::kIn},
     {"exists", Operator::kExists},
     {"not", Operator::kNot},
     {"and", Operator::kAnd},
     {"or", Operator::kOr}}};

class FormCheck {
 public:
  explicit FormCheck(std::string_view base) : path_(std::string(base)) {}

  std::vector<ReferenceError> run(const JsonNode& condition) {
    check(condition, 1);
    return std::move(problems_);
  }

 private:
  void complain(std::string message) {
    problems_.push_back({path_.pointer(), "", std::move(message)});
  }

  void check(const JsonNode& condition, std::size_t depth) {
    if (depth > kConditionDepthMax) {
      return complain("Expected conditions nested at most " + std::to_string(kConditionDepthMax) +
                      " deep");
    }
    if (++terms_ > kConditionTermsMax) {
      if (terms_ == kConditionTermsMax + 1) {
        complain("Expected at most " + std::to_string(kConditionTermsMax) + " conditions in one");
      }
      return;
    }
    if (condition.is_string()) return check_reference(condition);
    if (!condition.is_object() || condition.values().size() != 1) {
      return complain(
          "Expected a string that is one whole reference, or an object with one member that is the "
          "operator");
    }
    const std::string& name = condition.names().front();
    const auto found = operator_from_text(name);
    path_.enter(name);
    if (found) {
      check_operator(*found, name, condition.values().front(), depth);
    } else {
      complain("Expected one of eq ne lt le gt ge in exists not and or, but got '" +
               shortened(name) + "'");
    }
    path_.leave();
  }

  void check_operator(Operator op, const std::string& name, const JsonNode& argument,
                      std::size_t depth) {
    switch (op) {
      case Operator::kExists:
        return check_reference(argument);
      case Operator::kNot:
        return check(argument, depth + 1);
      case Operator::kAnd:
      case Operator::kOr:
        return check_all(name, argument, depth);
      default:
        return check_operands(op, name, argument);
    }
  }

  void check_all(const std::string& name, const JsonNode& list, std::size_t depth) {
    if (!list.is_array() || list.values().empty()) {
      return complain("Expected an array of at least one condition after '" + name + "'");
    }
    for (std::size_t i = 0; i < list.values().size(); ++i) {
      path_.enter(i);
      check(list.values()[i], depth + 1);
      path_.leave();
    }
  }

  void check_operands(Operator op, const std::string& name, const JsonNode& operands) {
    if (!operands.is_array() || operands.values().size() != 2) {
      return complain("Expected an array of two operands after '" + name + "'");
    }
    ReferenceSearch search;
    search_references(operands, path_.pointer(), search);
    for (ReferenceError& error : search.errors) problems_.push_back(std::move(error));
    if (!search.errors.empty() || op == Operator::kEqual || op == Operator::kNotEqual) return;
    if (op == Operator::kIn) return check_list(operands.values()[1]);
    check_order(operands.values()[0], operands.values()[1]);
  }

  void check_list(const JsonNode& list) {
    if (list.is_array() || (list.is_string() && whole_reference(list.text))) return;
    path_.enter(1);
    complain("Expected an array, or a string that is one whole reference to an array");
    path_.leave();
  }

  // What can be told before the references have values.
  void check_order(const JsonNode& a, const JsonNode& b) {
    const auto open = [](const JsonNode& node) {
      return node.is_string() && whole_reference(node.text).has_value();
    };
    const auto ordered = [](const JsonNode& node) {
      return node.is_number() || node.is_string();
    };
    const bool fits = ordered(a) && ordered(b) && (open(a) || open(b) || a.kind == b.kind);
    if (!fits) complain("Expected two numbers or two strings to compare");
  }

  void check_reference(const JsonNode& node) {
    if (!node.is_string()) {
      return complain("Expected a string that is one whole reference, but got " +
                      std::string(node.kind_name()));
    }
    const auto split = split_references(node.text);
    if (const auto* malformed = std::get_if<MalformedReference>(&split)) {
      problems_.push_back({path_.pointer(), malformed->reference, malformed->message});
    } else if (!whole_reference(node.text)) {
      complain("Expected a string that is one whole reference, such as ${run.input.title}");
    }
  }

  JsonPath path_;
  std::size_t terms_ = 0;
  std::vector<ReferenceError> problems_;
};

}  // namespace

std::optional<Operator> operator_from_text(std::string_view name) {
  for (const auto& [text, value] : kOperators) {
    if (text == name) return value;
  }
  return std::nullopt;
}

std::vector<ReferenceError> condition_problems(const JsonNode& condition, std::string_view base) {
  return FormCheck(base).run(condition);
}

}  // namespace runledger::core

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/workflow/json_node.h"

namespace runledger::core {
namespace {

using Kind = JsonNode::Kind;

std::optional<std::string> repeated_name(const JsonNode& object) {
  std::vector<std::string_view> names(object.names().begin(), object.names().end());
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return std::nullopt;
  return std::string(*twice);
}

// Takes the parser's events. They come without recursion, and the first problem ends them, so the
// depth is bounded before anything that recurses sees the tree. Pointers to open nodes stay good:
// only the innermost one gets children.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(Duplicates duplicates, std::size_t depth_max)
      : duplicates_(duplicates), depth_max_(depth_max) {}

  bool null() override { return add({}); }
  bool boolean(bool value) override {
    return add({value ? Kind::kTrue : Kind::kFalse, "", nullptr});
  }
  bool number_integer(number_integer_t value) override { return number(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(std::to_string(value)); }
  // Fractions, and integers beyond 64 bits: as they were written.
  bool number_float(number_float_t, const string_t& text) override { return number(text); }
  bool string(string_t& value) override { return add({Kind::kString, std::move(value), nullptr}); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Kind::kObject); }
  bool start_array(std::size_t) override { return open(Kind::kArray); }
  bool key(string_t& name) override {
    open_.back()->children->names.push_back(std::move(name));
    return true;
  }
  bool end_object() override {
    if (duplicates_ == Duplicates::kRefuse) {
      if (const auto name = repeated_name(*open_.back())) {
        problem_ = {pointer_to(pointer_of_open(), *name),
                    "Expected each member once, but '" + shortened(*name) + "' is there twice"};
        return false;
      }
    }
    open_.pop_back();
    return true;
  }
  bool end_array() override {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&,
                   const nlohmann::json::exception& error) override {
    const bool range = error.id == 406;
    problem_ = {"", range ? "Expected numbers within the range of a double, but the one at byte " +
                                std::to_string(byte) + " is not"
                          : "Expected JSON in UTF-8, but there is an error at byte " +
                                std::to_string(byte)};
    return false;
  }

  JsonNode take_root() { return std::move(root_); }
  JsonProblem take_problem() { return std::move(problem_); }

 private:
  bool number(std::string text) { return add({Kind::kNumber, std::move(text), nullptr}); }

  bool add(JsonNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back()->children->values.push_back(std::move(node));
    }
    return true;
  }

  bool open(Kind kind) {
    if (open_.size() >= depth_max_) {
      problem_ = {pointer_of_open(), "Expected JSON that is nested at most " +
                                         std::to_string(depth_max_) +
                                         " deep, but this goes deeper"};
      return false;
    }
    add({kind, "", std::make_unique<JsonNode::Children>()});
    open_.push_back(open_.empty() ? &root_ : &open_.back()->children->values.back());
    return true;
  }

  std::string pointer_of_open() const {
    JsonPath path;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      const JsonNode& parent = *open_[i];
      if (parent.is_object()) {
        path.enter(parent.names().back());
      } else {
        path.enter(parent.values().size() - 1);
      }
    }
    return path.pointer();
  }

  const Duplicates duplicates_;
  const std::size_t depth_max_;
  JsonNode root_;
  std::vector<JsonNode*> open_;
  JsonProblem problem_;
};

}  // namespace

std::variant<JsonNode, JsonProblem> parse_json_tree(std::string_view text, Duplicates duplicates,
                                                    std::size_t depth_max) {
  TreeBuilder builder(duplicates, depth_max);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return builder.take_problem();
  }
  return builder.take_root();
}

}  // namespace runledger::core

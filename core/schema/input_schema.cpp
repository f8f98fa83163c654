#include "core/schema/input_schema.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "core/schema/schema_cycles.h"
#include "core/schema/schema_keywords.h"

namespace runledger::core {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

// The checker's path elements: "<root>", "[name]", "[3]".
std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (const std::string& element : context) {
    if (element.size() < 2 || element.front() != '[') continue;
    pointer += '/';
    for (const char c : element.substr(1, element.size() - 2)) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
  }
  return pointer;
}

// A parent only repeats that a member did not fit.
bool is_echo(const std::string& description) {
  return description.starts_with("Failed to validate against schema associated with") ||
         description.starts_with("Failed to validate item #");
}

}  // namespace

struct InputSchema::Impl {
  valijson::Schema schema;
};

InputSchema::InputSchema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InputSchema::~InputSchema() = default;

std::variant<std::shared_ptr<const InputSchema>, SchemaError> InputSchema::compile(
    std::string_view schema_json) {
  const json document = json::parse(schema_json, nullptr, false);
  if (document.is_discarded()) return SchemaError{"the schema is not JSON"};
  if (const auto unsupported = find_unsupported(schema_json)) return SchemaError{*unsupported};
  if (const auto bad = find_bad_reference(schema_json)) return SchemaError{*bad};
  auto impl = std::make_unique<Impl>();
  try {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(Adapter(document), impl->schema);
  } catch (const std::exception& refused) {
    return SchemaError{std::string("the schema cannot be used: ") + refused.what()};
  }
  return std::shared_ptr<const InputSchema>(new InputSchema(std::move(impl)));
}

std::vector<SchemaViolation> InputSchema::check(std::string_view input_json) const {
  const json input = json::parse(input_json, nullptr, false);
  if (input.is_discarded()) return {{"", "The input is not JSON"}};
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(impl_->schema, Adapter(input), &results)) return {};
  std::vector<SchemaViolation> violations;
  for (const auto& error : results) {
    if (is_echo(error.description)) continue;
    violations.push_back({pointer_of(error.context), error.description});
    if (violations.size() == kSchemaViolationsMax) break;
  }
  if (violations.empty()) violations.push_back({"", "The input does not fit the schema"});
  return violations;
}

}  // namespace runledger::core

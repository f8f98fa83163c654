#include "core/schema/schema_faults.h"

namespace runledger::core {

std::optional<std::string> faults_text(const std::vector<SchemaViolation>& violations) {
  if (violations.empty()) return std::nullopt;
  std::string text;
  for (const SchemaViolation& violation : violations) {
    text.append(text.empty() ? "The input at '" : "; at '");
    text.append(violation.pointer).append("': ").append(violation.message);
  }
  return text;
}

std::optional<std::string> SchemaFaults::operator()(const JsonText& schema, const JsonText& input) {
  auto known = compiled_.find(schema.text);
  if (known == compiled_.end()) {
    auto compiled = InputSchema::compile(schema.text);
    auto* usable = std::get_if<std::shared_ptr<const InputSchema>>(&compiled);
    known = compiled_.emplace(schema.text, usable == nullptr ? nullptr : std::move(*usable)).first;
  }
  if (known->second == nullptr) return "The workflow's input_schema cannot be used";
  return faults_text(known->second->check(input.text));
}

}  // namespace runledger::core

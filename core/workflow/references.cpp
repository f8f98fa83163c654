#include "core/workflow/references.h"

#include "core/workflow/json_node.h"
#include "core/workflow/reference_search.h"
#include "core/workflow/resolver.h"

namespace runledger::core {
namespace {

ReferenceError unreadable(const JsonProblem& problem) {
  return {problem.pointer, "", problem.message};
}

}  // namespace

// "${" may hide behind escapes, too.
bool has_references(std::string_view json) {
  if (json.find("${") != std::string_view::npos) return true;
  if (json.find('\\') == std::string_view::npos) return false;
  for (const char* escape : {"\\u0024", "\\u007b", "\\u007B"}) {
    if (json.find(escape) != std::string_view::npos) return true;
  }
  return false;
}

std::variant<JsonText, ReferenceError> resolve(std::string_view template_json,
                                               const ReferenceScope& scope) {
  ReferenceWork work;
  ReferenceValues values(scope, work);
  return resolve(template_json, values);
}

std::variant<JsonText, ReferenceError> resolve(std::string_view template_json,
                                               ReferenceValues& values) {
  if (!has_references(template_json)) return JsonText{std::string(template_json)};
  values.work().add(template_json.size());
  const auto parsed = parse_json_tree(template_json, Duplicates::kTakeLast);
  if (const auto* problem = std::get_if<JsonProblem>(&parsed)) return unreadable(*problem);
  return resolve_node(std::get<JsonNode>(parsed), values);
}

std::variant<std::vector<FoundReference>, ReferenceError> find_references(
    std::string_view template_json) {
  std::vector<FoundReference> found;
  if (!has_references(template_json)) return found;
  const auto parsed = parse_json_tree(template_json, Duplicates::kTakeLast);
  if (const auto* problem = std::get_if<JsonProblem>(&parsed)) return unreadable(*problem);
  ReferenceSearch search;
  search_references(std::get<JsonNode>(parsed), "", search);
  if (!search.errors.empty()) return search.errors.front();
  for (PlacedReference& at : search.found) {
    found.push_back({std::move(at.pointer),
                     at.reference.is_of_step() ? std::move(at.reference.name) : std::string(),
                     at.reference.is_of_item()});
  }
  return found;
}

}  // namespace runledger::core

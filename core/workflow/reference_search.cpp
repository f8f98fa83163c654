#include "core/workflow/reference_search.h"

namespace runledger::core {
namespace {

void search_text(const std::string& text, const JsonPath& path, ReferenceSearch& search) {
  if (text.find("${") == std::string::npos) return;
  auto split = split_references(text);
  if (auto* malformed = std::get_if<MalformedReference>(&split)) {
    search.errors.push_back({path.pointer(), malformed->reference, malformed->message});
    return;
  }
  for (TextPiece& piece : std::get<std::vector<TextPiece>>(split)) {
    if (auto* reference = std::get_if<Reference>(&piece)) {
      search.found.push_back({path.pointer(), std::move(*reference)});
    }
  }
}

void search_node(const JsonNode& node, JsonPath& path, ReferenceSearch& search) {
  if (node.is_string()) return search_text(node.text, path, search);
  if (!node.children) return;
  for (std::size_t i = 0; i < node.values().size(); ++i) {
    if (node.is_object()) {
      path.enter(node.names()[i]);
    } else {
      path.enter(i);
    }
    search_node(node.values()[i], path, search);
    path.leave();
  }
}

}  // namespace

void search_references(const JsonNode& node, std::string_view base, ReferenceSearch& search) {
  JsonPath path{std::string(base)};
  search_node(node, path, search);
}

}  // namespace runledger::core

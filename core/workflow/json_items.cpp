#include "core/workflow/json_items.h"

#include <nlohmann/json.hpp>

namespace runledger::core {

std::optional<std::vector<JsonText>> split_array(std::string_view json) {
  const auto array = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!array.is_array()) return std::nullopt;
  std::vector<JsonText> items;
  for (const auto& item : array) items.push_back({item.dump()});
  return items;
}

}  // namespace runledger::core

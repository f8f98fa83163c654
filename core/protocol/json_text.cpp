#include "core/protocol/json_text.h"

#include "core/protocol/parse.h"

namespace runledger::core::protocol {

using nlohmann::json;

std::variant<json, std::string> parse_json(std::string_view text, std::size_t nesting_max) {
  bool too_deep = false;
  const auto cap_nesting = [&](int depth, json::parse_event_t event, json&) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && static_cast<std::size_t>(depth) >= nesting_max) too_deep = true;
    return !too_deep;
  };
  try {
    json document = json::parse(text, cap_nesting);
    if (too_deep) return "nested more than " + std::to_string(nesting_max) + " deep";
    return document;
  } catch (const json::exception& error) {
    return std::string(error.what());
  }
}

std::optional<std::string> json_text_problem(std::string_view text, JsonKind kind) {
  const auto parsed = parse_json(text, kJsonNestingMax);
  if (const auto* problem = std::get_if<std::string>(&parsed)) return *problem;
  if (kind == JsonKind::kObject && !std::get<json>(parsed).is_object()) {
    return std::string("not a JSON object but of type ") + std::get<json>(parsed).type_name();
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  try {
    json(text).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

std::string mended_utf8(std::string text) {
  if (is_utf8(text)) return text;
  const auto replaced = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  return json::parse(replaced).get<std::string>();
}

}  // namespace runledger::core::protocol

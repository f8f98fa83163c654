#include "examples/provider/json_object.h"

#include <nlohmann/json.hpp>

namespace runledger::provider {

using nlohmann::json;

json object_of(const std::string& text) {
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kJsonDepthMax;
    return !too_deep;
  };
  json parsed = json::parse(text, watch, false);
  if (too_deep || !parsed.is_object()) return json(json::value_t::discarded);
  return parsed;
}

std::string text_of(const json& object, const char* name, const char* otherwise) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace runledger::provider

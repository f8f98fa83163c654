// JSON that came from a client, and JSON on its way out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace runledger::provider {

inline constexpr int kJsonDepthMax = 64;

// Discarded where the text is no object, or is nested deeper than kJsonDepthMax.
nlohmann::json object_of(const std::string& text);
// `otherwise` where there is no such member, or it is no string.
std::string text_of(const nlohmann::json& object, const char* name, const char* otherwise = "");
// Bytes that are no UTF-8 are replaced: a header may have some.
std::string text_of(const nlohmann::json& value);

}  // namespace runledger::provider

// An event of the API as a line for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace runledger::cli {

std::string event_line(const nlohmann::ordered_json& event);

}  // namespace runledger::cli

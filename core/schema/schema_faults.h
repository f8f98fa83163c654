// What is wrong with an input, as one sentence for people.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json_text.h"
#include "core/schema/input_schema.h"

namespace runledger::core {

// Each place with its JSON pointer; nullopt: there is nothing wrong.
std::optional<std::string> faults_text(const std::vector<SchemaViolation>& violations);

// Inputs checked against schemas that are given as text. The same schema is compiled once: for an
// object that lives as long as a few commands. One thread.
class SchemaFaults {
 public:
  std::optional<std::string> operator()(const JsonText& schema, const JsonText& input);

 private:
  // By text; nullptr: it cannot be used.
  std::map<std::string, std::shared_ptr<const InputSchema>, std::less<>> compiled_;
};

}  // namespace runledger::core

// JSON that is carried, not looked into. A plain value.
#pragma once

#include <string>

namespace runledger::core {

struct JsonText {
  std::string text;
  bool operator==(const JsonText&) const = default;
};

}  // namespace runledger::core

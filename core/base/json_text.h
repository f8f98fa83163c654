// JSON that is carried, not looked into. A plain value.
#pragma once

#include <memory>
#include <string>

namespace runledger::core {

struct JsonText {
  std::string text;
  // Of the text, kept by who has hashed it; copies have it, too. Whoever gives the text other bytes
  // gives another JsonText.
  std::shared_ptr<const std::string> sha256 = nullptr;
  bool operator==(const JsonText& other) const { return text == other.text; }
};

}  // namespace runledger::core

// Splits a JSON object into its members without building it: each value stays the text that it is.
// Accepts exactly what the JSON grammar does (RFC 8259, UTF-8 included), so that text which has
// been scanned can be passed on. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace runledger::core {

struct JsonMember {
  std::string_view name;   // without its quotes
  std::string_view value;  // as it is written, without white space around it
};

enum class JsonKind {
  kObject,
  kOther,        // JSON, but not an object
  kEscapedName,  // an object with a name that is written with a backslash
  kNotJson,
};

// The members point into the text, in its order; they are whole only with kObject.
JsonKind scan_object(std::string_view text, std::vector<JsonMember>& members);

}  // namespace runledger::core

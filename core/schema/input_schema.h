// A task type's input schema (JSON Schema draft-07) and the check of an input against it. What the
// checker would silently ignore (unknown keywords, `pattern`, `format`) is refused when a schema is
// compiled, so that an author never relies on a rule that is not enforced. check(): any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runledger::core {

struct SchemaViolation {
  std::string pointer;  // RFC 6901, into the input; "" is the whole
  std::string message;
};

struct SchemaError {  // the schema itself cannot be used
  std::string reason;
};

inline constexpr std::size_t kSchemaViolationsMax = 20;  // reported for one input

class InputSchema {
 public:
  static std::variant<std::shared_ptr<const InputSchema>, SchemaError> compile(
      std::string_view schema_json);
  ~InputSchema();

  // Empty: the input fits. The input must be JSON text.
  std::vector<SchemaViolation> check(std::string_view input_json) const;

 private:
  struct Impl;
  explicit InputSchema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core

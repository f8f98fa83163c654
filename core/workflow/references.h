// References in a step's input: ${run.input.title}, ${run.id}, ${run.labels.x},
// ${steps.clip.output.url}, ${steps.clip.status}, ${item}, ${item.name}, ${index}. A path goes on
// with .member or [number]. A string that is one whole reference is replaced by the value itself,
// whatever its type; inside a longer string the value is put in as text (a string as it is,
// anything else as JSON). $${ stands for ${. Pure functions, any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/json_text.h"

namespace runledger::core {

// What a reference can see. Each function gives JSON text; nullopt: there is none.
struct ReferenceScope {
  std::string run_id;
  std::string_view run_input;  // JSON object
  std::function<std::optional<std::string>(std::string_view label)> label;
  // Of a step that has ended: {"status": "...", "output": ...}. A for_each step's output is the
  // array of its tasks' outputs.
  std::function<std::optional<std::string>(std::string_view step_id)> step;
  std::string_view item;               // JSON; empty outside of for_each
  std::optional<std::uint64_t> index;  // of the item
};

struct ReferenceError {
  std::string pointer;    // RFC 6901, into the template: where the reference stands
  std::string reference;  // "${steps.clip.output.url}"
  std::string message;
};

inline constexpr std::size_t kResolvedBytesMax = 4 * 1024 * 1024;  // of one resolved value

// Whether there is any "${" in it: if not, the text can be used as it is.
bool has_references(std::string_view json);
std::variant<JsonText, ReferenceError> resolve(std::string_view template_json,
                                               const ReferenceScope& scope);

// The form of all references alone, and which steps they speak of: for validation.
struct FoundReference {
  std::string pointer;
  std::string step_id;   // empty: it speaks of no step
  bool of_item = false;  // ${item…} or ${index}
};
std::variant<std::vector<FoundReference>, ReferenceError> find_references(
    std::string_view template_json);

}  // namespace runledger::core

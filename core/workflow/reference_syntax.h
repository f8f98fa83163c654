// The form of references: a string as literal text and the references in it. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runledger::core {

inline constexpr std::size_t kReferenceBytesMax = 1024;  // of one reference

using PathPart = std::variant<std::string, std::size_t>;  // .member or [number]

struct Reference {
  enum class Root : std::uint8_t {
    kRunInput,
    kRunId,
    kRunLabel,
    kStepOutput,
    kStepStatus,
    kItem,
    kIndex,
  };
  Root root = Root::kRunInput;
  std::string name;  // of the label or the step
  std::vector<PathPart> path;
  std::string text;  // as it was written, "${" and "}" included

  bool is_of_step() const { return root == Root::kStepOutput || root == Root::kStepStatus; }
  bool is_of_item() const { return root == Root::kItem || root == Root::kIndex; }
};

using TextPiece = std::variant<std::string, Reference>;  // literal, or a reference

struct MalformedReference {
  std::string reference;
  std::string message;
};

// Literal pieces have their $${ taken back to ${.
std::variant<std::vector<TextPiece>, MalformedReference> split_references(std::string_view text);

// The reference, if the text is one and nothing else. nullopt also if it is malformed.
std::optional<Reference> whole_reference(std::string_view text);

// Such that split_references() gives the text itself.
std::string escape_references(std::string_view text);

bool is_step_id(std::string_view text);

}  // namespace runledger::core

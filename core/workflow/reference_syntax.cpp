#include "core/workflow/reference_syntax.h"

#include <algorithm>
#include <charconv>

#include "core/workflow/json_node.h"
#include "core/workflow/spec.h"

namespace runledger::core {
namespace {

constexpr std::size_t kIndexDigitsMax = 9;

bool is_member_byte(char c) {
  constexpr std::string_view kNotInMembers = ".[]{}$\"'`\\";
  return static_cast<unsigned char>(c) > ' ' && c != 0x7f &&
         kNotInMembers.find(c) == kNotInMembers.npos;
}

// Reads one reference's inside. The message is empty as long as nothing is wrong.
class ReferenceReader {
 public:
  explicit ReferenceReader(std::string_view inside) : rest_(inside) {}

  bool read(Reference& reference) {
    const std::string head = word();
    if (head == "run") return read_run(reference);
    if (head == "steps") return read_step(reference);
    if (head == "item") {
      reference.root = Reference::Root::kItem;
      return read_path(reference);
    }
    if (head == "index") {
      reference.root = Reference::Root::kIndex;
      return read_end("${index}");
    }
    return fail("Expected a reference to begin with run, steps, item or index");
  }

  const std::string& message() const { return message_; }

 private:
  bool fail(std::string message) {
    message_ = std::move(message);
    return false;
  }

  std::string word() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_member_byte);
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    std::string found(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return found;
  }

  std::string member() {
    if (!rest_.starts_with('.')) return "";
    rest_.remove_prefix(1);
    return word();
  }

  bool read_run(Reference& reference) {
    const std::string what = member();
    if (what == "input") {
      reference.root = Reference::Root::kRunInput;
      return read_path(reference);
    }
    if (what == "id") {
      reference.root = Reference::Root::kRunId;
      return read_end("${run.id}");
    }
    if (what != "labels") {
      return fail("Expected run.input, run.id or run.labels.NAME");
    }
    // Names of labels may hold dots and more: all that is left is the name.
    if (!rest_.starts_with('.') || rest_.size() == 1) {
      return fail("Expected the name of a label after run.labels");
    }
    reference.root = Reference::Root::kRunLabel;
    reference.name = rest_.substr(1);
    return true;
  }

  bool read_step(Reference& reference) {
    reference.name = member();
    if (!is_step_id(reference.name)) return fail("Expected the id of a step after steps");
    const std::string what = member();
    if (what == "output") {
      reference.root = Reference::Root::kStepOutput;
      return read_path(reference);
    }
    if (what != "status") return fail("Expected .output or .status after the id of a step");
    reference.root = Reference::Root::kStepStatus;
    return read_end("a status");
  }

  bool read_path(Reference& reference) {
    while (!rest_.empty()) {
      if (rest_.front() == '.') {
        std::string name = member();
        if (name.empty()) return fail("Expected the name of a member after '.'");
        reference.path.emplace_back(std::move(name));
      } else if (rest_.front() == '[') {
        const auto index = read_index();
        if (!index) return fail("Expected a number from 0 in brackets, such as [0]");
        reference.path.emplace_back(*index);
      } else {
        return fail("Expected a path of .member and [number]");
      }
    }
    return true;
  }

  std::optional<std::size_t> read_index() {
    const std::size_t close = rest_.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view digits = rest_.substr(1, close - 1);
    if (digits.empty() || digits.size() > kIndexDigitsMax) return std::nullopt;
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    rest_.remove_prefix(close + 1);
    return index;
  }

  bool read_end(const char* what) {
    if (rest_.empty()) return true;
    return fail(std::string("Expected nothing after ") + what);
  }

  std::string_view rest_;
  std::string message_;
};

// The reference that the text begins with.
std::variant<Reference, MalformedReference> read_reference(std::string_view text) {
  const std::size_t close = text.find('}');
  if (close == std::string_view::npos) {
    return MalformedReference{shortened(text),
                              "Expected '}' at the end of a reference; $${ stands for ${ itself"};
  }
  Reference reference;
  reference.text = text.substr(0, close + 1);
  if (reference.text.size() > kReferenceBytesMax) {
    return MalformedReference{
        shortened(reference.text),
        "Expected a reference of at most " + std::to_string(kReferenceBytesMax) + " bytes"};
  }
  ReferenceReader reader(text.substr(2, close - 2));
  if (!reader.read(reference)) return MalformedReference{reference.text, reader.message()};
  return reference;
}

}  // namespace

bool is_step_id(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= kStepIdBytesMax &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::variant<std::vector<TextPiece>, MalformedReference> split_references(std::string_view text) {
  std::vector<TextPiece> pieces;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) pieces.emplace_back(std::move(literal));
    literal.clear();
  };
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    literal += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("$${")) {
      literal += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      auto read = read_reference(text);
      if (auto* malformed = std::get_if<MalformedReference>(&read)) return std::move(*malformed);
      auto& reference = std::get<Reference>(read);
      text.remove_prefix(reference.text.size());
      end_literal();
      pieces.emplace_back(std::move(reference));
    } else if (!text.empty()) {
      literal += '$';
      text.remove_prefix(1);
    }
  }
  end_literal();
  return pieces;
}

std::optional<Reference> whole_reference(std::string_view text) {
  if (!text.starts_with("${") || !text.ends_with('}')) return std::nullopt;
  auto read = read_reference(text);
  auto* reference = std::get_if<Reference>(&read);
  if (reference == nullptr || reference->text.size() != text.size()) return std::nullopt;
  return std::move(*reference);
}

std::string escape_references(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) escaped += '$';
    escaped += text[i];
  }
  return escaped;
}

}  // namespace runledger::core

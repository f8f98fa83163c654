#include "core/workflow/resolver.h"

namespace runledger::core {
namespace {

const std::string kTooLarge =
    "Expected a value of at most " + std::to_string(kResolvedBytesMax) + " bytes with it put in";
const std::string kTooDeep =
    "Expected a value nested at most " + std::to_string(kJsonDepthMax) + " deep with it put in";

class Resolver {
 public:
  Resolver(ReferenceValues& values, std::string_view base)
      : values_(values), path_(std::string(base)) {}

  std::variant<JsonText, ReferenceError> run(const JsonNode& node) {
    const bool written = write(node);
    values_.work().add(out_.size());
    if (!written) return std::move(error_);
    return JsonText{std::move(out_)};
  }

 private:
  bool fail(std::string reference, std::string message) {
    error_ = {path_.pointer(), std::move(reference), std::move(message)};
    return false;
  }

  bool fits(std::size_t more, const std::string& reference) {
    return out_.size() + more <= kResolvedBytesMax || fail(reference, kTooLarge);
  }

  bool write(const JsonNode& node) {
    if (node.is_string() && node.text.find("${") != std::string::npos) return write_text(node.text);
    if (!node.children) {
      append_json(out_, node);
      return fits(0, "");
    }
    out_ += node.is_object() ? '{' : '[';
    for (std::size_t i = 0; i < node.values().size(); ++i) {
      if (i != 0) out_ += ',';
      if (node.is_object()) {
        path_.enter(node.names()[i]);
        append_json_string(out_, node.names()[i]);
        out_ += ':';
      } else {
        path_.enter(i);
      }
      if (!write(node.values()[i])) return false;
      path_.leave();
    }
    out_ += node.is_object() ? '}' : ']';
    return fits(0, "");
  }

  bool write_text(const std::string& text) {
    const auto split = split_references(text);
    if (const auto* malformed = std::get_if<MalformedReference>(&split)) {
      return fail(malformed->reference, malformed->message);
    }
    const auto& pieces = std::get<std::vector<TextPiece>>(split);
    if (pieces.size() == 1) {
      if (const auto* whole = std::get_if<Reference>(&pieces[0])) return write_value(*whole);
    }
    std::string joined;
    for (const TextPiece& piece : pieces) {
      if (const auto* literal = std::get_if<std::string>(&piece)) {
        joined += *literal;
      } else if (!join(joined, std::get<Reference>(piece))) {
        return false;
      }
    }
    append_json_string(out_, joined);
    return fits(0, "");
  }

  const JsonNode* value_of(const Reference& reference) {
    FoundValue found = values_.look_up(reference);
    if (found.node == nullptr) {
      fail(reference.text,
           "Expected " + reference.text + " to lead to a value, but " + found.why_not);
    }
    return found.node;
  }

  bool write_value(const Reference& reference) {
    const JsonNode* value = value_of(reference);
    return value != nullptr && put(*value, path_.depth(), reference);
  }

  // The bounds are checked on the way, so that no reference costs more than they allow.
  bool put(const JsonNode& node, std::size_t depth, const Reference& reference) {
    if (!node.children) {
      if (!fits(node.text.size(), reference.text)) return false;
      append_json(out_, node);
      return fits(0, reference.text);
    }
    if (depth >= kJsonDepthMax) return fail(reference.text, kTooDeep);
    out_ += node.is_object() ? '{' : '[';
    for (std::size_t i = 0; i < node.values().size(); ++i) {
      if (i != 0) out_ += ',';
      if (node.is_object()) {
        append_json_string(out_, node.names()[i]);
        out_ += ':';
      }
      if (!put(node.values()[i], depth + 1, reference)) return false;
    }
    out_ += node.is_object() ? '}' : ']';
    return fits(0, reference.text);
  }

  bool join(std::string& joined, const Reference& reference) {
    const JsonNode* value = value_of(reference);
    if (value == nullptr) return false;
    if (value->is_string()) {
      if (!fits(joined.size() + value->text.size(), reference.text)) return false;
      joined += value->text;
      return true;
    }
    const std::size_t before = out_.size();
    if (!fits(joined.size(), reference.text) || !put(*value, 0, reference)) return false;
    joined += std::string_view(out_).substr(before);
    out_.resize(before);
    return fits(joined.size(), reference.text);
  }

  ReferenceValues& values_;
  JsonPath path_;
  std::string out_;
  ReferenceError error_;
};

}  // namespace

std::variant<JsonText, ReferenceError> resolve_node(const JsonNode& node, ReferenceValues& values,
                                                    std::string_view base) {
  return Resolver(values, base).run(node);
}

}  // namespace runledger::core

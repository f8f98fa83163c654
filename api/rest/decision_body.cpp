#include "api/rest/decision_body.h"

#include "api/rest/replies.h"

namespace runledger::api {

DecisionBody::DecisionBody(const Request& request) {
  if (request.body.empty()) return;
  auto parsed = parse_object_body(request.body);
  if (auto* refused = std::get_if<Problem>(&parsed)) {
    refused_ = std::move(*refused);
  } else {
    body_ = std::get<Json>(std::move(parsed));
  }
}

const Json* DecisionBody::find(const char* name) {
  read_.insert(name);
  const auto found = body_.find(name);
  return found == body_.end() || found->is_null() ? nullptr : &*found;
}

void DecisionBody::complain(const char* name, const std::string& message) {
  errors_.push_back({"/" + pointer_token(name), message});
}

void DecisionBody::complain(FieldError error) {
  errors_.push_back(std::move(error));
}

std::optional<std::uint64_t> DecisionBody::version() {
  const Json* value = find("expected_version");
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  complain("expected_version", "Expected an integer from 0");
  return std::nullopt;
}

std::string DecisionBody::text(const char* name) {
  const Json* value = find(name);
  if (value == nullptr) return {};
  if (value->is_string() && value->get_ref<const std::string&>().size() <= kCommentBytesMax) {
    return value->get<std::string>();
  }
  complain(name, "Expected a string of at most " + std::to_string(kCommentBytesMax) + " bytes");
  return {};
}

std::string DecisionBody::required_text(const char* name) {
  if (find(name) == nullptr) complain(name, "Expected a string");
  return text(name);
}

std::string DecisionBody::sha256(const char* name) {
  constexpr std::size_t kDigits = 64;
  const Json* value = find(name);
  const std::string digits =
      value != nullptr && value->is_string() ? value->get<std::string>() : "";
  if (digits.size() != kDigits ||
      digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    complain(name, "Expected the 64 hexadecimal digits of what was shown");
  }
  return digits;
}

std::optional<std::string> DecisionBody::json(const char* name) {
  const Json* value = find(name);
  return value == nullptr ? std::nullopt : std::optional(value->dump());
}

std::optional<Problem> DecisionBody::problem() {
  if (refused_) return refused_;
  for (const auto& [name, value] : body_.items()) {
    if (!read_.contains(name)) complain(name.c_str(), "There is no such member");
  }
  if (errors_.empty()) return std::nullopt;
  return bad_request("invalid_request", errors_);
}

}  // namespace runledger::api

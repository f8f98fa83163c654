#include "core/base/json_codec.h"
#include "core/domain/event_codec.h"

namespace runledger::core {
namespace {

template <typename Body>
std::string payload(const Body& body) {
  return json_codec::to_json(body);
}

// The members of the plan come last, beside the others.
std::string payload(const RunCreated& created) {
  std::string out = "{";
  json_codec::write_members(out, created);
  out.append(R"(,"spec":)").append(to_json(created.plan->spec));
  out.append(R"(,"input":)").append(created.plan->input.text);
  out.append(R"(,"session":)").append(created.plan->session.text).append("}");
  return out;
}

}  // namespace

std::string encode_payload(const EventBody& body) {
  return std::visit([](const auto& event) { return payload(event); }, body);
}

std::string_view type_of(const EventBody& body) {
  return std::visit([](const auto& event) { return event.kType; }, body);
}

std::uint16_t version_of(const EventBody& body) {
  return std::visit([]<typename T>(const T&) { return version_of<T>(); }, body);
}

}  // namespace runledger::core

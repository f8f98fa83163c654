#include "plugins/video/coze_answer.h"

namespace runledger::plugins::video {
namespace {

constexpr std::size_t kMessageBytesMax = 500;  // of the provider's own words

std::string text_of(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (found == object.end() || !found->is_string()) return "";
  return found->get<std::string>();
}

std::string shortened(const json& object, const char* name) {
  std::string text = text_of(object, name);
  if (text.size() <= kMessageBytesMax) return text;
  std::size_t end = kMessageBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // a character
  return text.substr(0, end) + "…";
}

HttpFailure no_answer(const std::string& message) {
  return {"provider_answer_invalid", message, true, std::chrono::milliseconds(0), true};
}

// JSON in a string in JSON in a string: {"Output": "{\"url\": …}"}.
std::string url_in(const std::string& output) {
  const json outer = json::parse(output, nullptr, false);
  const json inner = json::parse(text_of(outer, "Output"), nullptr, false);
  return text_of(inner, "url");
}

}  // namespace

CozeAnswer read_coze_answer(const HttpAnswer& answer) {
  CozeAnswer read{0, answer.expect_ok().json()};
  const auto code = read.body.is_object() ? read.body.find("code") : read.body.end();
  if (code == read.body.end() || !code->is_number_integer()) {
    throw no_answer(answer.asked + " answered without a code");
  }
  read.code = code->get<int>();
  return read;
}

Failure refused_by_coze(const CozeAnswer& answer) {
  return {
      "provider_refused",
      "The provider answered " + std::to_string(answer.code) + ": " + shortened(answer.body, "msg"),
      answer.code == kCozeBusy};
}

std::string execute_id_of(const CozeAnswer& answer) {
  std::string id = text_of(answer.body, "execute_id");
  if (id.empty()) throw no_answer("The provider took the run, but gave no execute_id");
  return id;
}

std::optional<std::string> result_url_of(const CozeAnswer& history) {
  const auto data = history.body.find("data");
  const bool has_one = data != history.body.end() && data->is_array() && data->size() == 1;
  const json run = has_one ? data->front() : json();
  const std::string status = text_of(run, "execute_status");
  if (status == "Running") return std::nullopt;
  if (status == "Fail") {
    throw Failure("provider_failed",
                  "The provider's run failed: " + shortened(run, "error_message"), false);
  }
  if (status != "Success") {
    throw Failure("provider_answer_unknown",
                  "Expected a run that is Running, Success or Fail, but it is '" +
                      shortened(run, "execute_status") + "'",
                  false);
  }
  std::string url = url_in(text_of(run, "output"));
  if (url.empty()) {
    throw Failure("provider_gave_no_url", "The provider's run succeeded, but has no URL", false);
  }
  return url;
}

}  // namespace runledger::plugins::video

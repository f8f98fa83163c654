#include "api/cli/event_line.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kDetailBytesMax = 160;

std::string text_of(const Json& data, const char* name) {
  const auto found = data.find(name);
  if (found == data.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string percent_of(const Json& data) {
  char text[16];
  std::snprintf(text, sizeof text, "%5.1f %%", data.value("percent", 0.0));
  return text;
}

std::string detail_of(const std::string& type, const Json& data) {
  if (type == "task.progressed") return percent_of(data) + " " + text_of(data, "message");
  if (type == "task.leased") {
    return "attempt " + text_of(data, "attempt") + " on " + text_of(data, "worker_name");
  }
  if (type == "task.lease_lost") return text_of(data, "reason");
  if (type == "task.emitted") return text_of(data, "type") + " " + text_of(data, "data");
  if (type == "task.logged") return text_of(data, "level") + ": " + text_of(data, "text");
  if (type == "token.created") {
    return text_of(data, "tenant") + "/" + text_of(data, "user") + " " + text_of(data, "roles");
  }
  if (type == "worker.registered") return text_of(data, "name") + " pid " + text_of(data, "pid");
  if (type == "task_type.registered") {
    return text_of(data, "name") + " " + text_of(data, "version");
  }
  if (type.starts_with("remote.")) {
    return text_of(data, "provider") + " " + text_of(data, "outcome") + " " +
           (data.contains("execute_id") ? text_of(data, "execute_id")
                                        : text_of(data, "idempotency_key"));
  }
  if (type == "resource.created") return text_of(data, "name") + " " + text_of(data, "media_type");
  if (type == "resource.succeeded") return text_of(data, "size") + " bytes";
  if (type == "task.succeeded") return text_of(data, "output");
  if (type == "task.failed" || type == "run.failed" || type == "resource.failed") {
    return data.contains("error") ? text_of(data["error"], "message") : "";
  }
  return "";
}

// Control characters would reach the terminal.
std::string printable(std::string text) {
  if (text.size() > kDetailBytesMax) {
    std::size_t end = kDetailBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end) + "…";
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

std::string event_line(const Json& event) {
  char head[128];
  const std::string type = event.value("type", "");
  std::snprintf(head, sizeof head, "%6llu  %-27s  %-20s  %-14s ",
                static_cast<unsigned long long>(event.value("idx", std::uint64_t{0})),
                event.value("time", "").c_str(), type.substr(0, 32).c_str(),
                printable(event.value("actor", "")).substr(0, 32).c_str());
  return head + printable(detail_of(type, event.value("data", Json::object())));
}

}  // namespace runledger::cli
